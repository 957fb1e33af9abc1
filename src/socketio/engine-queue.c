#include "config.h"

#include "socketio/engine-queue.h"

#include <string.h>

typedef struct
{
  GList node;
  BipeEngineKind kind;
  GBytes *bytes;
} Frame;

static gsize
cost_of (const Frame *frame)
{
  return g_bytes_get_size (frame->bytes) + BIPE_ENGINE_FRAME_COST;
}

void
bipe_engine_queue_push (BipeEngineQueue *self, BipeEngineKind kind, GBytes *bytes)
{
  Frame *frame = g_new0 (Frame, 1);

  frame->node.data = frame;
  frame->kind = kind;
  frame->bytes = g_bytes_ref (bytes);
  g_queue_push_tail_link (&self->frames, &frame->node);
  self->n_binary += kind == BIPE_ENGINE_BINARY ? 1 : 0;
  self->cost += cost_of (frame);
}

GBytes *
bipe_engine_queue_pop (BipeEngineQueue *self, BipeEngineKind *kind)
{
  g_autofree Frame *frame = (Frame *)g_queue_pop_head_link (&self->frames);

  if (frame == NULL)
    return NULL;
  *kind = frame->kind;
  self->n_binary -= frame->kind == BIPE_ENGINE_BINARY ? 1 : 0;
  self->cost -= cost_of (frame);
  return frame->bytes;
}

gboolean
bipe_engine_queue_is_empty (const BipeEngineQueue *self)
{
  return self->frames.length == 0;
}

void
bipe_engine_queue_clear (BipeEngineQueue *self)
{
  BipeEngineKind kind;
  GBytes *bytes;

  while ((bytes = bipe_engine_queue_pop (self, &kind)) != NULL)
    g_bytes_unref (bytes);
}

GString *
bipe_engine_queue_take_payload (BipeEngineQueue *self,
                                const BipeEngineDialect *dialect,
                                gsize limit,
                                const char *goodbye,
                                BipeEngineKind *kind)
{
  GString *payload = g_string_new (NULL);
  const BipeEnginePayloads *form = dialect->text;
  const Frame *first;

  *kind = BIPE_ENGINE_TEXT;
  if (dialect->bytes != NULL && self->n_binary > 0)
    {
      *kind = BIPE_ENGINE_BINARY;
      form = dialect->bytes;
    }
  while ((first = (const Frame *)self->frames.head) != NULL)
    {
      gsize length;
      const char *data = g_bytes_get_data (first->bytes, &length);
      gsize more = form->measure (first->kind, length);
      g_autoptr(GBytes) taken = NULL;
      BipeEngineKind unused;

      /* The first has no separator before it. */
      if (payload->len > 0 && (more > limit || payload->len > limit - more))
        break;
      form->append (payload, first->kind, data, length);
      taken = bipe_engine_queue_pop (self, &unused);
    }
  if (goodbye != NULL)
    form->append (payload, BIPE_ENGINE_TEXT, goodbye, strlen (goodbye));
  return payload;
}
