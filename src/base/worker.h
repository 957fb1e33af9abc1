/* worker.h: one named thread that owns a blocking library, and the bounded queue before it. Tasks
 * are worked off in the order they came, several at once where several wait. */
#pragma once

#include <gio/gio.h>

#include "base/types.h"

G_BEGIN_DECLS

/* Works on @tasks (at least one GTask) on the worker's thread and returns each one's result. */
typedef void (*BipeWorkerFunc) (GPtrArray *tasks, gpointer user_data);

/**
 * bipe_worker_new:
 * @name: the thread's, 15 bytes at most
 * @capacity: tasks that may wait
 * @batch: tasks that @func takes at once, at most
 */
BipeWorker *bipe_worker_new (const char *name,
                             guint capacity,
                             guint batch,
                             BipeWorkerFunc func,
                             gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;

/* Lets all that waits be worked off, and joins the thread. Not from the worker's thread. */
void bipe_worker_free (BipeWorker *self);

/* Takes @task over, from any thread. At the bound it fails at once with BIPE_ERROR_FULL. */
void bipe_worker_push (BipeWorker *self, GTask *task);

/* Likewise, past the bound: for what comes one at a time, and must not fail. */
void bipe_worker_insist (BipeWorker *self, GTask *task);

/* Returns a task's result with it. */
typedef void (*BipeWorkerGive) (GTask *task);

/**
 * bipe_worker_deliver:
 * @tasks: (element-type GTask): worked off
 *
 * Calls @give for each, in its own context and in their order: all that belong to one context in
 * one dispatch. A thread that a task's return wakes for each of many has little time for anything
 * else.
 */
void bipe_worker_deliver (GPtrArray *tasks, BipeWorkerGive give);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeWorker, bipe_worker_free)

G_END_DECLS
