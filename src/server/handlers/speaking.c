/* speaking.c: text to MP3: seed 001's speech service, and /v1/speech. Both keep it by name, and
 * know the same names. */
#include "config.h"

#include "base/error.h"
#include "base/json.h"
#include "server/byte-range.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/peer.h"
#include "speech/speech-name.h"
#include "speech/speech.h"

/* Hexadecimal digits of a name that is given by us. */
#define OWN_NAME_LENGTH 32

/* Where there is nobody to speak, it is no scan that can't be kept, and no database. */
static void
fail (BipeExchange *exchange, const GError *error)
{
  if (g_error_matches (error, BIPE_ERROR, BIPE_ERROR_FULL)
      || g_error_matches (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE))
    {
      bipe_exchange_set_answer_header (exchange, "Retry-After", "5");
      bipe_exchange_refuse (exchange, BIPE_FAULT_BUSY, "%s", error->message);
    }
  else
    bipe_exchange_fail (exchange, error);
}

static gboolean
get_text (const json_t *body, const char *name, const char **text, GError **error)
{
  if (!bipe_json_get_string (body, name, text, error))
    return FALSE;
  if (*text != NULL)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s is missing", name);
  return FALSE;
}

typedef struct
{
  BipeExchange *exchange;
  GBytes *answer;
  BipeHandlersSaid said;
} Saying;

static void
saying_free (Saying *self)
{
  bipe_exchange_unref (self->exchange);
  g_bytes_unref (self->answer);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Saying, saying_free)

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Saying) saying = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeRecording) recording
             = bipe_speech_make_finish (BIPE_SPEECH (source), result, &error);

  saying->said (recording != NULL ? NULL : error, saying->answer, saying->exchange);
}

/* The seed's speech service has one language. */
static BipeUtterance *
read_order (BipeExchange *exchange, const json_t *body, const char **name, GError **error)
{
  BipeManner manner = BIPE_MANNER_DEFAULT;
  const char *message;

  manner.language = bipe_exchange_get_options (exchange)->speech_language;
  if (!get_text (body, "message", &message, error) || !get_text (body, "name", name, error))
    return NULL;
  return bipe_utterance_new (message, &manner, error);
}

void
bipe_handlers_say (BipeExchange *exchange,
                   const json_t *body,
                   GBytes *answer,
                   BipeHandlersSaid said)
{
  g_autoptr(GError) error = NULL;
  const char *name;
  g_autoptr(BipeUtterance) utterance = read_order (exchange, body, &name, &error);
  Saying *saying;

  if (utterance == NULL)
    {
      said (error, answer, exchange);
      return;
    }
  saying = g_new0 (Saying, 1);
  saying->exchange = bipe_exchange_ref (exchange);
  saying->answer = g_bytes_ref (answer);
  saying->said = said;
  /* The seed's service answers who has ended his side after the request, too. */
  bipe_peer_heed_hang_up (bipe_exchange_get_peer (exchange), BIPE_HANG_UP_RESET, bipe_exchange_cut);
  bipe_speech_make_async (bipe_exchange_get_options (exchange)->speech, utterance, name, NULL,
                          bipe_exchange_get_cancellable (exchange), said_cb, saying);
}

static void
output_said_cb (const GError *error, GBytes *answer, BipeExchange *exchange)
{
  if (error == NULL)
    bipe_exchange_reply_bytes (exchange, SOUP_STATUS_OK, "application/json", answer);
  else
    fail (exchange, error);
}

void
bipe_speech_output (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = bipe_handlers_parse_object (exchange, &error);
  g_autoptr(GBytes) answer = bipe_exchange_dup_bytes (exchange);

  if (body == NULL)
    bipe_exchange_fail (exchange, error);
  else
    bipe_handlers_say (exchange, body, answer, output_said_cb);
}

/* A part only of the same recording that the client has the others of. */
static const char *
get_range (BipeExchange *exchange, const char *tag)
{
  const char *only_of = bipe_exchange_get_header (exchange, "If-Range");

  return only_of == NULL || g_str_equal (only_of, tag) ? bipe_exchange_get_range (exchange) : NULL;
}

static void
reply_part (BipeExchange *exchange, BipeRecording *recording)
{
  gsize size = g_bytes_get_size (recording->bytes);
  gsize first = 0, length = size;
  BipeByteRange range
      = bipe_byte_range_read (get_range (exchange, recording->tag), size, &first, &length);
  g_autoptr(GBytes) part = NULL;
  g_autofree char *says = NULL;

  if (range == BIPE_BYTE_RANGE_OUTSIDE)
    {
      says = g_strdup_printf ("bytes */%" G_GSIZE_FORMAT, size);
      bipe_exchange_set_answer_header (exchange, "Content-Range", says);
      bipe_exchange_refuse (exchange, BIPE_FAULT_RANGE, "the range is behind the recording's end");
      return;
    }
  part = g_bytes_new_from_bytes (recording->bytes, first, length);
  if (range == BIPE_BYTE_RANGE_PART)
    {
      says = g_strdup_printf ("bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT,
                              first, first + length - 1, size);
      bipe_exchange_set_answer_header (exchange, "Content-Range", says);
    }
  bipe_exchange_reply_bytes (
      exchange, range == BIPE_BYTE_RANGE_PART ? SOUP_STATUS_PARTIAL_CONTENT : SOUP_STATUS_OK,
      "audio/mpeg", part);
}

typedef struct
{
  BipeExchange *exchange;
  gboolean is_attachment;
} Fetching;

static void
fetching_free (Fetching *self)
{
  bipe_exchange_unref (self->exchange);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fetching, fetching_free)

static void
reply_recording (BipeExchange *exchange, BipeRecording *recording)
{
  bipe_exchange_set_answer_header (exchange, "ETag", recording->tag);
  bipe_exchange_set_answer_header (exchange, "Cache-Control", "no-cache");
  bipe_exchange_set_answer_header (exchange, "Accept-Ranges", "bytes");
  bipe_exchange_set_answer_header (exchange, "X-Content-Type-Options", "nosniff");
  if (bipe_handlers_is_known (exchange, recording->tag))
    bipe_exchange_reply (exchange, SOUP_STATUS_NOT_MODIFIED, NULL, NULL);
  else
    reply_part (exchange, recording);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Fetching) fetching = user_data;
  BipeExchange *exchange = fetching->exchange;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeRecording) recording
             = bipe_speech_find_finish (BIPE_SPEECH (source), result, &error);
  g_autofree char *disposition = NULL;

  /* Its client may have gone, or its time be up. */
  if (bipe_exchange_get_message (exchange) == NULL
      || bipe_exchange_get_state (exchange) != BIPE_EXCHANGE_HANDLING)
    return;
  if (recording == NULL)
    {
      fail (exchange, error);
      return;
    }
  if (fetching->is_attachment)
    {
      disposition = bipe_speech_name_to_disposition (bipe_exchange_get_variable (exchange));
      bipe_exchange_set_answer_header (exchange, "Content-Disposition", disposition);
    }
  reply_recording (exchange, recording);
}

static void
fetch (BipeExchange *exchange, gboolean is_attachment)
{
  Fetching *fetching = g_new0 (Fetching, 1);

  fetching->exchange = bipe_exchange_ref (exchange);
  fetching->is_attachment = is_attachment;
  bipe_speech_find_async (bipe_exchange_get_options (exchange)->speech,
                          bipe_exchange_get_variable (exchange), found_cb, fetching);
}

void
bipe_speech_file (BipeExchange *exchange)
{
  fetch (exchange, TRUE);
}

void
bipe_speech_get (BipeExchange *exchange)
{
  fetch (exchange, FALSE);
}

/* What POST /v1/speech answers with, but for what is known only afterwards. */
typedef struct
{
  BipeExchange *exchange;
  char *name;
  char *manner; /* JSON members */
} Making;

static void
making_free (Making *self)
{
  bipe_exchange_unref (self->exchange);
  g_free (self->name);
  g_free (self->manner);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Making, making_free)

static void
append_recording (GString *data, const Making *making, BipeRecording *recording)
{
  g_autofree char *escaped = g_uri_escape_string (making->name, NULL, FALSE);
  g_autofree char *path = g_strconcat ("/v1/speech/", escaped, ".mp3", NULL);
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (seconds, sizeof seconds, "%.2f", bipe_recording_get_seconds (recording));
  g_string_append (data, "{\"name\":");
  bipe_json_append_string (data, making->name);
  g_string_append (data, ",\"path\":");
  bipe_json_append_string (data, path);
  g_string_append_printf (data, ",\"seconds\":%s,\"bytes\":%" G_GSIZE_FORMAT "%s}", seconds,
                          g_bytes_get_size (recording->bytes), making->manner);
}

static void
made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Making) making = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeRecording) recording
             = bipe_speech_make_finish (BIPE_SPEECH (source), result, &error);
  GString *data;

  if (recording == NULL)
    {
      fail (making->exchange, error);
      return;
    }
  data = bipe_exchange_begin_data ();
  append_recording (data, making, recording);
  bipe_exchange_reply_data (making->exchange, SOUP_STATUS_CREATED, data);
}

/* *value stays as it is where nobody says. */
static gboolean
get_number (const json_t *body, const char *name, int *value, GError **error)
{
  const json_t *member = json_object_get (body, name);
  gint64 number = *value;

  if (member != NULL && !json_is_null (member)
      && !bipe_json_get_integer (body, name, &number, error))
    return FALSE;
  *value = (int)CLAMP (number, G_MININT, G_MAXINT);
  return TRUE;
}

static gboolean
read_manner (const json_t *body, BipeManner *manner, GError **error)
{
  const char *language;

  if (!bipe_json_get_string (body, "language", &language, error)
      || !bipe_json_get_string (body, "voice", &manner->voice, error)
      || !get_number (body, "speed", &manner->speed, error)
      || !get_number (body, "pitch", &manner->pitch, error)
      || !get_number (body, "volume", &manner->volume, error))
    return FALSE;
  if (language != NULL)
    manner->language = language;
  return TRUE;
}

static char *
print_manner (const BipeManner *manner)
{
  GString *out = g_string_new (",\"language\":");

  bipe_json_append_string (out, manner->language);
  g_string_append (out, ",\"voice\":");
  bipe_json_append_string (out, manner->voice);
  g_string_append_printf (out, ",\"speed\":%d,\"pitch\":%d,\"volume\":%d", manner->speed,
                          manner->pitch, manner->volume);
  return g_string_free (out, FALSE);
}

/* NULL with BIPE_ERROR_INVALID. */
static BipeUtterance *
read_making (Making *making, const json_t *body, GError **error)
{
  BipeManner manner = BIPE_MANNER_DEFAULT;
  g_autoptr(BipeUtterance) utterance = NULL;
  const char *text, *name;

  manner.language = bipe_exchange_get_options (making->exchange)->speech_language;
  if (!get_text (body, "text", &text, error) || !bipe_json_get_string (body, "name", &name, error)
      || !read_manner (body, &manner, error))
    return NULL;
  utterance = bipe_utterance_new (text, &manner, error);
  if (utterance == NULL)
    return NULL;
  making->name = name != NULL ? g_strdup (name) : g_strndup (utterance->key, OWN_NAME_LENGTH);
  making->manner = print_manner (&manner);
  return g_steal_pointer (&utterance);
}

void
bipe_speech_post (BipeExchange *exchange)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) body = bipe_handlers_parse_object (exchange, &error);
  g_autoptr(Making) making = g_new0 (Making, 1);
  g_autoptr(BipeUtterance) utterance = NULL;
  const char *name;

  making->exchange = bipe_exchange_ref (exchange);
  if (body != NULL)
    utterance = read_making (making, body, &error);
  if (utterance == NULL)
    {
      fail (exchange, error);
      return;
    }
  name = making->name;
  bipe_peer_heed_hang_up (bipe_exchange_get_peer (exchange), BIPE_HANG_UP_END, bipe_exchange_cut);
  bipe_speech_make_async (bipe_exchange_get_options (exchange)->speech, utterance, name, NULL,
                          bipe_exchange_get_cancellable (exchange), made_cb,
                          g_steal_pointer (&making));
}

void
bipe_speech_hello (BipeExchange *exchange)
{
  bipe_exchange_reply (exchange, SOUP_STATUS_OK, "text/html; charset=utf-8",
                       g_string_new ("Hello, World!"));
}
