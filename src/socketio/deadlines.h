/* deadlines.h: when each of many is due, where all of them wait equally long. A queue is then
 * always in order, and no step looks at more than its first: thousands cost what one costs. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A queue; times are monotonic µs. */
typedef struct
{
  GQueue waiting;
  gint64 interval;
} BipeDeadlines;

/* One of those who wait; in one queue at most. */
typedef struct
{
  GList link;
  BipeDeadlines *queue; /* NULL: it waits for nothing */
  gint64 due;
} BipeDeadline;

void bipe_deadlines_init (BipeDeadlines *self, guint milliseconds);

/* When the first is due; −1: nobody waits. */
gint64 bipe_deadlines_get_first (const BipeDeadlines *self);

/* The owner of the first, if that is due. It stays where it is. */
gpointer bipe_deadlines_get_due (const BipeDeadlines *self, gint64 now);

void bipe_deadline_init (BipeDeadline *self, gpointer owner);

/* Joins the end of @queue, and leaves the one that it was in. */
void bipe_deadline_start (BipeDeadline *self, BipeDeadlines *queue, gint64 now);
void bipe_deadline_stop (BipeDeadline *self);

/* Whether it waits in @queue and is due. */
gboolean bipe_deadline_is_past (const BipeDeadline *self, const BipeDeadlines *queue, gint64 now);

G_END_DECLS
