/* postgres-values.c: an array is five words (dimensions, has NULLs, element type, length, first
 * index) and then for each element its length, or −1 for NULL, and its bytes. */
#include "config.h"

#include "store/postgres-values.h"

#include <string.h>

/* The numbers of built-in types never change (src/include/catalog/pg_type.dat). */
enum
{
  TYPE_BIGINT = 20,
  TYPE_TEXT = 25,
  TYPE_BIGINT_ARRAY = 1016,
  TYPE_TEXT_ARRAY = 1009,
  TYPE_TIMESTAMPTZ = 1184,
  TYPE_TIMESTAMPTZ_ARRAY = 1185,
  TYPE_UUID = 2950,
  TYPE_UUID_ARRAY = 2951,
};

/* 2000-01-01 in microseconds since 1970. */
#define EPOCH G_GINT64_CONSTANT (946684800000000)

void
bipe_parameters_clear (BipeParameters *self)
{
  for (int i = 0; i < self->n; i++)
    g_clear_pointer (&self->owned[i], g_byte_array_unref);
}

static void
add (BipeParameters *self, Oid type, gconstpointer value, gsize length)
{
  g_assert (self->n < BIPE_PARAMETERS_MAX);

  self->types[self->n] = type;
  self->values[self->n] = value;
  self->lengths[self->n] = (int)length;
  self->formats[self->n] = 1;
  self->n++;
}

void
bipe_parameters_add_text (BipeParameters *self, const char *text)
{
  add (self, TYPE_TEXT, text, text != NULL ? strlen (text) : 0);
}

void
bipe_parameters_add_uuid (BipeParameters *self, const BipeUuid *uuid)
{
  add (self, TYPE_UUID, uuid->bytes, sizeof uuid->bytes);
}

static void
add_number (BipeParameters *self, Oid type, gint64 value)
{
  gint64 bytes = GINT64_TO_BE (value);
  GByteArray *owned = g_byte_array_append (g_byte_array_new (), (guint8 *)&bytes, sizeof bytes);

  self->owned[self->n] = owned;
  add (self, type, owned->data, owned->len);
}

void
bipe_parameters_add_integer (BipeParameters *self, gint64 value)
{
  add_number (self, TYPE_BIGINT, value);
}

void
bipe_parameters_add_time (BipeParameters *self, gint64 time)
{
  if (time == 0)
    add (self, TYPE_TIMESTAMPTZ, NULL, 0);
  else
    add_number (self, TYPE_TIMESTAMPTZ, time - EPOCH);
}

static void
append_word (GByteArray *array, gint32 word)
{
  gint32 bytes = GINT32_TO_BE (word);

  g_byte_array_append (array, (guint8 *)&bytes, sizeof bytes);
}

static void
append_integer (GByteArray *array, gint64 value)
{
  gint64 bytes = GINT64_TO_BE (value);

  append_word (array, sizeof bytes);
  g_byte_array_append (array, (guint8 *)&bytes, sizeof bytes);
}

static void
append_uuid (GByteArray *array, const BipeUuid *uuid)
{
  append_word (array, sizeof uuid->bytes);
  g_byte_array_append (array, uuid->bytes, sizeof uuid->bytes);
}

static void
append_time (GByteArray *array, gint64 time)
{
  if (time == 0)
    append_word (array, -1);
  else
    append_integer (array, time - EPOCH);
}

static void
append_text (GByteArray *array, const char *text)
{
  gsize length = text != NULL ? strlen (text) : 0;

  append_word (array, text != NULL ? (gint32)length : -1);
  g_byte_array_append (array, (const guint8 *)text, (guint)length);
}

static GByteArray *
start_array (Oid element, guint n)
{
  GByteArray *array = g_byte_array_sized_new (20 + n * 20);

  append_word (array, 1);
  append_word (array, 1);
  append_word (array, (gint32)element);
  append_word (array, (gint32)n);
  append_word (array, 1);
  return array;
}

static void
take_array (BipeParameters *self, Oid type, GByteArray *array)
{
  self->owned[self->n] = array;
  add (self, type, array->data, array->len);
}

void
bipe_parameters_add_integers (BipeParameters *self, const gint64 *values, guint n_values)
{
  GByteArray *array = start_array (TYPE_BIGINT, n_values);

  for (guint i = 0; i < n_values; i++)
    append_integer (array, values[i]);
  take_array (self, TYPE_BIGINT_ARRAY, array);
}

void
bipe_parameters_add_uuids (BipeParameters *self, const BipeUuid *uuids, guint n_uuids)
{
  GByteArray *array = start_array (TYPE_UUID, n_uuids);

  for (guint i = 0; i < n_uuids; i++)
    append_uuid (array, &uuids[i]);
  take_array (self, TYPE_UUID_ARRAY, array);
}

static Oid
element_type (const BipeColumn *column)
{
  switch (column->type)
    {
    case BIPE_COLUMN_INTEGER:
      return TYPE_BIGINT;
    case BIPE_COLUMN_UUID:
      return TYPE_UUID;
    case BIPE_COLUMN_TIME:
      return TYPE_TIMESTAMPTZ;
    case BIPE_COLUMN_TEXT:
    case BIPE_COLUMN_SOURCE:
    default:
      return TYPE_TEXT;
    }
}

static Oid
array_type (const BipeColumn *column)
{
  switch (column->type)
    {
    case BIPE_COLUMN_INTEGER:
      return TYPE_BIGINT_ARRAY;
    case BIPE_COLUMN_UUID:
      return TYPE_UUID_ARRAY;
    case BIPE_COLUMN_TIME:
      return TYPE_TIMESTAMPTZ_ARRAY;
    case BIPE_COLUMN_TEXT:
    case BIPE_COLUMN_SOURCE:
    default:
      return TYPE_TEXT_ARRAY;
    }
}

static void
append_field (GByteArray *array, const BipeColumn *column, const BipeScan *scan)
{
  switch (column->type)
    {
    case BIPE_COLUMN_INTEGER:
      append_integer (array, bipe_column_get_integer (column, scan));
      break;
    case BIPE_COLUMN_UUID:
      append_uuid (array, &scan->uuid);
      break;
    case BIPE_COLUMN_TIME:
      append_time (array, bipe_column_get_integer (column, scan));
      break;
    case BIPE_COLUMN_TEXT:
    case BIPE_COLUMN_SOURCE:
    default:
      append_text (array, bipe_column_get_text (column, scan));
      break;
    }
}

void
bipe_parameters_add_column (BipeParameters *self, const BipeColumn *column, GPtrArray *scans)
{
  GByteArray *array = start_array (element_type (column), scans->len);

  for (guint i = 0; i < scans->len; i++)
    append_field (array, column, scans->pdata[i]);
  take_array (self, array_type (column), array);
}

gint64
bipe_result_get_integer (const PGresult *result, int row, int column)
{
  gint64 bytes;

  g_assert (PQgetlength (result, row, column) == sizeof bytes);
  memcpy (&bytes, PQgetvalue (result, row, column), sizeof bytes);
  return GINT64_FROM_BE (bytes);
}

gint64
bipe_result_get_time (const PGresult *result, int row, int column)
{
  gint64 time;

  /* Infinity is the greatest number. */
  if (__builtin_add_overflow (bipe_result_get_integer (result, row, column), EPOCH, &time))
    time = G_MAXINT64;
  return time;
}

const BipeUuid *
bipe_result_get_uuid (const PGresult *result, int row, int column)
{
  g_assert (PQgetlength (result, row, column) == sizeof (BipeUuid));
  return (const BipeUuid *)PQgetvalue (result, row, column);
}

BipeScan *
bipe_result_make_scan (const PGresult *result, int row)
{
  BipeScan fields = { 0 };

  for (int i = 0; i < BIPE_N_COLUMNS; i++)
    {
      const BipeColumn *column = &bipe_columns[i];

      if (PQgetisnull (result, row, i))
        continue;
      switch (column->type)
        {
        case BIPE_COLUMN_INTEGER:
          bipe_column_set_integer (column, &fields, bipe_result_get_integer (result, row, i));
          break;
        case BIPE_COLUMN_TIME:
          bipe_column_set_integer (column, &fields, bipe_result_get_time (result, row, i));
          break;
        case BIPE_COLUMN_UUID:
          fields.uuid = *bipe_result_get_uuid (result, row, i);
          break;
        case BIPE_COLUMN_TEXT:
        case BIPE_COLUMN_SOURCE:
        default:
          bipe_column_set_text (column, &fields, PQgetvalue (result, row, i));
          break;
        }
    }
  return bipe_columns_make_scan (&fields);
}
