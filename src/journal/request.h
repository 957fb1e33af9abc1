/* request.h: what one caller asks of the journal: the work to be done on its thread, what that
 * needs, and what came of it. It is the data of the caller's GTask. */
#pragma once

#include "journal/ledger.h"

G_BEGIN_DECLS

typedef struct _BipeRequest BipeRequest;
struct _BipeRequest
{
  gboolean (*work) (BipeLedger *ledger, BipeRequest *request, GError **error);
  gboolean is_writing;
  gboolean is_late; /* reads what has been announced, and no more: after the commit */

  GPtrArray *scans;
  BipeChange *changes;
  gsize n_changes;
  BipeUuid uuid;
  gboolean has_uuid;
  gboolean is_held;
  guint places;
  guint limit;
  gint64 at;
  gint64 cursor; /* of what is done in steps */

  gpointer result;
  GDestroyNotify free_result; /* NULL: the result is @number */
  gint64 number;
  gboolean is_unfinished; /* to be called again, in another commit */
  GError *error;
};

/* What the journal's functions of these names ask for: see there. */
BipeRequest *bipe_request_new_append (GPtrArray *scans, gboolean is_held);
BipeRequest *bipe_request_new_change (const BipeChange *changes, gsize n_changes);
BipeRequest *bipe_request_new_claim (guint limit, gboolean with_held);
BipeRequest *bipe_request_new_list (guint states, const BipeUuid *after, guint limit);
BipeRequest *bipe_request_new_find (const BipeUuid *uuid);
BipeRequest *bipe_request_new_list_events (gint64 after, guint limit);
BipeRequest *bipe_request_new_count_since (gint64 since);
BipeRequest *bipe_request_new_collected (guint limit);
BipeRequest *bipe_request_new_forget_collected (GPtrArray *scans);
BipeRequest *bipe_request_new_take (void);
BipeRequest *bipe_request_new_give_back (const BipeUuid *uuid);
BipeRequest *bipe_request_new_release_all (gint64 at);
BipeRequest *bipe_request_new_prune (void);

/* A GDestroyNotify. */
void bipe_request_free (gpointer data);

/* Forgets what came of it, for another try. */
void bipe_request_clear_result (BipeRequest *self);

/* Returns what came of it, with @task: a BipeWorkerGive. */
void bipe_request_give_result (GTask *task);

G_END_DECLS
