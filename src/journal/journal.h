/* journal.h: the local, durable queue. What it has acknowledged survives a crash and a power cut.
 *
 * A SQLite file on a thread of its own. Requests that arrive while a commit is under way share the
 * next one (group commit), so that many writers cost few fsyncs. All …_async functions may be
 * called from any thread and finish in the caller's thread-default context. */
#pragma once

#include <gio/gio.h>

#include "base/event.h"
#include "base/scan.h"
#include "base/types.h"
#include "journal/change.h"

G_BEGIN_DECLS

#define BIPE_TYPE_JOURNAL (bipe_journal_get_type ())
G_DECLARE_FINAL_TYPE (BipeJournal, bipe_journal, BIPE, JOURNAL, GObject)

/**
 * BipeJournalLimits:
 * @queue_limit: scans that may wait (queued and rejected); then appends fail with BIPE_ERROR_FULL
 * @collect_days: how long a scan can be collected
 * @event_days: how long events can be read again
 */
typedef struct
{
  gint64 queue_limit;
  guint collect_days;
  guint event_days;
} BipeJournalLimits;

/* What waits, as of a commit. */
typedef struct
{
  gint64 n_queued; /* the held ones too */
  gint64 n_held;
  gint64 n_rejected;
  gint64 commit_time; /* microseconds, from its first statement until it was on the disk */
} BipeJournalCounts;

/**
 * BipeJournal::committed:
 * @events: (element-type BipeEvent): what a commit has made durable, in order of their seq
 * @counts: (type gpointer): a `const BipeJournalCounts *` as of that commit
 *
 * Emitted in the context that was thread-default at the journal's birth. An event is announced
 * before the request that caused it finishes in that same context.
 */

/**
 * bipe_journal_open:
 * @path: the SQLite file
 *
 * Blocks; to be called at the start.
 *
 * Returns: (nullable): the journal, or %NULL with BIPE_ERROR_UNREADABLE: the file can't be opened;
 *   it is left as it is
 */
BipeJournal *bipe_journal_open (const char *path,
                                const BipeJournalLimits *limits,
                                BipeClock *clock,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Works off what was asked for, closes the file, and joins the thread. Blocks. To be called before
 * the last reference goes, and when no other thread calls in any more. */
void bipe_journal_close (BipeJournal *self);

/* The last uuid in the file, for bipe_uuid_source_raise(); FALSE: there is none. */
gboolean bipe_journal_get_last_uuid (BipeJournal *self, BipeUuid *uuid);

/* As of the opening; afterwards the signal tells. */
BipeJournalCounts bipe_journal_get_counts (BipeJournal *self);

/**
 * BipeAppend:
 * @scans: (element-type BipeScan): what the journal now has, as many as were given and in their
 *   order: the given ones, or the first record of a known key
 * @n_new: how many of them are new
 */
typedef struct
{
  GPtrArray *scans;
  guint n_new;
} BipeAppend;

void bipe_append_free (BipeAppend *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeAppend, bipe_append_free)

/**
 * bipe_journal_append_async:
 * @scans: (element-type BipeScan): queued ones; a `rejected` one is set aside from the start. Not
 * to be changed until it finishes
 * @is_held: whether they wait for a release (review mode)
 *
 * All or nothing, and durable when it finishes. Fails with BIPE_ERROR_FULL at the bound or on a
 * full disk, with BIPE_ERROR_CONFLICT where a known key comes with another code.
 */
void bipe_journal_append_async (BipeJournal *self,
                                GPtrArray *scans,
                                gboolean is_held,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
BipeAppend *bipe_journal_append_finish (BipeJournal *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_journal_change_async:
 * @changes: (element-type BipeChange) (array length=n_changes): copied
 *
 * Durable when it finishes. Each change stands alone: one that fails leaves the others.
 *
 * Finish returns (element-type BipeScan): each scan after its change; where a change failed, a
 * %NULL in its place. With a single change the failure is @error instead: BIPE_ERROR_NOT_FOUND or
 * BIPE_ERROR_CONFLICT.
 */
void bipe_journal_change_async (BipeJournal *self,
                                const BipeChange *changes,
                                gsize n_changes,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
GPtrArray *bipe_journal_change_finish (BipeJournal *self,
                                       GAsyncResult *result,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_journal_claim_async:
 * @limit: scans at most
 * @with_held: also those that wait for a release (automatic mode)
 *
 * What is to be stored next, oldest first. Nothing is marked: the same scans come again until a
 * change settles them.
 */
void bipe_journal_claim_async (BipeJournal *self,
                               guint limit,
                               gboolean with_held,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
GPtrArray *bipe_journal_claim_finish (BipeJournal *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_journal_collected_async:
 * @limit: scans at most
 *
 * Stored scans that were collected, but whose collected_at the store has not yet; oldest first.
 * They come again until bipe_journal_forget_collected_async() has named them.
 */
void bipe_journal_collected_async (BipeJournal *self,
                                   guint limit,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *bipe_journal_collected_finish (BipeJournal *self,
                                          GAsyncResult *result,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The store has the collected_at of these @scans. Finish with bipe_journal_done_finish(). */
void bipe_journal_forget_collected_async (BipeJournal *self,
                                          GPtrArray *scans,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);

/**
 * bipe_journal_take_async:
 *
 * Picks the oldest scan that can be collected and that no other take holds. A stored one is
 * collected at once, durably; a queued one is returned as it is and stays taken until it is
 * collected by a change, or given back.
 *
 * Finish returns (nullable): the scan; %NULL without @error: nothing waits.
 */
void bipe_journal_take_async (BipeJournal *self, GAsyncReadyCallback callback, gpointer user_data);
BipeScan *bipe_journal_take_finish (BipeJournal *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Gives a taken scan back, to be taken again. Finish with bipe_journal_done_finish(). */
void bipe_journal_give_back_async (BipeJournal *self,
                                   const BipeUuid *uuid,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);

/* The scan as the journal has it; BIPE_ERROR_NOT_FOUND where it has none. */
void bipe_journal_find_async (BipeJournal *self,
                              const BipeUuid *uuid,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
BipeScan *bipe_journal_find_finish (BipeJournal *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_journal_list_async:
 * @states: bits, `1 << BipeScanState`, but for stored ones, which have left the queue; a voided one
 *   counts only where it was never stored (removed in review)
 * @after: scans after this one in the order of acceptance; %NULL: from the start
 * @limit: scans at most
 *
 * The queue as it stands, oldest first.
 */
void bipe_journal_list_async (BipeJournal *self,
                              guint states,
                              const BipeUuid *after,
                              guint limit,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
GPtrArray *bipe_journal_list_finish (BipeJournal *self,
                                     GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Events that one page may have. */
#define BIPE_EVENT_PAGE_MAX 1000

/**
 * BipeEventPage:
 * @events: (element-type BipeEvent): oldest first
 * @has_gap: events before these are gone, or were never this journal's: whoever keeps a picture
 *   must load it anew, then go on with these
 * @last: the number to go on from
 * @is_last: there was nothing more
 */
typedef struct
{
  GPtrArray *events;
  gboolean has_gap;
  gint64 last;
  gboolean is_last;
} BipeEventPage;

void bipe_event_page_free (BipeEventPage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEventPage, bipe_event_page_free)

/**
 * bipe_journal_list_events_async:
 * @after: an event's seq; the page starts with the next one
 * @limit: events at most, 1 to %BIPE_EVENT_PAGE_MAX; a page of long texts has fewer
 *
 * Events as they were announced, also by earlier runs. Where @after is older than the oldest one
 * that is kept whole, or is not a number of this journal, there is a gap, and the page starts with
 * the oldest. (The number of another journal that this one has reached, too, goes unnoticed.)
 *
 * Reading and live delivery join without a gap. Let somebody read page after page, each from the
 * @last of the one before, in the context in which #BipeJournal::committed is emitted. When the
 * page with @is_last finishes, all events up to its @last have been announced, and none behind it:
 * whoever listens from that callback on, to the signal or to what is made of it there, misses none.
 * Whoever has listened before, or through a queue in between, leaves out what is not higher than
 * @last, and has none twice.
 *
 * The scan of an event is as it was after the event. The journal keeps a scan only as it is now, so
 * of events that others have followed some things can't be told:
 * - of a scan edited more than once, what it was called between the first text and the last: from
 *   its first edit to its release an event has the last text in `code`, and the first in
 *   `code_read`, also a removal or its undoing that came before any edit;
 * - why a scan was removed or voided, once that is undone: `reason` is %NULL;
 * - when a scan was voided that the journal had let go before: `voided_at` is the event's time;
 * - whether a scan was collected before or after it was voided or restored, where the clock was set
 *   back in between: the stamps decide.
 */
void bipe_journal_list_events_async (BipeJournal *self,
                                     gint64 after,
                                     guint limit,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
BipeEventPage *bipe_journal_list_events_finish (BipeJournal *self,
                                                GAsyncResult *result,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Frees all held scans (kind RELEASED), oldest first. Finish returns how many, −1 on failure. */
void bipe_journal_release_all_async (BipeJournal *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gint64 bipe_journal_release_all_finish (BipeJournal *self, GAsyncResult *result, GError **error);

/* How many scans were accepted at or after @since (microseconds since 1970); −1 on failure. */
void bipe_journal_count_since_async (BipeJournal *self,
                                     gint64 since,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gint64 bipe_journal_count_since_finish (BipeJournal *self, GAsyncResult *result, GError **error);

/* Lets go of what need not be kept any more (see contracts.md, section 2), in small steps. Finish
 * with bipe_journal_done_finish(). */
void bipe_journal_prune_async (BipeJournal *self, GAsyncReadyCallback callback, gpointer user_data);

gboolean bipe_journal_done_finish (BipeJournal *self, GAsyncResult *result, GError **error);

G_END_DECLS
