/* post.h: calls from one thread to another. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_post:
 * @func: called once, whatever it returns but G_SOURCE_CONTINUE
 * @destroy: (nullable): frees @data on @context's thread; or on whichever frees the context, if
 * that comes first
 *
 * Any thread. Calls @func on the thread that iterates @context, after all that was posted there
 * before, tasks' returns included. Not g_main_context_invoke_full(), which calls it here and now
 * where nobody else iterates the context.
 */
void bipe_post (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy);

G_END_DECLS
