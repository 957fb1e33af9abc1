/* sid.h: names that nobody can guess. Who knows the one of a session, speaks for it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* 24 characters of base64url, 144 bits, and the NUL. */
#define BIPE_SID_SIZE 25

void bipe_sid_make (char sid[BIPE_SID_SIZE]);

G_END_DECLS
