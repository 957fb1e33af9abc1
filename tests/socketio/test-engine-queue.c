#include "config.h"

#include <string.h>

#include "socketio/engine-queue.h"

static void
push (BipeEngineQueue *queue, BipeEngineKind kind, const char *data)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (data, strlen (data));

  bipe_engine_queue_push (queue, kind, bytes);
}

static void
test_order_and_cost (void)
{
  BipeEngineQueue queue = { 0 };
  g_autoptr(GBytes) first = NULL;
  BipeEngineKind kind = BIPE_ENGINE_TEXT;

  g_assert_true (bipe_engine_queue_is_empty (&queue));
  g_assert_null (bipe_engine_queue_pop (&queue, &kind));
  push (&queue, BIPE_ENGINE_BINARY, "abc");
  push (&queue, BIPE_ENGINE_TEXT, "4");
  g_assert_false (bipe_engine_queue_is_empty (&queue));
  g_assert_cmpuint (queue.cost, ==, 4 + 2 * BIPE_ENGINE_FRAME_COST);
  first = bipe_engine_queue_pop (&queue, &kind);
  g_assert_cmpint (kind, ==, BIPE_ENGINE_BINARY);
  g_assert_cmpmem (g_bytes_get_data (first, NULL), g_bytes_get_size (first), "abc", 3);
  g_assert_cmpuint (queue.cost, ==, 1 + BIPE_ENGINE_FRAME_COST);
  bipe_engine_queue_clear (&queue);
  g_assert_cmpuint (queue.cost, ==, 0);
  g_assert_true (bipe_engine_queue_is_empty (&queue));
}

typedef struct
{
  const char *data;
  gsize length;
  BipeEngineKind kind;
} Body;

#define TEXT(literal)                                                                              \
  {                                                                                                \
    literal, sizeof literal - 1, BIPE_ENGINE_TEXT                                                  \
  }
#define BINARY(literal)                                                                            \
  {                                                                                                \
    literal, sizeof literal - 1, BIPE_ENGINE_BINARY                                                \
  }

/* What a client of each kind gets in one answer, and what in the next. */
static const struct
{
  const char *eio;
  const char *b64;
  Body frames[4];
  gsize limit;
  const char *goodbye;
  Body bodies[3];
} payloads[] = {
  { "4",
    NULL,
    { TEXT ("4a"), TEXT ("4b") },
    100,
    NULL,
    { TEXT ("4a\x1e"
            "4b") } },
  { "4",
    NULL,
    { TEXT ("4a"), BINARY ("c") },
    100,
    "6",
    { TEXT ("4a\x1e"
            "bYw==\x1e"
            "6") } },
  { "4",
    NULL,
    { TEXT ("4a"), TEXT ("4b") },
    5,
    NULL,
    { TEXT ("4a\x1e"
            "4b") } },
  { "4", NULL, { TEXT ("4a"), TEXT ("4b") }, 4, NULL, { TEXT ("4a"), TEXT ("4b") } },
  { "4", NULL, { TEXT ("4a") }, 0, NULL, { TEXT ("4a") } },
  { "3", NULL, { TEXT ("4a"), TEXT ("4bc") }, 100, NULL, { TEXT ("2:4a3:4bc") } },
  { "3",
    NULL,
    { TEXT ("4a"), BINARY ("c") },
    100,
    "1",
    { BINARY ("\0\2\3774a\1\2\377\4c\0\1\3771") } },
  { "3",
    NULL,
    { TEXT ("4a"), BINARY ("c") },
    5,
    NULL,
    { BINARY ("\0\2\3774a"), BINARY ("\1\2\377\4c") } },
  { "3", NULL, { BINARY ("c"), TEXT ("4a") }, 5, NULL, { BINARY ("\1\2\377\4c"), TEXT ("2:4a") } },
  { "3", "1", { TEXT ("4a"), BINARY ("c") }, 100, "1", { TEXT ("2:4a6:b4Yw==1:1") } },
  { "3", NULL, { TEXT ("4a"), TEXT ("4b") }, 8, NULL, { TEXT ("2:4a2:4b") } },
  { "3", NULL, { TEXT ("4a"), TEXT ("4b") }, 7, NULL, { TEXT ("2:4a"), TEXT ("2:4b") } },
  { "3", NULL, { BINARY ("cd") }, 0, NULL, { BINARY ("\1\3\377\4cd") } },
};

static void
test_payloads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++)
    {
      const BipeEngineDialect *dialect
          = bipe_engine_dialect_find (payloads[i].eio, payloads[i].b64, TRUE);
      BipeEngineQueue queue = { 0 };

      g_test_message ("no. %u", i);
      for (const Body *frame = payloads[i].frames; frame->data != NULL; frame++)
        push (&queue, frame->kind, frame->data);
      for (const Body *expected = payloads[i].bodies; expected->data != NULL; expected++)
        {
          BipeEngineKind kind;
          g_autoptr(GString) body = bipe_engine_queue_take_payload (
              &queue, dialect, payloads[i].limit, payloads[i].goodbye, &kind);

          g_assert_cmpint (kind, ==, expected->kind);
          g_assert_cmpmem (body->str, body->len, expected->data, expected->length);
        }
      g_assert_true (bipe_engine_queue_is_empty (&queue));
      g_assert_cmpuint (queue.cost, ==, 0);
      g_assert_cmpuint (queue.n_binary, ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine-queue/order-and-cost", test_order_and_cost);
  g_test_add_func ("/engine-queue/payloads", test_payloads);
  return g_test_run ();
}
