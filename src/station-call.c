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

GBytes *
bipe_station_call_load_key (BipeSettings *settings, const char *data_dir, GError **error)
{
  g_autofree char *path = g_canonicalize_filename (data_dir, NULL);

  return bipe_secret_load (bipe_settings_get_text (settings, "secret-key-file"), path,
                           BIPE_SECRET_KEYRING_FOUND, error);
}

static json_t *
read_answer (guint status, GBytes *bytes, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bytes, &length);
  g_autoptr(json_t) answer = bipe_json_parse (length > 0 ? text : "", length, NULL);
  const char *message = json_string_value (json_object_get (answer, "message"));
  json_t *data = json_object_get (answer, "data");

  if (SOUP_STATUS_IS_SUCCESSFUL (status) && data != NULL)
    return json_incref (data);
  g_set_error (
      error, BIPE_ERROR, status == SOUP_STATUS_NOT_FOUND ? BIPE_ERROR_NOT_FOUND : BIPE_ERROR_FAILED,
      _ ("the station refuses: %s"), message != NULL ? message : _ ("it does not say why"));
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
make_request (GBytes *key, const char *method, const char *url, const char *body)
{
  g_autofree char *token = bipe_registry_issue_own (key, bipe_clock_system ());
  g_autofree char *header = g_strconcat ("Bearer ", token, NULL);
  SoupMessage *message = soup_message_new (method, url);
  g_autoptr(GBytes) bytes = NULL;

  if (message == NULL)
    return NULL;
  soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                header);
  if (body != NULL)
    {
      bytes = g_bytes_new (body, strlen (body));
      soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
  return message;
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
  g_autofree char *address = bipe_data_dir_dup_holder_address (data_dir);
  g_autofree char *url = g_strconcat (address != NULL ? address : "", path, NULL);
  g_autofree char *certificate = dup_certificate_path (settings, data_dir);
  g_autoptr(GBytes) key = bipe_station_call_load_key (settings, data_dir, error);
  g_autoptr(SoupMessage) message = NULL;
  g_autoptr(SoupSession) session = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) problem = NULL;

  if (key == NULL)
    return NULL;
  if (address != NULL)
    message = make_request (key, method, url, body);
  if (message == NULL)
    {
      g_set_error (
          error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
          _ ("a station runs on %s, and listens nowhere: it can't be asked. Stop it first"),
          data_dir);
      return NULL;
    }
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), certificate);
  session = soup_session_new_with_options ("timeout", ANSWER_SECONDS, NULL);
  /* The token is for nobody on the way. */
  soup_session_set_proxy_resolver (session, NULL);
  bytes = soup_session_send_and_read (session, message, NULL, &problem);
  if (bytes == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                   _ ("cannot ask the station at %s: %s"), address, problem->message);
      return NULL;
    }
  *status = soup_message_get_status (message);
  return read_answer (*status, bytes, error);
}
