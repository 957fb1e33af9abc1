#include "config.h"

#include "station-call.h"

#include <glib/gi18n.h>
#include <libsoup/soup.h>
#include <string.h>

#include "access/registry.h"
#include "access/secret.h"
#include "base/clock.h"
#include "base/data-dir.h"
#include "base/error.h"
#include "base/json.h"
#include "base/settings.h"

/* What a station that runs may take to answer: who waits to be paired is waited for for 20 s. */
#define ANSWER_SECONDS 30
#define HEALTH_SECONDS 5

/* Bytes. */
#define ANSWER_MAX (16 << 20)

GBytes *
bipe_station_call_load_key (BipeSettings *settings, const char *data_dir, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (data_dir, NULL);

  return bipe_secret_load (bipe_settings_get_text (settings, "secret-key-file"), path,
                           BIPE_SECRET_KEYRING_FOUND, error);
}

static void
fail_foreign (const char *address, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED, _ ("what answers at %s is no station of Bipe"),
               address);
}

static json_t *
read_answer (const char *address, guint status, GBytes *bytes, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr(json_t) answer = bipe_json_parse (length > 0 ? text : "", length, NULL);
  const char *message = json_string_value (json_object_get (answer, "message"));
  json_t *data = json_object_get (answer, "data");

  if (SOUP_STATUS_IS_SUCCESSFUL (status) && data != NULL)
    return json_incref (data);
  if (message != NULL)
    g_set_error (error, BIPE_ERROR,
                 status == SOUP_STATUS_NOT_FOUND ? BIPE_ERROR_NOT_FOUND : BIPE_ERROR_FAILED,
                 _ ("the station refuses: %s"), message);
  else
    fail_foreign (address, error);
  return NULL;
}

/* The station that holds the folder shows the certificate that is there, or the one in the
 * settings: that is the one to trust, for whatever name, and no other. */
static gboolean
accept_certificate_cb (SoupMessage *message,
                       GTlsCertificate *shown,
                       GTlsCertificateFlags flaws,
                       gpointer user_data)
{
  g_autoptr(GTlsCertificate) own = g_tls_certificate_new_from_file (user_data, NULL);

  return own != NULL && g_tls_certificate_is_same (own, shown);
}

static char *
dup_certificate_path (BipeSettings *settings, const char *data_dir)
{
  const char *given = bipe_settings_get_text (settings, "tls-cert");

  return given[0] != '\0' ? g_strdup (given) : g_build_filename (data_dir, "tls.crt", NULL);
}

static SoupMessage *
make_request (const char *method, const char *address, const char *path, const char *body)
{
  g_autofree char *url = g_strconcat (address, path, NULL);
  SoupMessage *message = soup_message_new (method, url);
  g_autoptr(GBytes) bytes = NULL;

  if (message == NULL)
    return NULL;
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (body != NULL)
    {
      bytes = g_bytes_new (body, strlen (body));
      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  return message;
}

static void
sign (SoupMessage *message, GBytes *key)
{
  g_autofree char *token = bipe_registry_issue_own (key, bipe_clock_system ());
  g_autofree char *header = g_strconcat ("Bearer ", token, NULL);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                header);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static gboolean
timeout_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_REMOVE;
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static GBytes *
send_and_read (SoupSession *session,
               SoupMessage *message,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr(GAsyncResult) sent = NULL, was_read = NULL;
  g_autoptr(GInputStream) stream = NULL;
  g_autofree char *buffer = NULL;
  gsize length;

  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, cancellable, result_cb, &sent);
  wait_for (&sent);
  stream = soup_session_send_finish (session, sent, error);
  if (stream == NULL)
    return NULL;
  buffer = g_malloc (ANSWER_MAX);
  g_input_stream_read_all_async (stream, buffer, ANSWER_MAX, G_PRIORITY_DEFAULT, cancellable,
                                 result_cb, &was_read);
  wait_for (&was_read);
  return g_input_stream_read_all_finish (stream, was_read, &length, error)
             ? g_bytes_new (buffer, length)
             : NULL;
}

/* For so long altogether, whatever comes meanwhile. */
static GBytes *
ask (SoupMessage *message,
     const char *certificate,
     const char *address,
     guint seconds,
     GError **error)
{
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GSource) timeout = g_timeout_source_new (seconds * 1000);
  g_autoptr(GError) problem = NULL;
  GBytes *bytes;

  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb),
                    (gpointer)certificate);
  /* The token is for nobody on the way. */
  soup_session_set_proxy_resolver (session, NULL);
  g_source_set_callback (timeout, timeout_cb, cancellable, NULL);
  g_source_attach (timeout, NULL);
  bytes = send_and_read (session, message, cancellable, &problem);
  g_source_destroy (timeout);
  if (bytes != NULL)
    return bytes;
  if (g_cancellable_is_cancelled (cancellable))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                 _ ("the station at %s does not answer within %u s"), address, seconds);
  else
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, _ ("cannot ask the station at %s: %s"),
                 address, problem->message);
  return NULL;
}

json_t *
bipe_station_call (BipeSettings *settings,
                   const char *data_dir,
                   const char *method,
                   const char *path,
                   const char *body,
                   guint *status,
                   GError **error)
{
  g_autofree char *certificate = dup_certificate_path (settings, data_dir);
  g_autofree char *address = NULL;
  g_autoptr(GBytes) key = NULL, bytes = NULL;
  g_autoptr(SoupMessage) message = NULL;

  if (!bipe_data_dir_check_held (data_dir, error)
      || (key = bipe_station_call_load_key (settings, data_dir, error)) == NULL)
    return NULL;
  address = bipe_data_dir_dup_holder_address (data_dir);
  if (address != NULL)
    message = make_request (method, address, path, body);
  if (message == NULL)
    {
      g_set_error (
          error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
          _ ("a station runs on %s, and listens nowhere: it can't be asked. Stop it first"),
          data_dir);
      return NULL;
    }
  sign (message, key);
  bytes = ask (message, certificate, address, ANSWER_SECONDS, error);
  if (bytes == NULL)
    return NULL;
  *status = soup_message_get_status (message);
  return read_answer (address, *status, bytes, error);
}

char *
bipe_station_call_dup_health (BipeSettings *settings, const char *data_dir, GError **error)
{
  static const char *const healths[] = { "ok", "degraded", NULL };
  g_autofree char *certificate = dup_certificate_path (settings, data_dir);
  g_autofree char *address = NULL;
  g_autoptr(SoupMessage) message = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(json_t) data = NULL;
  const char *health;

  if (!bipe_data_dir_check_held (data_dir, error))
    return NULL;
  address = bipe_data_dir_dup_holder_address (data_dir);
  if (address != NULL)
    message = make_request ("GET", address, "/v1/health", NULL);
  if (message == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                   _ ("the station on %s listens nowhere"), data_dir);
      return NULL;
    }
  bytes = ask (message, certificate, address, HEALTH_SECONDS, error);
  if (bytes == NULL
      || (data = read_answer (address, soup_message_get_status (message), bytes, error)) == NULL)
    return NULL;
  health = json_string_value (json_object_get (data, "status"));
  if (health != NULL && g_strv_contains (healths, health))
    return g_strdup (health);
  fail_foreign (address, error);
  return NULL;
}
