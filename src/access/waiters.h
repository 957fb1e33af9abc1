/* waiters.h: tasks that hang until somebody has an answer for them, the longest first. One that is
 * cancelled is told so, and waits no longer. Of one thread, that of the context. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _BipeWaiters BipeWaiters;

/* That may wait at once. */
#define BIPE_WAITERS_MAX 8

/* @context: where those that are cancelled are noticed */
BipeWaiters *bipe_waiters_new (GMainContext *context) G_GNUC_WARN_UNUSED_RESULT;

/* Nobody may wait any more: a task must be answered. */
void bipe_waiters_free (BipeWaiters *self);

/**
 * bipe_waiters_push:
 * @task: (transfer full): does not look after its cancellable by itself
 * @deadline: monotonic, not before that of the last one; %G_MAXINT64: none
 *
 * Only where they are not full.
 */
void bipe_waiters_push (BipeWaiters *self, GTask *task, gint64 deadline);

/* Who has waited longest, to be answered; NULL: nobody waits. */
GTask *bipe_waiters_pop (BipeWaiters *self) G_GNUC_WARN_UNUSED_RESULT;

/* Likewise, of those whose deadline has come. */
GTask *bipe_waiters_pop_due (BipeWaiters *self, gint64 monotonic) G_GNUC_WARN_UNUSED_RESULT;

gboolean bipe_waiters_is_empty (BipeWaiters *self);
gboolean bipe_waiters_is_full (BipeWaiters *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeWaiters, bipe_waiters_free)

G_END_DECLS
