/* failures.c: a minute begins with an address's first failure and ends for good, so entries end in
 * the order they began: a queue is enough to find the oldest. */
#include "config.h"

#include "server/failures.h"

#include "base/clock.h"
#include "server/client-network.h"

#define MINUTE G_TIME_SPAN_MINUTE

typedef struct
{
  GList link; /* in the queue; its data is this */
  char *address;
  gint64 started;
  guint n;
} Entry;

struct _BipeFailures
{
  guint limit;
  BipeClock *clock;
  GHashTable *entries; /* of Entry, owned, by address */
  GQueue order;        /* oldest first */
};

static void
free_entry (gpointer data)
{
  Entry *self = data;

  g_free (self->address);
  g_free (self);
}

BipeFailures *
bipe_failures_new (guint limit, BipeClock *clock)
{
  BipeFailures *self = g_new0 (BipeFailures, 1);

  self->limit = limit;
  self->clock = clock;
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_entry);
  g_queue_init (&self->order);
  return self;
}

void
bipe_failures_free (BipeFailures *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
forget_oldest (BipeFailures *self)
{
  Entry *oldest = g_queue_peek_head (&self->order);

  g_queue_unlink (&self->order, &oldest->link);
  g_hash_table_remove (self->entries, oldest->address);
}

static void
forget_what_is_over (BipeFailures *self, gint64 now)
{
  Entry *oldest;

  while ((oldest = g_queue_peek_head (&self->order)) != NULL && now - oldest->started >= MINUTE)
    forget_oldest (self);
}

/* Takes @network. */
static Entry *
add_entry (BipeFailures *self, char *network, gint64 now)
{
  Entry *entry = g_new0 (Entry, 1);

  if (self->order.length == BIPE_FAILURES_ADDRESSES_MAX)
    forget_oldest (self);
  entry->link.data = entry;
  entry->address = network;
  entry->started = now;
  g_hash_table_insert (self->entries, entry->address, entry);
  g_queue_push_tail_link (&self->order, &entry->link);
  return entry;
}

/* 0: one more is within the limit. */
static guint
get_wait (BipeFailures *self, const Entry *entry, gint64 now)
{
  if (entry == NULL || entry->n < self->limit)
    return 0;
  return (guint)((entry->started + MINUTE - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

guint
bipe_failures_note (BipeFailures *self, const char *address)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  g_autofree char *network = bipe_client_network_dup (address);
  Entry *entry;
  guint wait;

  forget_what_is_over (self, now);
  entry = g_hash_table_lookup (self->entries, network);
  if (entry == NULL)
    entry = add_entry (self, g_steal_pointer (&network), now);
  wait = get_wait (self, entry, now);
  if (wait == 0)
    entry->n++;
  return wait;
}

guint
bipe_failures_get_wait (BipeFailures *self, const char *address)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  g_autofree char *network = bipe_client_network_dup (address);

  forget_what_is_over (self, now);
  return get_wait (self, g_hash_table_lookup (self->entries, network), now);
}
