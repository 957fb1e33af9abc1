/* engine-queue.h: what a session has to tell, until there is somebody to take it. */
#pragma once

#include "socketio/engine-dialect.h"

G_BEGIN_DECLS

/* What a frame that waits costs beside its bytes: else empty ones had no bound. */
#define BIPE_ENGINE_FRAME_COST 64

typedef struct
{
  GQueue frames;
  guint n_binary; /* of them */
  gsize cost;
} BipeEngineQueue;

void bipe_engine_queue_push (BipeEngineQueue *self, BipeEngineKind kind, GBytes *bytes);

/* The first, or NULL. */
GBytes *bipe_engine_queue_pop (BipeEngineQueue *self,
                               BipeEngineKind *kind) G_GNUC_WARN_UNUSED_RESULT;
gboolean bipe_engine_queue_is_empty (const BipeEngineQueue *self);
void bipe_engine_queue_clear (BipeEngineQueue *self);

/**
 * bipe_engine_queue_take_payload:
 * @limit: bytes that it has at most, but one packet is always in it
 * @goodbye: (nullable): a packet that ends it, not counted in
 * @kind: (out): of the body
 *
 * Returns: the first that wait, as one body; empty where none do
 */
GString *bipe_engine_queue_take_payload (BipeEngineQueue *self,
                                         const BipeEngineDialect *dialect,
                                         gsize limit,
                                         const char *goodbye,
                                         BipeEngineKind *kind) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
