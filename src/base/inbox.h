/* inbox.h: things that other threads leave for one main context, which takes them many at once. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BipeInbox BipeInbox;

/* @items: in the order they came; freed afterwards by the inbox. @has_gap: some were dropped before
 * these. */
typedef void (*BipeInboxFunc) (GPtrArray *items, gboolean has_gap, gpointer user_data);

/**
 * bipe_inbox_new:
 * @context: (nullable): where @func runs; the main thread's default one
 * @priority: of the GSource that runs it
 * @capacity: things that may wait; past it all that wait are dropped
 * @free_item: for each thing
 */
BipeInbox *bipe_inbox_new (GMainContext *context,
                           int priority,
                           guint capacity,
                           GDestroyNotify free_item,
                           BipeInboxFunc func,
                           gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
BipeInbox *bipe_inbox_ref (BipeInbox *self);
void bipe_inbox_unref (BipeInbox *self);

/* Takes @item over; any thread. */
void bipe_inbox_post (BipeInbox *self, gpointer item);

/* No call of the function comes after this, if it is called in the inbox's context. */
void bipe_inbox_close (BipeInbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeInbox, bipe_inbox_unref)

G_END_DECLS
