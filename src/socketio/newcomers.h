/* newcomers.h: sessions that have not shown yet who they are: in the order in which they came, and
 * how many there are of each key. To be one costs a client nothing, so they need a bound that those
 * who have shown it do not feel. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GQueue waiting;
  GHashTable *n_by_key; /* none is zero */
  guint limit;          /* of one key; 0: none */
} BipeNewcomers;

/* One of them. */
typedef struct
{
  GList link;
  BipeNewcomers *among; /* NULL: it is none, or none any more */
  char *key;
} BipeNewcomer;

void bipe_newcomers_init (BipeNewcomers *self, guint limit);

/* All have left. */
void bipe_newcomers_clear (BipeNewcomers *self);

/* Whether there may be one more of @key; of NULL there always may. */
gboolean bipe_newcomers_has_room (const BipeNewcomers *self, const char *key);

/* The owner of the one who came first; NULL: there is none. */
gpointer bipe_newcomers_get_oldest (const BipeNewcomers *self);

/* @key: (nullable): as whom it counts. */
void bipe_newcomer_join (BipeNewcomer *self, BipeNewcomers *among, gpointer owner, const char *key);

/* Nothing where it has left already. */
void bipe_newcomer_leave (BipeNewcomer *self);

G_END_DECLS
