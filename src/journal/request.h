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

/* A GDestroyNotify. */
void bipe_request_free (gpointer data);

/* Forgets what came of it, for another try. */
void bipe_request_clear_result (BipeRequest *self);

/* Returns what came of it, with @task: a BipeWorkerGive. */
void bipe_request_give_result (GTask *task);

G_END_DECLS
