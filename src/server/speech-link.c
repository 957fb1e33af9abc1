#include "config.h"

#include "server/speech-link.h"

#include <libsoup/soup.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/json.h"

#define PIECE 16384
#define PIN "fp="
#define PIN_LENGTH 64

/* Connections to the service: the others wait, within their time. */
#define CONNECTIONS_MAX 16

struct _BipeSpeechLink
{
  GObject parent_instance;

  GUri *uri;
  char *pin;           /* lower hexadecimal digits; NULL: the system's trust */
  char *authorization; /* a header's value, or NULL */
  guint limit_ms;
  SoupSession *session; /* NULL before the first request */
};

G_DEFINE_FINAL_TYPE (BipeSpeechLink, bipe_speech_link, G_TYPE_OBJECT)

/* A task's data. */
typedef struct
{
  SoupMessage *message;
  GInputStream *answer;
  GByteArray *bytes;
  GCancellable *cancellable; /* of the time as well as of the caller */
  GSource *timeout;
  gboolean is_late;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_source_destroy (call->timeout);
  g_source_unref (call->timeout);
  g_object_unref (call->cancellable);
  g_byte_array_unref (call->bytes);
  g_clear_object (&call->answer);
  g_clear_object (&call->message);
  g_free (call);
}

/* Takes the task over. @problem: (nullable): a foreign one */
static void
fail (GTask *owned, const char *why, const GError *problem)
{
  g_autoptr(GTask) task = owned;
  Call *call = g_task_get_task_data (task);

  if (call->is_late)
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                             "the speech service takes too long");
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s%s%s", why,
                             problem != NULL ? ": " : "", problem != NULL ? problem->message : "");
}

/* The seed's gateway takes for nothing what counts as false in its language. */
static gboolean
is_something (const json_t *value)
{
  if (json_is_string (value))
    return json_string_length (value) > 0;
  if (json_is_number (value))
    return json_number_value (value) != 0;
  return json_is_object (value) || json_is_array (value) || json_is_true (value);
}

static void
finish (GTask *owned)
{
  g_autoptr(GTask) task = owned;
  Call *call = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(json_t) value
             = bipe_json_parse ((const char *)call->bytes->data, call->bytes->len, &error);

  if (value == NULL)
    fail (g_steal_pointer (&task), "the speech service answers what is no JSON", error);
  else if (!is_something (value))
    fail (g_steal_pointer (&task), "the speech service answers nothing", NULL);
  else
    g_task_return_pointer (task, g_byte_array_free_to_bytes (g_byte_array_ref (call->bytes)),
                           (GDestroyNotify)g_bytes_unref);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) piece
             = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize length = 0;
  const guint8 *bytes = piece != NULL ? g_bytes_get_data (piece, &length) : NULL;

  if (piece == NULL)
    fail (g_steal_pointer (&task), "the speech service has broken off", error);
  else if (length == 0)
    finish (g_steal_pointer (&task));
  else if (call->bytes->len + length > BIPE_SPEECH_LINK_ANSWER_MAX)
    fail (g_steal_pointer (&task), "the speech service answers too much", NULL);
  else
    {
      g_byte_array_append (call->bytes, bytes, (guint)length);
      g_input_stream_read_bytes_async (call->answer, PIECE, G_PRIORITY_DEFAULT, call->cancellable,
                                       read_cb, g_steal_pointer (&task));
    }
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  guint status;

  call->answer = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (call->answer == NULL)
    {
      fail (g_steal_pointer (&task), "the speech service can't be reached", error);
      return;
    }
  status = soup_message_get_status (call->message);
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    g_input_stream_read_bytes_async (call->answer, PIECE, G_PRIORITY_DEFAULT, call->cancellable,
                                     read_cb, g_steal_pointer (&task));
  else
    {
      g_autofree char *why
          = g_strdup_printf ("the speech service answers with the status %u", status);

      fail (g_steal_pointer (&task), why, NULL);
    }
}

static gboolean
timeout_cb (gpointer user_data)
{
  Call *call = user_data;

  call->is_late = TRUE;
  g_cancellable_cancel (call->cancellable);
  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Who only ends his side may still wait for the answer, and the service goes on: what is given up
 * is broken off. Nothing is lost: a connection is closed before an answer is there, or after. */
static void
network_event_cb (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  gpointer user_data)
{
  const struct linger at_once = { .l_onoff = 1 };

  if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    setsockopt (g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection))),
                SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/* The session trusts nobody where a certificate is pinned, so that this is asked for each. */
static gboolean
accept_certificate_cb (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  BipeSpeechLink *self = user_data;
  g_autoptr(GByteArray) bytes = NULL;
  g_autofree char *fingerprint = NULL;

  if (self->pin == NULL)
    return FALSE;
  g_object_get (certificate, "certificate", &bytes, NULL);
  fingerprint = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes->data, bytes->len);
  return g_str_equal (fingerprint, self->pin);
}

static void
open_session (BipeSpeechLink *self)
{
  if (self->session != NULL)
    return;
  self->session = soup_session_new_with_options (
      "max-conns", CONNECTIONS_MAX, "max-conns-per-host", CONNECTIONS_MAX, "timeout",
      self->limit_ms / 1000 + 1, "idle-timeout", 60, "user-agent", "bipe/" BIPE_VERSION, NULL);
  /* What a service nearby says goes neither through a proxy nor through a decoder. */
  soup_session_set_proxy_resolver (self->session, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_CONTENT_DECODER);
  if (self->pin != NULL)
    soup_session_set_tls_database (self->session, NULL);
}

void
bipe_speech_link_post_async (BipeSpeechLink *self,
                             GBytes *body,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);
  SoupMessageHeaders *headers;

  open_session (self);
  g_task_set_source_tag (task, bipe_speech_link_post_async);
  call->cancellable = g_cancellable_new ();
  call->bytes = g_byte_array_new ();
  call->message = soup_message_new_from_uri ("POST", self->uri);
  call->timeout = g_timeout_source_new (self->limit_ms);
  g_source_set_callback (call->timeout, timeout_cb, call, NULL);
  g_source_attach (call->timeout, g_main_context_get_thread_default ());
  g_task_set_task_data (task, call, call_free);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), call->cancellable,
                             0);
  /* A redirection would show the token to somebody else. */
  soup_message_add_flags (call->message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_set_request_body_from_bytes (call->message, "application/json", body);
  headers = soup_message_get_request_headers (call->message);
  if (self->authorization != NULL)
    soup_message_headers_replace (headers, "Authorization", self->authorization);
  g_signal_connect (call->message, "network-event", G_CALLBACK (network_event_cb), NULL);
  g_signal_connect_object (call->message, "accept-certificate", G_CALLBACK (accept_certificate_cb),
                           self, 0);
  soup_session_send_async (self->session, call->message, G_PRIORITY_DEFAULT, call->cancellable,
                           sent_cb, g_steal_pointer (&task));
}

GBytes *
bipe_speech_link_post_finish (BipeSpeechLink *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
bipe_speech_link_dispose (GObject *object)
{
  BipeSpeechLink *self = BIPE_SPEECH_LINK (object);

  g_clear_object (&self->session);
  G_OBJECT_CLASS (bipe_speech_link_parent_class)->dispose (object);
}

static void
bipe_speech_link_finalize (GObject *object)
{
  BipeSpeechLink *self = BIPE_SPEECH_LINK (object);

  g_free (self->authorization);
  g_free (self->pin);
  g_clear_pointer (&self->uri, g_uri_unref);
  G_OBJECT_CLASS (bipe_speech_link_parent_class)->finalize (object);
}

static void
bipe_speech_link_class_init (BipeSpeechLinkClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = bipe_speech_link_dispose;
  object_class->finalize = bipe_speech_link_finalize;
}

static void
bipe_speech_link_init (BipeSpeechLink *self)
{
}

static gboolean
fail_setting (const char *why, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, "the setting speech-url: %s", why);
  return FALSE;
}

static gboolean
read_pin (BipeSpeechLink *self, const char *fragment, GError **error)
{
  const char *pin;

  if (fragment == NULL)
    return TRUE;
  pin = fragment + strlen (PIN);
  if (!g_str_has_prefix (fragment, PIN) || strlen (pin) != PIN_LENGTH
      || strspn (pin, "0123456789abcdefABCDEF") != PIN_LENGTH)
    return fail_setting ("behind the # there can only be fp= and 64 hexadecimal digits", error);
  self->pin = g_ascii_strdown (pin, -1);
  return TRUE;
}

/* "http://host", "http://host/", "http://host/output" are the same. */
static char *
dup_path (GUri *uri)
{
  g_autofree char *path = g_strdup (g_uri_get_path (uri));
  gsize length = strlen (path);

  if (g_str_has_suffix (path, "/output"))
    return g_steal_pointer (&path);
  while (length > 0 && path[length - 1] == '/')
    path[--length] = '\0';
  return g_strconcat (path, "/output", NULL);
}

static gboolean
read_url (BipeSpeechLink *self, const char *url, GError **error)
{
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *path = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_host (uri)[0] == '\0'
      || (!g_str_equal (g_uri_get_scheme (uri), "http")
          && !g_str_equal (g_uri_get_scheme (uri), "https")))
    return fail_setting ("it must be a URL such as http://192.168.1.20:5000", error);
  if (g_uri_get_userinfo (uri) != NULL || g_uri_get_query (uri) != NULL)
    return fail_setting ("a URL with a user or a query is not taken; a token has its own setting",
                         error);
  if (!read_pin (self, g_uri_get_fragment (uri), error))
    return FALSE;
  if (self->pin != NULL && !g_str_equal (g_uri_get_scheme (uri), "https"))
    return fail_setting ("a certificate is pinned (#fp=), but the URL is not https", error);
  path = dup_path (uri);
  self->uri = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                           g_uri_get_port (uri), path, NULL, NULL);
  return TRUE;
}

static gboolean
is_header_value (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isgraph (*text))
      return FALSE;
  return TRUE;
}

BipeSpeechLink *
bipe_speech_link_new (const char *url, const char *token, guint limit_ms, GError **error)
{
  g_autoptr(BipeSpeechLink) self = g_object_new (BIPE_TYPE_SPEECH_LINK, NULL);

  if (!read_url (self, url, error))
    return NULL;
  if (token != NULL && !is_header_value (token))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                   "the setting speech-token is no token: it has characters that none has");
      return NULL;
    }
  if (token != NULL && token[0] != '\0')
    self->authorization = g_strconcat ("Bearer ", token, NULL);
  self->limit_ms = limit_ms;
  return g_steal_pointer (&self);
}
