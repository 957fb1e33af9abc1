/* full-ascii.h: lower case in Code 39, which has none: "+A" stands for "a", "/C" for "#" (ISO/IEC
 * 16388, annex A). Nothing in the symbol tells whether it is meant so. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_full_ascii_expand:
 *
 * Only where it is most likely meant: each sign that may stand for another does, all of it can be
 * printed, and there is a lower case letter ("S/N123" is a serial number, not "S.123"). A label of
 * a medical product (HIBC: starts with +, ends with a check character) is never meant so.
 *
 * Returns: (nullable): the text meant
 */
char *bipe_full_ascii_expand (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
