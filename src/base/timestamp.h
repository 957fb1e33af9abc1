/* timestamp.h: RFC 3339 in UTC with microseconds, as every record shows it. A timestamp is
 * microseconds since 1970; 0 stands for none. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "2026-11-22T10:00:00.000001Z" and the NUL. */
#define BIPE_TIMESTAMP_SIZE 28

void bipe_timestamp_format (gint64 timestamp, char text[BIPE_TIMESTAMP_SIZE]);

/* Takes any RFC 3339 date-time with an offset; FALSE where @text is none, or out of 1970 to 9999.
 */
gboolean bipe_timestamp_parse (const char *text, gint64 *timestamp);

G_END_DECLS
