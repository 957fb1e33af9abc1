/* fixture.h: a whole station in a temporary folder: real journal, real store, and a main context of
 * its own that only moves while a test waits. */
#pragma once

#include <sqlite3.h>

#include "base/clock.h"
#include "station/station.h"

/* Where nothing listens: a store that is always away. */
#define NOWHERE "postgresql://nobody@127.0.0.1:1/nothing"

typedef struct
{
  char *folder;
  GMainContext *context;
  BipeClock *clock;
  BipeJournalLimits limits;
  char *database_url; /* NULL: the embedded store */

  BipeJournal *journal;
  BipeStore *store;
  BipeEvents *events;
  BipeStation *station; /* NULL: stopped */
  BipeRecords *records; /* the station's */
  guint subscription;
  GPtrArray *seen; /* every event since the set-up, but status; of all runs */
} Fixture;

void fixture_set_up (Fixture *self);
void fixture_tear_down (Fixture *self);

/* A run of the station; the folder stays from one to the next. */
void fixture_start (Fixture *self, gboolean is_review);
void fixture_stop (Fixture *self);

/* Journal, store and events without a station, for the parts of it. */
void fixture_open_parts (Fixture *self);
void fixture_close_parts (Fixture *self);

/* Runs @sql on the embedded store's file, behind its back. */
void fixture_run_sql (Fixture *self, const char *sql);

/* Another program is in the middle of writing: the embedded store waits for it. */
sqlite3 *fixture_lock_store (Fixture *self);
void fixture_unlock_store (Fixture *self, sqlite3 *lock);

/* --- Waiting -----------------------------------------------------------------------------------
 */

/* A GAsyncReadyCallback whose user data is a GAsyncResult **, to be waited for. */
void fixture_result_cb (GObject *source, GAsyncResult *result, gpointer user_data);
void fixture_wait (Fixture *self, GAsyncResult **result);

typedef gboolean (*FixtureCheck) (Fixture *self, gpointer user_data);
void fixture_wait_until (Fixture *self, FixtureCheck check, gpointer user_data);

/* Until the status says so. */
void fixture_wait_queued (Fixture *self, gint64 n_queued);
void fixture_wait_store (Fixture *self, BipeStoreState state);

/* --- Calls that wait for their end -------------------------------------------------------------
 */

BipeAppend *fixture_accept (Fixture *self, GPtrArray *drafts, GError **error);
BipeScan *fixture_accept_code (Fixture *self, const char *code);

/* So many, with the codes "<prefix>0001", "<prefix>0002" … */
void fixture_accept_codes (Fixture *self, const char *prefix, guint n_codes);

BipeScan *fixture_collect (Fixture *self, GError **error);
BipeScan *fixture_find (Fixture *self, const BipeScanRef *ref, GError **error);
BipeScan *fixture_void (Fixture *self, const BipeScanRef *ref, const char *reason, GError **error);
BipeScan *fixture_restore (Fixture *self, const BipeScanRef *ref, GError **error);
GPtrArray *fixture_list (Fixture *self, guint states);

/* All of the store's rows (up to a page's bound), oldest first. */
GPtrArray *fixture_query (Fixture *self);

/* Also: that the last run's forwarder has stored all it can. */
gboolean fixture_drain (Fixture *self);

/* The stored codes are "<prefix>0001" … each once, in order. */
void fixture_assert_stored (Fixture *self, const char *prefix, guint n_codes);

/* Once so many are queued. */
void fixture_assert_status (Fixture *self, gint64 n_queued, gint64 n_held, gint64 n_rejected);

/* Of this kind, among those seen. */
guint fixture_count_events (Fixture *self, BipeEventKind kind);
