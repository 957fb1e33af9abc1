#include "config.h"

#include "server/entrance.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "server/acceptor.h"
#include "server/listener.h"

/* How often the certificate is looked at: the station's own may be due, or the administrator may
 * have renewed his. */
#define RENEW_SECONDS (24 * 60 * 60)

struct _BipeEntrance
{
  BipeCertificateFiles files;
  const BipeEntranceListener *listener;
  gpointer user_data;
  GMainContext *context;

  GPtrArray *sockets;     /* of GSocket, that listen */
  BipeAcceptor *acceptor; /* NULL: there are none */
  BipeCertificate *certificate;
  GSource *renewal; /* while there is one */
};

static void
stop_renewal (BipeEntrance *self)
{
  if (self->renewal == NULL)
    return;
  g_source_destroy (self->renewal);
  g_clear_pointer (&self->renewal, g_source_unref);
}

static BipeCertificate *
find_certificate (BipeEntrance *self, GError **error)
{
  const BipeCertificateFiles *files = &self->files;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  if (files->certificate != NULL)
    return bipe_certificate_open_given (files->certificate, files->key, now, error);
  if (files->folder != NULL)
    return bipe_certificate_open_own (files->folder, now, error);
  g_set_error_literal (
      error, BIPE_ERROR, BIPE_ERROR_SETTING,
      _ ("there is no certificate for TLS. Set tls to off, or name one with tls-cert "
         "and tls-key"));
  return NULL;
}

/* What is worse than the one there is leaves it in its place. */
static gboolean
renew_cb (gpointer user_data)
{
  BipeEntrance *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeCertificate) certificate = find_certificate (self, &error);

  if (certificate == NULL)
    g_warning ("The certificate cannot be renewed: %s", error->message);
  else if (!g_str_equal (bipe_certificate_get_fingerprint_text (certificate),
                         bipe_certificate_get_fingerprint_text (self->certificate)))
    {
      bipe_certificate_unref (self->certificate);
      self->certificate = g_steal_pointer (&certificate);
      self->listener->renewed (self->user_data);
    }
  return G_SOURCE_CONTINUE;
}

/* Takes @certificate, which may be NULL. */
static void
take_certificate (BipeEntrance *self, BipeCertificate *certificate)
{
  g_clear_pointer (&self->certificate, bipe_certificate_unref);
  self->certificate = certificate;
  stop_renewal (self);
  if (certificate == NULL)
    return;
  self->renewal = g_timeout_source_new_seconds (RENEW_SECONDS);
  g_source_set_callback (self->renewal, renew_cb, self, NULL);
  g_source_attach (self->renewal, self->context);
}

BipeEntrance *
bipe_entrance_new (const BipeCertificateFiles *files,
                   const BipeEntranceListener *listener,
                   gpointer user_data)
{
  BipeEntrance *self = g_new0 (BipeEntrance, 1);

  self->files.folder = g_strdup (files->folder);
  self->files.certificate = g_strdup (files->certificate);
  self->files.key = g_strdup (files->key);
  self->listener = listener;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
bipe_entrance_free (BipeEntrance *self)
{
  bipe_entrance_close (self);
  g_ptr_array_unref (self->sockets);
  g_main_context_unref (self->context);
  g_free (self->files.key);
  g_free (self->files.certificate);
  g_free (self->files.folder);
  g_free (self);
}

static gboolean
check_files (BipeEntrance *self, GError **error)
{
  if ((self->files.certificate != NULL) == (self->files.key != NULL))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
               _ ("tls-cert and tls-key belong together: %s is empty"),
               self->files.key == NULL ? "tls-key" : "tls-cert");
  return FALSE;
}

static gboolean
uses_tls (const BipeReachWish *wish, char *const *addresses)
{
  if (g_str_equal (wish->tls, "auto"))
    return bipe_listener_is_open (addresses);
  return g_str_equal (wish->tls, "on") && addresses[0] != NULL;
}

/* Nobody is accepted meanwhile; who comes waits, where his socket stays. */
static gboolean
move (BipeEntrance *self, char *const *addresses, guint16 port, GError **error)
{
  gboolean is_moved;

  if (self->acceptor != NULL)
    g_ptr_array_unref (bipe_acceptor_steal (g_steal_pointer (&self->acceptor)));
  is_moved = bipe_listener_move (self->sockets, addresses, port, error);
  if (self->sockets->len > 0)
    self->acceptor = bipe_acceptor_new (self->sockets, self->listener->accepted, self->user_data);
  return is_moved;
}

gboolean
bipe_entrance_open (BipeEntrance *self, const BipeReachWish *wish, GError **error)
{
  g_auto(GStrv) addresses = bipe_listener_expand (wish->listen, error);
  g_autoptr(BipeCertificate) certificate = NULL;

  if (addresses == NULL || !check_files (self, error))
    return FALSE;
  if (uses_tls (wish, addresses) && (certificate = find_certificate (self, error)) == NULL)
    {
      g_prefix_error_literal (error, "cannot listen with TLS: ");
      return FALSE;
    }
  if (!move (self, addresses, wish->port, error))
    return FALSE;
  take_certificate (self, g_steal_pointer (&certificate));
  return TRUE;
}

void
bipe_entrance_close (BipeEntrance *self)
{
  g_clear_pointer (&self->acceptor, bipe_acceptor_free);
  g_ptr_array_set_size (self->sockets, 0);
  take_certificate (self, NULL);
}

BipeCertificate *
bipe_entrance_get_certificate (BipeEntrance *self)
{
  return self->certificate;
}

GPtrArray *
bipe_entrance_get_sockets (BipeEntrance *self)
{
  return self->sockets;
}

/* Whether other machines are let in by one of them. */
static gboolean
is_open (GPtrArray *sockets)
{
  for (guint i = 0; i < sockets->len; i++)
    {
      g_autoptr(GSocketAddress) local = g_socket_get_local_address (sockets->pdata[i], NULL);

      if (!g_inet_address_get_is_loopback (
              g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local))))
        return TRUE;
    }
  return FALSE;
}

BipeReach *
bipe_entrance_dup_reach (BipeEntrance *self)
{
  BipeReach *reach = g_new0 (BipeReach, 1);

  reach->addresses = bipe_listener_dup_urls (self->sockets, self->certificate != NULL);
  reach->is_open = is_open (self->sockets);
  if (self->certificate != NULL)
    reach->fingerprint = g_strdup (bipe_certificate_get_fingerprint_text (self->certificate));
  return reach;
}

guint16
bipe_entrance_find_free_port (const BipeReachWish *wish)
{
  g_auto(GStrv) addresses = bipe_listener_expand (wish->listen, NULL);

  return addresses != NULL ? bipe_listener_find_free_port (addresses, wish->port) : 0;
}
