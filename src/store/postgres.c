/* postgres.c: the statements of the store in PostgreSQL. An array is a parameter, so a batch of any
 * length is one statement and one round trip. */
#include "config.h"

#include "store/postgres.h"

#include "base/error.h"
#include "store/columns.h"
#include "store/postgres-link.h"
#include "store/postgres-schema.h"
#include "store/postgres-values.h"

#define READ_SECONDS 15
#define WRITE_SECONDS 30

struct _BipePostgres
{
  GObject parent_instance;

  BipePostgresLink *link;
  gboolean has_search_index;
};

/* Asked for once; whether it came to be or not, the work goes on. */
static void
add_search_index (BipePostgres *self, GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;

  if (!self->has_search_index)
    return;
  if (bipe_postgres_schema_add_index (self->link, cancellable, &error))
    self->has_search_index = FALSE;
  else if (!g_cancellable_is_cancelled (cancellable))
    {
      g_warning ("search stays slow: %s", error->message);
      self->has_search_index = FALSE;
    }
}

/* A link that is up has its schema: whoever connects looks, and lets go of a link that has not. */
static gboolean
connect_anew (BipePostgres *self, GCancellable *cancellable, GError **error)
{
  if (!bipe_postgres_link_connect (self->link, cancellable, error))
    return FALSE;
  if (!bipe_postgres_schema_prepare (self->link, cancellable, error))
    {
      bipe_postgres_link_drop (self->link);
      return FALSE;
    }
  return TRUE;
}

static gboolean
be_up (BipePostgres *self, GCancellable *cancellable, GError **error)
{
  if (bipe_postgres_link_is_up (self->link))
    return TRUE;
  if (!connect_anew (self, cancellable, error))
    return FALSE;
  add_search_index (self, cancellable);
  return bipe_postgres_link_is_up (self->link) || connect_anew (self, cancellable, error);
}

static gboolean
open_connection (BipeConnection *connection, GCancellable *cancellable, GError **error)
{
  BipePostgres *self = BIPE_POSTGRES (connection);

  if (!bipe_postgres_link_is_up (self->link))
    return be_up (self, cancellable, error);
  if (bipe_postgres_schema_prepare (self->link, cancellable, error))
    return TRUE;
  bipe_postgres_link_drop (self->link);
  return FALSE;
}

static PGresult *
run (BipePostgres *self,
     const char *what,
     const char *sql,
     const BipeParameters *parameters,
     guint seconds,
     GCancellable *cancellable,
     GError **error)
{
  const BipePostgresCall call = { what, sql, parameters, seconds };

  if (!be_up (self, cancellable, error))
    return NULL;
  return bipe_postgres_link_run (self->link, &call, cancellable, error);
}

/* Puts each row of @result where its scan was asked for. */
static void
place_rows (const PGresult *result, const BipeScanRef *refs, gsize n_refs, GPtrArray *found)
{
  for (int row = 0; row < PQntuples (result); row++)
    {
      g_autoptr(BipeScan) scan = bipe_result_make_scan (result, row);

      for (gsize i = 0; i < n_refs; i++)
        if (refs[i].id != 0 ? refs[i].id == scan->id : bipe_uuid_equal (&refs[i].uuid, &scan->uuid))
          {
            g_clear_pointer ((BipeScan **)&found->pdata[i], bipe_scan_unref);
            found->pdata[i] = bipe_scan_ref (scan);
          }
    }
}

static gboolean
find (BipeConnection *connection,
      const BipeScanRef *refs,
      gsize n_refs,
      GPtrArray *found,
      GCancellable *cancellable,
      GError **error)
{
  BipePostgres *self = BIPE_POSTGRES (connection);
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(GArray) uuids = g_array_new (FALSE, FALSE, sizeof (BipeUuid));
  g_auto(BipeParameters) by_id = { 0 };
  g_auto(BipeParameters) by_uuid = { 0 };
  const struct
  {
    const char *sql;
    const BipeParameters *parameters;
    const GArray *wanted;
  } statements[] = {
    { "SELECT " BIPE_COLUMNS " FROM scan WHERE id = ANY ($1)", &by_id, ids },
    { "SELECT " BIPE_COLUMNS " FROM scan WHERE uuid = ANY ($1)", &by_uuid, uuids },
  };

  for (gsize i = 0; i < n_refs; i++)
    if (refs[i].id != 0)
      g_array_append_val (ids, refs[i].id);
    else
      g_array_append_val (uuids, refs[i].uuid);
  bipe_parameters_add_integers (&by_id, (gint64 *)(gpointer)ids->data, ids->len);
  bipe_parameters_add_uuids (&by_uuid, (BipeUuid *)(gpointer)uuids->data, uuids->len);

  g_ptr_array_set_size (found, 0);
  g_ptr_array_set_size (found, (int)n_refs);
  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autoptr(PGresult) result = NULL;

      if (statements[i].wanted->len == 0)
        continue;
      result = run (self, "look up scans in the database", statements[i].sql,
                    statements[i].parameters, READ_SECONDS, cancellable, error);
      if (result == NULL)
        return FALSE;
      place_rows (result, refs, n_refs, found);
    }
  return TRUE;
}

/* Replaces each NULL in @stored by the row that was there before. */
static gboolean
fetch_known (BipeConnection *connection,
             GPtrArray *scans,
             GPtrArray *stored,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr(GArray) refs = g_array_new (FALSE, FALSE, sizeof (BipeScanRef));
  g_autoptr(GPtrArray) known = bipe_scan_array_new ();
  guint n_known = 0;

  for (guint i = 0; i < scans->len; i++)
    if (stored->pdata[i] == NULL)
      {
        const BipeScanRef ref = { 0, ((BipeScan *)scans->pdata[i])->uuid };
        g_array_append_val (refs, ref);
      }
  if (refs->len == 0)
    return TRUE;
  if (!find (connection, (const BipeScanRef *)(gpointer)refs->data, refs->len, known, cancellable,
             error))
    return FALSE;

  for (guint i = 0; i < scans->len; i++)
    {
      if (stored->pdata[i] != NULL)
        continue;
      stored->pdata[i] = g_steal_pointer (&known->pdata[n_known++]);
      if (stored->pdata[i] == NULL)
        {
          /* A trigger can leave a row out without a word. */
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_REJECTED,
                       "the database has not kept this row");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
insert (BipeConnection *connection,
        GPtrArray *scans,
        GPtrArray *stored,
        GCancellable *cancellable,
        GError **error)
{
  g_auto(BipeParameters) parameters = { 0 };
  g_autoptr(PGresult) result = NULL;
  int row = 0;

  for (guint i = 0; i < BIPE_N_COLUMNS_INSERTED; i++)
    bipe_parameters_add_column (&parameters, &bipe_columns[i], scans);
  result = run (BIPE_POSTGRES (connection), "store scans in the database",
                "INSERT INTO scan (" BIPE_COLUMNS_INSERTED ") SELECT " BIPE_COLUMNS_INSERTED
                " FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                " WITH ORDINALITY AS given (" BIPE_COLUMNS_INSERTED ", place) ORDER BY place"
                " ON CONFLICT (uuid) DO NOTHING RETURNING uuid, id, stored_at",
                &parameters, WRITE_SECONDS, cancellable, error);
  if (result == NULL)
    return FALSE;

  /* The rows come in the scans' order; where one is left out, it was there before. */
  g_ptr_array_set_size (stored, 0);
  for (guint i = 0; i < scans->len; i++)
    {
      BipeScan fields = *(BipeScan *)scans->pdata[i];
      gboolean is_new = row < PQntuples (result)
                        && bipe_uuid_equal (bipe_result_get_uuid (result, row, 0), &fields.uuid);

      if (is_new)
        {
          fields.state = BIPE_SCAN_STORED;
          fields.id = bipe_result_get_integer (result, row, 1);
          fields.stored_at = bipe_result_get_time (result, row, 2);
          row++;
        }
      g_ptr_array_add (stored, is_new ? bipe_scan_new (&fields) : NULL);
    }
  return fetch_known (connection, scans, stored, cancellable, error);
}

static gboolean
mark_collected (BipeConnection *connection,
                GPtrArray *scans,
                GCancellable *cancellable,
                GError **error)
{
  g_auto(BipeParameters) parameters = { 0 };
  g_autoptr(PGresult) result = NULL;
  const BipeColumn uuid = { BIPE_COLUMN_UUID, G_STRUCT_OFFSET (BipeScan, uuid) };
  const BipeColumn at = { BIPE_COLUMN_TIME, G_STRUCT_OFFSET (BipeScan, collected_at) };

  bipe_parameters_add_column (&parameters, &uuid, scans);
  bipe_parameters_add_column (&parameters, &at, scans);
  result = run (BIPE_POSTGRES (connection), "mark scans as collected in the database",
                "UPDATE scan SET collected_at = given.at FROM unnest($1, $2) AS given (uuid, at)"
                " WHERE scan.uuid = given.uuid AND scan.collected_at IS DISTINCT FROM given.at",
                &parameters, WRITE_SECONDS, cancellable, error);
  return result != NULL;
}

#define AMEND(condition)                                                                           \
  "UPDATE scan SET voided_at = $2, reason = $3 WHERE " condition                                   \
  " AND (voided_at IS NULL) = ($2 IS NOT NULL) RETURNING " BIPE_COLUMNS

static BipeScan *
amend (BipeConnection *connection,
       const BipeScanRef *ref,
       gint64 at,
       const char *reason,
       GCancellable *cancellable,
       GError **error)
{
  g_auto(BipeParameters) parameters = { 0 };
  g_autoptr(PGresult) result = NULL;

  if (ref->id != 0)
    bipe_parameters_add_integer (&parameters, ref->id);
  else
    bipe_parameters_add_uuid (&parameters, &ref->uuid);
  bipe_parameters_add_time (&parameters, at);
  bipe_parameters_add_text (&parameters, at != 0 ? reason : NULL);
  result = run (BIPE_POSTGRES (connection), "change a scan in the database",
                ref->id != 0 ? AMEND ("id = $1") : AMEND ("uuid = $1"), &parameters, WRITE_SECONDS,
                cancellable, error);
  if (result == NULL)
    return NULL;
  if (PQntuples (result) == 0)
    return bipe_connection_settle_amend (connection, ref, at, cancellable, error);
  return bipe_result_make_scan (result, 0);
}

static void
add_value (BipeParameters *parameters, const BipeQueryValue *value)
{
  if (value->type == BIPE_COLUMN_INTEGER)
    bipe_parameters_add_integer (parameters, value->integer);
  else if (value->type == BIPE_COLUMN_TIME)
    bipe_parameters_add_time (parameters, value->integer);
  else
    bipe_parameters_add_text (parameters, value->text);
}

static GPtrArray *
query (BipeConnection *connection,
       const BipeQuery *wanted,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr(GArray) values = bipe_query_values_new ();
  g_autofree char *sql = bipe_columns_build_page (wanted, "ILIKE", values);
  g_auto(BipeParameters) parameters = { 0 };
  g_autoptr(PGresult) result = NULL;
  g_autoptr(GPtrArray) page = bipe_scan_array_new ();
  g_autoptr(GError) problem = NULL;

  for (guint i = 0; i < values->len; i++)
    add_value (&parameters, &g_array_index (values, BipeQueryValue, i));
  result = run (BIPE_POSTGRES (connection), "read the history from the database", sql, &parameters,
                READ_SECONDS, cancellable, &problem);
  if (result == NULL)
    {
      /* Text that the database's encoding can't write is in no row. */
      if (g_error_matches (problem, BIPE_ERROR, BIPE_ERROR_REJECTED))
        return g_steal_pointer (&page);
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  for (int row = 0; row < PQntuples (result); row++)
    g_ptr_array_add (page, bipe_result_make_scan (result, row));
  return g_steal_pointer (&page);
}

static void
connection_init (BipeConnectionInterface *iface)
{
  iface->open = open_connection;
  iface->insert = insert;
  iface->mark_collected = mark_collected;
  iface->amend = amend;
  iface->find = find;
  iface->query = query;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (BipePostgres,
                               bipe_postgres,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (BIPE_TYPE_CONNECTION, connection_init))

static void
bipe_postgres_finalize (GObject *object)
{
  BipePostgres *self = BIPE_POSTGRES (object);

  bipe_postgres_link_free (self->link);
  G_OBJECT_CLASS (bipe_postgres_parent_class)->finalize (object);
}

static void
bipe_postgres_class_init (BipePostgresClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bipe_postgres_finalize;
}

static void
bipe_postgres_init (BipePostgres *self)
{
}

BipeConnection *
bipe_postgres_new (BipePostgresTarget *target, gboolean has_search_index)
{
  BipePostgres *self = g_object_new (BIPE_TYPE_POSTGRES, NULL);

  self->link = bipe_postgres_link_new (target);
  self->has_search_index = has_search_index;
  return BIPE_CONNECTION (self);
}
