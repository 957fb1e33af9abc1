/* uuid.h: UUID version 7 (RFC 9562, section 5.7), monotonic across clock steps. */
#pragma once

#include "base/types.h"

G_BEGIN_DECLS

typedef struct
{
  guint8 bytes[16];
} BipeUuid;

/* 36 characters and the NUL. */
#define BIPE_UUID_STRING_SIZE 37

/* Writes the canonical lower-case form. */
void bipe_uuid_format (const BipeUuid *uuid, char text[BIPE_UUID_STRING_SIZE]);

/* Any version, either case, with hyphens; FALSE where @text is no UUID. */
gboolean bipe_uuid_parse (const char *text, BipeUuid *uuid);

/* When one of version 7 was made: microseconds since 1970, to the millisecond. */
gint64 bipe_uuid_get_time (const BipeUuid *uuid);

/* For GHashTable, keys being pointers to BipeUuid. */
guint bipe_uuid_hash (gconstpointer uuid);
gboolean bipe_uuid_equal (gconstpointer a, gconstpointer b);

/* Makes UUIDs in ascending order, whatever the clock does; any thread. */
BipeUuidSource *bipe_uuid_source_new (BipeClock *clock);
void bipe_uuid_source_free (BipeUuidSource *self);

/* What comes next is greater than @floor: the last one that an earlier run has made. */
void bipe_uuid_source_raise (BipeUuidSource *self, const BipeUuid *floor);

BipeUuid bipe_uuid_source_next (BipeUuidSource *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeUuidSource, bipe_uuid_source_free)

G_END_DECLS
