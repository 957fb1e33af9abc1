/* lookup.c: the journal is asked first where a uuid is given: what was never stored is only there.
 * For all else the store is the truth. */
#include "config.h"

#include "station/lookup.h"

#include <glib/gi18n-lib.h>

#include "base/clock.h"
#include "base/error.h"

struct _BipeLookup
{
  GObject parent_instance;

  BipeJournal *journal;
  BipeStore *store;
  BipeClock *clock;
};

G_DEFINE_FINAL_TYPE (BipeLookup, bipe_lookup, G_TYPE_OBJECT)

/* A task's way through the journal and the store. */
typedef struct
{
  BipeLookup *lookup;
  BipeScanRef ref;
  gint64 voided_at; /* 0: to be restored */
  char *reason;
  BipeScan *known; /* what the journal, or the store, has said so far */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_clear_pointer (&search->known, bipe_scan_unref);
  g_free (search->reason);
  g_object_unref (search->lookup);
  g_free (search);
}

static Search *
begin_search (BipeLookup *self, const BipeScanRef *ref, GTask *task)
{
  Search *search = g_new0 (Search, 1);

  search->lookup = g_object_ref (self);
  search->ref = *ref;
  g_task_set_task_data (task, search, search_free);
  return search;
}

static void
return_scan (GTask *task, BipeScan *scan, GError *error)
{
  if (scan != NULL)
    g_task_return_pointer (task, scan, (GDestroyNotify)bipe_scan_unref);
  else
    g_task_return_error (task, error);
}

static gboolean
is_not_found (const GError *error)
{
  return g_error_matches (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

/* The journal remembers that it was stored, and the store has no such row. */
static void
explain_not_found (const Search *search, GError **error)
{
  if (search->known == NULL || !is_not_found (*error))
    return;
  g_clear_error (error);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND,
               _ ("this scan is not in the database that is in use now: it was stored in another "
                  "one, or its row was deleted there"));
}

/* Not one that the store has, or had. */
static gboolean
is_only_in_journal (const BipeScan *scan)
{
  return scan->id == 0;
}

/* --- Finding -----------------------------------------------------------------------------------
 */

static void
store_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;
  BipeScan *scan = bipe_store_find_finish (BIPE_STORE (source), result, &error);

  /* While the store is away, what the journal remembers will do. */
  if (scan == NULL && search->known != NULL && !is_not_found (error))
    {
      g_clear_error (&error);
      scan = g_steal_pointer (&search->known);
    }
  if (scan == NULL)
    explain_not_found (search, &error);
  return_scan (task, scan, error);
}

static void
find_in_store (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  bipe_store_find_async (search->lookup->store, &search->ref, g_task_get_cancellable (task),
                         store_found_cb, task);
}

/* --- Voiding and restoring ---------------------------------------------------------------------
 */

static void
journal_amended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_change_finish (BIPE_JOURNAL (source), result, &error);

  return_scan (task, scans != NULL ? bipe_scan_ref (scans->pdata[0]) : NULL, error);
}

/* A scan that has not left the journal is removed from the queue, or put back. */
static void
amend_in_journal (GTask *task)
{
  Search *search = g_task_get_task_data (task);
  BipeChange change = {
    .kind = search->voided_at != 0 ? BIPE_EVENT_REMOVED : BIPE_EVENT_RESTORED,
    .uuid = search->ref.uuid,
    .at = bipe_clock_real (search->lookup->clock),
    .reason = search->reason,
  };

  bipe_journal_change_async (search->lookup->journal, &change, 1, journal_amended_cb, task);
}

static void
amendment_noted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) scans = bipe_journal_change_finish (BIPE_JOURNAL (source), result, &error);

  /* The store has the change, whatever the journal remembers. */
  if (scans == NULL)
    g_warning ("Cannot announce a change: %s", error->message);
  return_scan (task, g_steal_pointer (&search->known), NULL);
}

static void
store_amended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;
  BipeScan *scan = bipe_store_amend_finish (BIPE_STORE (source), result, &error);
  BipeChange change;

  if (scan == NULL)
    {
      explain_not_found (search, &error);
      g_task_return_error (task, error);
      return;
    }
  g_clear_pointer (&search->known, bipe_scan_unref);
  search->known = scan;
  change = (BipeChange){
    .kind = search->voided_at != 0 ? BIPE_EVENT_VOIDED : BIPE_EVENT_RESTORED,
    .uuid = scan->uuid,
    .at = bipe_clock_real (search->lookup->clock),
    .reason = search->reason,
    .scan = scan,
  };
  bipe_journal_change_async (search->lookup->journal, &change, 1, amendment_noted_cb,
                             g_steal_pointer (&task));
}

static void
amend_in_store (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  bipe_store_amend_async (search->lookup->store, &search->ref, search->voided_at, search->reason,
                          NULL, store_amended_cb, task);
}

/* --- Both --------------------------------------------------------------------------------------
 */

/* Takes @task over to @in_journal where only the journal has the scan, else to @in_store. */
static void
go_on (GTask *task,
       BipeScan *known,
       GError *error,
       void (*in_journal) (GTask *),
       void (*in_store) (GTask *))
{
  Search *search = g_task_get_task_data (task);

  search->known = known;
  if (known == NULL && !is_not_found (error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_clear_error (&error);
  if (known != NULL && is_only_in_journal (known))
    in_journal (task);
  else
    in_store (task);
}

static void
return_known (GTask *task)
{
  Search *search = g_task_get_task_data (task);

  return_scan (task, g_steal_pointer (&search->known), NULL);
  g_object_unref (task);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  BipeScan *known = bipe_journal_find_finish (BIPE_JOURNAL (source), result, &error);

  go_on (user_data, known, error, return_known, find_in_store);
}

static void
found_to_amend_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;
  BipeScan *known = bipe_journal_find_finish (BIPE_JOURNAL (source), result, &error);

  go_on (user_data, known, error, amend_in_journal, amend_in_store);
}

void
bipe_lookup_find (BipeLookup *self, const BipeScanRef *ref, GTask *task)
{
  begin_search (self, ref, task);
  if (ref->id == 0)
    bipe_journal_find_async (self->journal, &ref->uuid, found_cb, task);
  else
    find_in_store (task);
}

static void
amend (BipeLookup *self, const BipeScanRef *ref, gint64 voided_at, const char *reason, GTask *task)
{
  Search *search = begin_search (self, ref, task);

  search->voided_at = voided_at;
  search->reason = g_strdup (reason);
  if (ref->id == 0)
    bipe_journal_find_async (self->journal, &ref->uuid, found_to_amend_cb, task);
  else
    amend_in_store (task);
}

void
bipe_lookup_void (BipeLookup *self, const BipeScanRef *ref, const char *reason, GTask *task)
{
  amend (self, ref, bipe_clock_real (self->clock), reason, task);
}

void
bipe_lookup_restore (BipeLookup *self, const BipeScanRef *ref, GTask *task)
{
  amend (self, ref, 0, NULL, task);
}

static void
bipe_lookup_dispose (GObject *object)
{
  BipeLookup *self = BIPE_LOOKUP (object);

  g_clear_object (&self->store);
  g_clear_object (&self->journal);
  G_OBJECT_CLASS (bipe_lookup_parent_class)->dispose (object);
}

static void
bipe_lookup_class_init (BipeLookupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = bipe_lookup_dispose;
}

static void
bipe_lookup_init (BipeLookup *self)
{
}

BipeLookup *
bipe_lookup_new (BipeJournal *journal, BipeStore *store, BipeClock *clock)
{
  BipeLookup *self = g_object_new (BIPE_TYPE_LOOKUP, NULL);

  self->journal = g_object_ref (journal);
  self->store = g_object_ref (store);
  self->clock = clock;
  return self;
}
