#include "config.h"

#include "app/recent-codes.h"

#include <string.h>

typedef struct
{
  GList link; /* in the order they came last; its data is this */
  gint64 at;
  char code[];
} Recent;

struct _BipeRecentCodes
{
  GHashTable *by_code; /* code of the Recent → it */
  GQueue order;        /* the one that came longest ago first */
};

static Recent *
recent_new (const char *code)
{
  gsize size = strlen (code) + 1;
  Recent *recent = g_malloc (sizeof *recent + size);

  recent->link = (GList){ .data = recent };
  memcpy (recent->code, code, size);
  return recent;
}

static void
forget_oldest (BipeRecentCodes *self)
{
  const Recent *oldest = g_queue_peek_head (&self->order);

  g_queue_unlink (&self->order, g_queue_peek_head_link (&self->order));
  g_hash_table_remove (self->by_code, oldest->code);
}

BipeRecentCodes *
bipe_recent_codes_new (void)
{
  BipeRecentCodes *self = g_new0 (BipeRecentCodes, 1);

  self->by_code = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  return self;
}

void
bipe_recent_codes_free (BipeRecentCodes *self)
{
  g_hash_table_unref (self->by_code);
  g_free (self);
}

gboolean
bipe_recent_codes_add (BipeRecentCodes *self, const char *code, gint64 now, gint64 window)
{
  Recent *recent = g_hash_table_lookup (self->by_code, code);
  gboolean is_again = recent != NULL && window > 0 && now - recent->at <= window;

  if (recent != NULL)
    g_queue_unlink (&self->order, &recent->link);
  else
    {
      if (g_hash_table_size (self->by_code) == BIPE_RECENT_CODES_MAX)
        forget_oldest (self);
      recent = recent_new (code);
      g_hash_table_insert (self->by_code, recent->code, recent);
    }
  recent->at = now;
  g_queue_push_tail_link (&self->order, &recent->link);
  return is_again;
}
