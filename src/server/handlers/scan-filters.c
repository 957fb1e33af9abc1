#include "config.h"

#include "server/handlers/scan-filters.h"

#include "base/error.h"
#include "base/timestamp.h"
#include "server/handlers/common.h"

/* Past the bounds, which are not the same for all routes: 0, which the end refuses. */
static gboolean
set_limit (BipeQuery *query, const char *value)
{
  gint64 limit;

  if (!bipe_handlers_parse_id (value, &limit) || limit < 1 || limit > G_MAXUINT)
    limit = 0;
  query->limit = (guint)limit;
  return TRUE;
}

static gboolean
set_after (BipeQuery *query, const char *value)
{
  return bipe_handlers_parse_id (value, &query->after) && query->after >= 0;
}

static gboolean
set_before (BipeQuery *query, const char *value)
{
  return bipe_handlers_parse_id (value, &query->before) && query->before >= 1;
}

static gboolean
set_order (BipeQuery *query, const char *value)
{
  query->is_descending = g_str_equal (value, "desc");
  return query->is_descending || g_str_equal (value, "asc");
}

static gboolean
set_text (BipeQuery *query, const char *value)
{
  query->text = g_strdup (value);
  return TRUE;
}

static gboolean
set_since (BipeQuery *query, const char *value)
{
  return bipe_timestamp_parse (value, &query->since);
}

static gboolean
set_until (BipeQuery *query, const char *value)
{
  return bipe_timestamp_parse (value, &query->until);
}

static gboolean
set_symbology (BipeQuery *query, const char *value)
{
  query->symbology = g_strdup (value);
  return TRUE;
}

static gboolean
set_station (BipeQuery *query, const char *value)
{
  query->station = g_strdup (value);
  return TRUE;
}

static gboolean
set_source (BipeQuery *query, const char *value)
{
  BipeScanSource source;

  if (!bipe_scan_source_parse (value, &source))
    return FALSE;
  query->source = (int)source;
  return TRUE;
}

/* The store has no others. */
static gboolean
set_state (BipeQuery *query, const char *value)
{
  BipeScanState state;

  if (!bipe_scan_state_parse (value, &state)
      || (state != BIPE_SCAN_STORED && state != BIPE_SCAN_VOIDED))
    return FALSE;
  query->state = (int)state;
  return TRUE;
}

#define SOURCES "wedge, evdev, hid-pos, serial, camera, manual, remote, import"

static const struct
{
  const char *name;
  gboolean (*set) (BipeQuery *query, const char *value);
  const char *rule;
} filters[] = {
  { "limit", set_limit, NULL },
  { "after", set_after, "an id" },
  { "before", set_before, "an id" },
  { "order", set_order, "asc or desc" },
  { "q", set_text, "text" },
  { "since", set_since, "a time such as 2026-01-31T10:00:00Z" },
  { "until", set_until, "a time such as 2026-01-31T10:00:00Z" },
  { "symbology", set_symbology, "text" },
  { "station", set_station, "text" },
  { "source", set_source, "one of " SOURCES },
  { "state", set_state, "stored or voided" },
};

/* The place in the table; −1: there is no such filter. */
static int
find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    if (g_str_equal (name, filters[i].name))
      return (int)i;
  return -1;
}

/* @seen: a bit for each filter that was set before. */
static gboolean
set (BipeQuery *query, int filter, const char *value, guint *seen, GError **error)
{
  gboolean is_new = (*seen & 1u << filter) == 0;

  *seen |= 1u << filter;
  if (!is_new)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s is given twice", filters[filter].name);
  else if (!filters[filter].set (query, value))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be %s", filters[filter].name,
                 filters[filter].rule);
  else
    return TRUE;
  return FALSE;
}

BipeQuery *
bipe_scan_filters_parse (GPtrArray *parameters, guint limit, guint limit_max, GError **error)
{
  g_autoptr(BipeQuery) query = bipe_query_new ();
  guint seen = 0;

  query->limit = limit;
  for (guint i = 0; i + 1 < parameters->len; i += 2)
    {
      int filter = find (parameters->pdata[i]);

      if (filter >= 0 && !set (query, filter, parameters->pdata[i + 1], &seen, error))
        return NULL;
    }
  if (query->limit == 0 || (query->limit > limit_max && query->limit != limit))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "limit must be an integer from 1 to %u",
                   limit_max);
      return NULL;
    }
  return g_steal_pointer (&query);
}
