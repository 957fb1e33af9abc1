/* csv.c: /v1/scans.csv: the history as a table, RFC 4180. What stands in a cell is anybody's text,
 * and a spreadsheet runs what it takes for a formula: such a cell gets a leading apostrophe, which
 * spreadsheets show and do not run. A blank in front hides nothing from them, and where Chinese or
 * Japanese is written the wide forms of the signs count as well. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/timestamp.h"
#include "server/handlers/handlers.h"
#include "server/handlers/scan-filters.h"
#include "server/stream.h"

#define CONTENT_TYPE "text/csv; charset=utf-8; header=present"

/* The byte order mark, by which Excel knows UTF-8. */
#define BOM "\357\273\277"

#define COLUMNS                                                                                    \
  "uuid,key,id,code,aim,symbology,source,device,station,operator,scanned_at,stored_at,"            \
  "collected_at,voided_at,state,code_read,reason\r\n"

static gboolean
is_formula (const char *text)
{
  static const char *const wide[] = { "\357\274\235", "\357\274\213", "\357\274\215",
                                      "\357\274\240" }; /* U+FF1D, U+FF0B, U+FF0D, U+FF20 */
  const char *start = text;

  if (text[0] == '\t' || text[0] == '\r')
    return TRUE;
  while (g_unichar_isspace (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);
  if (start[0] != '\0' && strchr ("=+-@", start[0]) != NULL)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (wide); i++)
    if (g_str_has_prefix (start, wide[i]))
      return TRUE;
  return FALSE;
}

/* @text: (nullable): an empty cell */
static void
append_raw (GString *out, const char *text)
{
  if (text == NULL)
    return;
  if (text[strcspn (text, ",\"\r\n")] == '\0')
    {
      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, '"');
  for (const char *quote; (quote = strchr (text, '"')) != NULL; text = quote + 1)
    {
      g_string_append_len (out, text, quote + 1 - text);
      g_string_append_c (out, '"');
    }
  g_string_append (out, text);
  g_string_append_c (out, '"');
}

static void
append_safe (GString *out, const char *text)
{
  g_autofree char *shown = NULL;

  if (text != NULL && is_formula (text))
    text = shown = g_strconcat ("'", text, NULL);
  append_raw (out, text);
}

static void
append_time (GString *out, gint64 time)
{
  char text[BIPE_TIMESTAMP_SIZE];

  if (time != 0)
    {
      bipe_timestamp_format (time, text);
      g_string_append (out, text);
    }
  g_string_append_c (out, ',');
}

static void
append_row (const BipeScan *scan, GString *out, void (*append) (GString *out, const char *text))
{
  const char *const texts[]
      = { scan->code, scan->aim, scan->symbology, bipe_scan_source_name (scan->source),
          scan->device, scan->station, scan->operator, };
  char uuid[BIPE_UUID_STRING_SIZE];

  bipe_uuid_format (&scan->uuid, uuid);
  g_string_append (out, uuid);
  g_string_append_c (out, ',');
  append (out, scan->key);
  g_string_append_c (out, ',');
  if (scan->id != 0)
    bipe_json_append_integer (out, scan->id);
  g_string_append_c (out, ',');
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      append (out, texts[i]);
      g_string_append_c (out, ',');
    }
  append_time (out, scan->scanned_at);
  append_time (out, scan->stored_at);
  append_time (out, scan->collected_at);
  append_time (out, scan->voided_at);
  g_string_append (out, bipe_scan_state_name (scan->state));
  g_string_append_c (out, ',');
  append (out, scan->code_read);
  g_string_append_c (out, ',');
  append (out, scan->reason);
  g_string_append (out, "\r\n");
}

static void
append_safe_row (const BipeScan *scan, GString *out)
{
  append_row (scan, out, append_safe);
}

static void
append_raw_row (const BipeScan *scan, GString *out)
{
  append_row (scan, out, append_raw);
}

/* The switch @name, off where it is not there. FALSE: BIPE_ERROR_INVALID. */
static gboolean
read_switch (GPtrArray *parameters, const char *name, gboolean *is_on, GError **error)
{
  const char *value = NULL;

  for (guint i = 0; i + 1 < parameters->len; i += 2)
    {
      if (!g_str_equal (parameters->pdata[i], name))
        continue;
      if (value != NULL)
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s is given twice", name);
          return FALSE;
        }
      value = parameters->pdata[i + 1];
    }
  *is_on = g_strcmp0 (value, "1") == 0;
  if (value == NULL || *is_on || g_str_equal (value, "0"))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be 0 or 1", name);
  return FALSE;
}

/* "scans-till-2-2026-01-31.csv", by the station's name and the day in UTC. */
static char *
make_disposition (BipeExchange *exchange)
{
  g_autofree char *name = g_strdup (bipe_station_get_name (bipe_exchange_get_station (exchange)));
  char today[BIPE_TIMESTAMP_SIZE];

  g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", '-');
  bipe_timestamp_format (g_get_real_time (), today);
  return g_strdup_printf ("attachment; filename=\"scans-%.64s-%.10s.csv\"", name, today);
}

void
bipe_csv_get (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) parameters = bipe_exchange_parse_query (exchange, &error);
  g_autoptr(BipeQuery) query = NULL;
  g_autofree char *disposition = make_disposition (exchange);
  gboolean is_raw, has_bom;
  BipeStreamFormat format = {
    .content_type = CONTENT_TYPE,
    .disposition = disposition,
    .separator = "",
    .tail = "",
  };

  if (parameters == NULL || !read_switch (parameters, "raw", &is_raw, &error)
      || !read_switch (parameters, "bom", &has_bom, &error)
      || (query = bipe_scan_filters_parse (parameters, BIPE_STREAM_ALL, G_MAXINT, &error)) == NULL)
    {
      bipe_exchange_fail (exchange, error);
      return;
    }
  format.head = has_bom ? BOM COLUMNS : COLUMNS;
  format.append = is_raw ? append_raw_row : append_safe_row;
  bipe_stream_start (exchange, &format, g_steal_pointer (&query));
}
