#include "config.h"

#include "journal/row.h"

#include <string.h>

static void
bind_or_null (sqlite3_stmt *statement, int index, gint64 value, gint64 null)
{
  if (value != null)
    sqlite3_bind_int64 (statement, index, value);
  else
    sqlite3_bind_null (statement, index);
}

void
bipe_row_bind (const BipeRow *self, sqlite3_stmt *statement, gint64 changed_at)
{
  const BipeScan *scan = self->scan;
  const char *const texts[] = { scan->key,
                                scan->code,
                                scan->aim,
                                scan->symbology,
                                scan->device,
                                scan->station,
                                scan->operator,
                                scan->code_read,
                                scan->reason };
  const gint64 times[]
      = { scan->scanned_at, scan->stored_at, scan->collected_at, scan->voided_at, changed_at };

  sqlite3_bind_int64 (statement, 1, self->seq);
  bind_or_null (statement, 2, self->accepted_at, 0);
  bind_or_null (statement, 3, self->place, BIPE_PLACE_NONE);
  bind_or_null (statement, 4, self->collecting, 0);
  sqlite3_bind_blob (statement, 5, scan->uuid.bytes, sizeof scan->uuid.bytes, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 6, scan->id);
  sqlite3_bind_int64 (statement, 7, scan->state);
  sqlite3_bind_int64 (statement, 8, scan->source);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    sqlite3_bind_text (statement, 9 + (int)i, texts[i], -1, SQLITE_STATIC);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    sqlite3_bind_int64 (statement, 18 + (int)i, times[i]);
}

void
bipe_row_read (BipeRow *self, sqlite3_stmt *statement)
{
  BipeScan fields = { .id = sqlite3_column_int64 (statement, 5),
                      .state = sqlite3_column_int (statement, 6),
                      .source = sqlite3_column_int (statement, 7),
                      .scanned_at = sqlite3_column_int64 (statement, 17),
                      .stored_at = sqlite3_column_int64 (statement, 18),
                      .collected_at = sqlite3_column_int64 (statement, 19),
                      .voided_at = sqlite3_column_int64 (statement, 20) };
  const char **const texts[] = { &fields.key,    &fields.code,    &fields.aim,
                                 &fields.symbology, &fields.device,  &fields.station,
                                 &fields.operator, &fields.code_read, &fields.reason };

  if (sqlite3_column_bytes (statement, 4) == sizeof fields.uuid.bytes)
    memcpy (fields.uuid.bytes, sqlite3_column_blob (statement, 4), sizeof fields.uuid.bytes);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *texts[i] = (const char *)sqlite3_column_text (statement, 8 + (int)i);
  self->seq = sqlite3_column_int64 (statement, 0);
  self->accepted_at = sqlite3_column_int64 (statement, 1);
  self->place = sqlite3_column_type (statement, 2) == SQLITE_NULL
                    ? BIPE_PLACE_NONE
                    : (BipePlace)sqlite3_column_int (statement, 2);
  self->collecting = sqlite3_column_int (statement, 3);
  self->scan = bipe_scan_new (&fields);
}

void
bipe_row_clear (BipeRow *self)
{
  g_clear_pointer (&self->scan, bipe_scan_unref);
}
