#include "config.h"

#include "store/columns.h"

const BipeColumn bipe_columns[BIPE_N_COLUMNS] = {
  { BIPE_COLUMN_UUID, G_STRUCT_OFFSET (BipeScan, uuid) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, key) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, code) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, aim) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, symbology) },
  { BIPE_COLUMN_SOURCE, G_STRUCT_OFFSET (BipeScan, source) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, device) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, station) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, operator) },
  { BIPE_COLUMN_TIME, G_STRUCT_OFFSET (BipeScan, scanned_at) },
  { BIPE_COLUMN_TIME, G_STRUCT_OFFSET (BipeScan, collected_at) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, code_read) },
  { BIPE_COLUMN_INTEGER, G_STRUCT_OFFSET (BipeScan, id) },
  { BIPE_COLUMN_TIME, G_STRUCT_OFFSET (BipeScan, stored_at) },
  { BIPE_COLUMN_TIME, G_STRUCT_OFFSET (BipeScan, voided_at) },
  { BIPE_COLUMN_TEXT, G_STRUCT_OFFSET (BipeScan, reason) },
};

/* 9999-12-31T23:59:59.999999Z: the last time that RFC 3339 can write. */
#define TIME_MAX G_GINT64_CONSTANT (253402300799999999)

const char *
bipe_column_get_text (const BipeColumn *self, const BipeScan *scan)
{
  if (self->type == BIPE_COLUMN_SOURCE)
    return bipe_scan_source_name (scan->source);
  return G_STRUCT_MEMBER (const char *, scan, self->offset);
}

gint64
bipe_column_get_integer (const BipeColumn *self, const BipeScan *scan)
{
  return G_STRUCT_MEMBER (gint64, scan, self->offset);
}

void
bipe_column_set_text (const BipeColumn *self, BipeScan *fields, const char *text)
{
  if (self->type == BIPE_COLUMN_TEXT)
    G_STRUCT_MEMBER (const char *, fields, self->offset) = text;
  else if (!bipe_scan_source_parse (text, &fields->source))
    fields->source = BIPE_SOURCE_IMPORT;
}

void
bipe_column_set_integer (const BipeColumn *self, BipeScan *fields, gint64 value)
{
  /* A database also knows times before 1970, and infinity. */
  if (self->type == BIPE_COLUMN_TIME)
    value = CLAMP (value, 1, TIME_MAX);
  G_STRUCT_MEMBER (gint64, fields, self->offset) = value;
}

BipeScan *
bipe_columns_make_scan (BipeScan *fields)
{
  g_autoptr(GPtrArray) repaired = NULL; /* seldom needed */

  for (guint i = 0; i < BIPE_N_COLUMNS; i++)
    {
      const char *text;

      if (bipe_columns[i].type != BIPE_COLUMN_TEXT)
        continue;
      text = bipe_column_get_text (&bipe_columns[i], fields);
      if (text == NULL || g_utf8_validate (text, -1, NULL))
        continue;
      if (repaired == NULL)
        repaired = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (repaired, g_utf8_make_valid (text, -1));
      bipe_column_set_text (&bipe_columns[i], fields, repaired->pdata[repaired->len - 1]);
    }
  fields->state = fields->voided_at != 0 ? BIPE_SCAN_VOIDED : BIPE_SCAN_STORED;
  return bipe_scan_new (fields);
}

static void
clear_value (gpointer data)
{
  g_free (((BipeQueryValue *)data)->text);
}

GArray *
bipe_query_values_new (void)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (BipeQueryValue));

  g_array_set_clear_func (values, clear_value);
  return values;
}

static void
add_number (GString *sql, GArray *values, const char *condition, BipeColumnType type, gint64 number)
{
  BipeQueryValue value = { type, number, NULL };

  g_array_append_val (values, value);
  g_string_append_printf (sql, " AND %s $%u", condition, values->len);
}

/* Takes @text over. */
static void
add_text (GString *sql, GArray *values, const char *condition, char *text)
{
  BipeQueryValue value = { BIPE_COLUMN_TEXT, 0, text };

  g_array_append_val (values, value);
  g_string_append_printf (sql, " AND %s $%u", condition, values->len);
}

static char *
make_pattern (const char *text)
{
  GString *pattern = g_string_new ("%");

  for (; *text != '\0'; text++)
    {
      if (*text == '%' || *text == '_' || *text == '\\')
        g_string_append_c (pattern, '\\');
      g_string_append_c (pattern, *text);
    }
  g_string_append_c (pattern, '%');
  return g_string_free (pattern, FALSE);
}

/* A name that we don't know counts as import, so import is what has none of the others. */
static void
add_source (GString *sql, GArray *values, BipeScanSource source)
{
  if (source != BIPE_SOURCE_IMPORT)
    {
      add_text (sql, values, "source =", g_strdup (bipe_scan_source_name (source)));
      return;
    }
  for (guint i = 0; i < BIPE_SOURCE_IMPORT; i++)
    add_text (sql, values, "source <>", g_strdup (bipe_scan_source_name (i)));
}

static const char *
state_condition (int state)
{
  if (state == BIPE_SCAN_STORED)
    return " AND voided_at IS NULL";
  if (state == BIPE_SCAN_VOIDED)
    return " AND voided_at IS NOT NULL";
  return state < 0 ? "" : " AND FALSE";
}

char *
bipe_columns_build_page (const BipeQuery *query, const char *like, GArray *values)
{
  GString *sql = g_string_new ("SELECT " BIPE_COLUMNS " FROM scan WHERE TRUE");

  if (query->after != 0)
    add_number (sql, values, "id >", BIPE_COLUMN_INTEGER, query->after);
  if (query->before != 0)
    add_number (sql, values, "id <", BIPE_COLUMN_INTEGER, query->before);
  if (query->since != 0)
    add_number (sql, values, "scanned_at >=", BIPE_COLUMN_TIME, query->since);
  if (query->until != 0)
    add_number (sql, values, "scanned_at <", BIPE_COLUMN_TIME, query->until);
  if (query->text != NULL && like == NULL)
    {
      BipeQueryValue value = { BIPE_COLUMN_TEXT, 0, g_strdup (query->text) };

      g_array_append_val (values, value);
      g_string_append_printf (sql, " AND contains (code, $%u)", values->len);
    }
  else if (query->text != NULL)
    {
      g_autofree char *condition = g_strdup_printf ("code %s", like);

      add_text (sql, values, condition, make_pattern (query->text));
      g_string_append (sql, " ESCAPE '\\'");
    }
  if (query->symbology != NULL)
    add_text (sql, values, "symbology =", g_strdup (query->symbology));
  if (query->station != NULL)
    add_text (sql, values, "station =", g_strdup (query->station));
  if (query->source >= 0)
    add_source (sql, values, query->source);
  g_string_append (sql, state_condition (query->state));

  g_string_append_printf (sql, " ORDER BY id %s LIMIT %u", query->is_descending ? "DESC" : "ASC",
                          CLAMP (query->limit, 1, BIPE_QUERY_LIMIT_MAX));
  return g_string_free (sql, FALSE);
}
