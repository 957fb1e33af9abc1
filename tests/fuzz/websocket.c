/* websocket.c: what a client sends, in one piece and in others. The first byte is the bound of
 * a message, the second after how many calls to stop, the third how many lengths of pieces follow
 * (they are taken in turn); the rest is what the client sends. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "socketio/websocket-frames.h"
#include "target.h"

#define N_PARAMETERS 3

typedef struct
{
  BipeWebsocketReader *reader;
  gsize max_message;
  guint stop_after;
  guint n_calls;
  gboolean is_done;
  GByteArray *log;
} Lab;

/* With U+0000 made a blank, of which GLib thinks otherwise. */
static void
check_utf8 (const char *data, gsize length)
{
  g_autofree char *text = g_memdup2 (data, length);

  for (gsize i = 0; i < length; i++)
    if (text[i] == '\0')
      text[i] = ' ';
  g_assert_true (length == 0 || g_utf8_validate_len (text, length, NULL));
}

static void
heard_cb (BipeWebsocketOpcode opcode,
          const char *data,
          gsize length,
          BipeWebsocketStatus status,
          gpointer user_data)
{
  Lab *lab = user_data;
  guint32 head[] = { opcode, status, (guint32)length };

  g_assert_false (lab->is_done);
  g_assert_cmpint (data[length], ==, '\0');
  g_assert_cmpuint (
      length, <=, opcode <= BIPE_WEBSOCKET_BINARY ? lab->max_message : BIPE_WEBSOCKET_CONTROL_MAX);
  if (opcode == BIPE_WEBSOCKET_TEXT || opcode == BIPE_WEBSOCKET_CLOSE)
    check_utf8 (data, length);
  if (opcode == BIPE_WEBSOCKET_CLOSE)
    g_assert_true (status >= 1000 && status < 5000);
  else
    g_assert_cmpuint (status, ==, 0);

  g_byte_array_append (lab->log, (const guint8 *)head, sizeof head);
  g_byte_array_append (lab->log, (const guint8 *)data, (guint)length);
  lab->is_done = opcode == BIPE_WEBSOCKET_CLOSE;
  if (++lab->n_calls == lab->stop_after)
    {
      bipe_websocket_reader_stop (lab->reader);
      lab->is_done = TRUE;
    }
}

static void
feed (Lab *lab, const guint8 *bytes, gsize length)
{
  g_autofree char *piece = g_memdup2 (bytes, length);
  g_autoptr(GError) error = NULL;
  BipeWebsocketStatus status = 0;

  if (!bipe_websocket_reader_feed (lab->reader, piece, length, &status, &error))
    {
      guint32 head = status;

      g_assert_false (lab->is_done);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_true (status == BIPE_WEBSOCKET_PROTOCOL_ERROR || status == BIPE_WEBSOCKET_BAD_DATA
                     || status == BIPE_WEBSOCKET_TOO_BIG);
      g_byte_array_append (lab->log, (const guint8 *)&head, sizeof head);
      g_byte_array_append (lab->log, (const guint8 *)error->message,
                           (guint)strlen (error->message));
      lab->is_done = TRUE;
    }
  else
    {
      g_assert_no_error (error);
      g_assert_cmpuint (status, ==, 0);
    }
  if (lab->is_done)
    g_assert_false (bipe_websocket_reader_is_inside (lab->reader));
}

/* @n_cuts 0: in one piece. Returns: all that was heard */
static GByteArray *
run (const guint8 parameters[N_PARAMETERS],
     const guint8 *cuts,
     gsize n_cuts,
     const guint8 *bytes,
     gsize length)
{
  Lab lab = { .max_message = (gsize)parameters[0] * 4,
              .stop_after = parameters[1],
              .log = g_byte_array_new () };
  guint8 is_inside;
  gsize n;

  lab.reader = bipe_websocket_reader_new (lab.max_message, heard_cb, &lab);
  for (gsize at = 0, i = 0; at < length; at += n, i++)
    {
      n = n_cuts > 0 ? cuts[i % n_cuts] + 1u : length;
      n = MIN (n, length - at);
      feed (&lab, bytes + at, n);
    }
  is_inside = bipe_websocket_reader_is_inside (lab.reader);
  g_byte_array_append (lab.log, &is_inside, 1);
  bipe_websocket_reader_free (lab.reader);
  return lab.log;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const guint8 single[] = { 0 };
  g_autoptr(GByteArray) whole = NULL, cut = NULL, single_bytes = NULL;
  const guint8 *bytes;
  gsize n_cuts, length;

  if (size < N_PARAMETERS)
    return 0;
  n_cuts = MIN (data[2], size - N_PARAMETERS);
  bytes = data + N_PARAMETERS + n_cuts;
  length = size - N_PARAMETERS - n_cuts;

  whole = run (data, NULL, 0, bytes, length);
  cut = run (data, data + N_PARAMETERS, n_cuts, bytes, length);
  single_bytes = run (data, single, 1, bytes, length);
  g_assert_cmpmem (whole->data, whole->len, cut->data, cut->len);
  g_assert_cmpmem (whole->data, whole->len, single_bytes->data, single_bytes->len);
  return 0;
}
