/* failures.c: a minute begins with an address's first failure and ends for good, so entries end in
 * the order they began: a queue is enough to find the oldest. */
#include "config.h"

#include "server/failures.h"

#include <gio/gio.h>
#include <string.h>

#include "base/clock.h"

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

/* "2001:db8:1:2::/64" of an IPv6 address; others as they are. */
static char *
dup_network (const char *address)
{
  g_autoptr(GInetAddress) inet = g_inet_address_new_from_string (address);
  g_autoptr(GInetAddress) network = NULL;
  g_autofree char *text = NULL;
  guint8 bytes[16] = { 0 };

  if (inet == NULL || g_inet_address_get_family (inet) != G_SOCKET_FAMILY_IPV6)
    return g_strdup (address);
  memcpy (bytes, g_inet_address_to_bytes (inet), sizeof bytes / 2);
  network = g_inet_address_new_from_bytes (bytes, G_SOCKET_FAMILY_IPV6);
  text = g_inet_address_to_string (network);
  return g_strconcat (text, "/64", NULL);
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

guint
bipe_failures_note (BipeFailures *self, const char *address)
{
  gint64 now = bipe_clock_monotonic (self->clock);
  g_autofree char *network = dup_network (address);
  Entry *entry;

  forget_what_is_over (self, now);
  entry = g_hash_table_lookup (self->entries, network);
  if (entry == NULL)
    entry = add_entry (self, g_steal_pointer (&network), now);
  if (entry->n >= self->limit)
    return (guint)((entry->started + MINUTE - now + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
  entry->n++;
  return 0;
}
