#include "config.h"

#include "app/pairing-session.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

#include "app/client-item.h"
#include "app/format.h"
#include "base/error.h"

struct _BipePairingSession
{
  GObject parent_instance;

  BipePairing *pairing;
  BipeNetwork *network;
  GtkStringList *places;
  guint place;

  const char *state;
  char *title;
  char *reason;
  char *link;
  char *remaining;
  char *problem;
  BipePairingOffer *offer;     /* NULL: none */
  BipePairingRequest *request; /* NULL: nobody asks */
  GCancellable *awaiting;      /* who asks; NULL: it is known */
  guint timer;
  gboolean is_checking; /* whether the request still stands */
  gboolean is_approving;
  gboolean is_closed;
};

enum
{
  PROP_0,
  PROP_STATE,
  PROP_TITLE,
  PROP_REASON,
  PROP_PLACES,
  PROP_N_PLACES,
  PROP_PLACE,
  PROP_LINK,
  PROP_REMAINING,
  PROP_DIGITS,
  PROP_ASKER,
  PROP_ASKER_ADDRESS,
  PROP_PROBLEM,
  PROP_IS_APPROVING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BipePairingSession, bipe_pairing_session, G_TYPE_OBJECT)

static void
notify (BipePairingSession *self, guint property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Takes @text. */
static void
take_text (BipePairingSession *self, char **field, guint property, char *text)
{
  g_free (*field);
  *field = text;
  notify (self, property);
}

static gboolean
is_in (BipePairingSession *self, const char *state)
{
  return g_str_equal (self->state, state);
}

/* @state: static */
static void
set_state (BipePairingSession *self, const char *state)
{
  self->state = state;
  notify (self, PROP_STATE);
}

static void
set_approving (BipePairingSession *self, gboolean is_approving)
{
  self->is_approving = is_approving;
  notify (self, PROP_IS_APPROVING);
}

static void
forget_code (BipePairingSession *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->awaiting != NULL)
    g_cancellable_cancel (self->awaiting);
  g_clear_object (&self->awaiting);
  g_clear_pointer (&self->offer, g_free);
  take_text (self, &self->link, PROP_LINK, NULL);
}

/* Takes @reason. */
static void
end (BipePairingSession *self, const char *state, const char *title, char *reason)
{
  forget_code (self);
  take_text (self, &self->title, PROP_TITLE, g_strdup (title));
  take_text (self, &self->reason, PROP_REASON, reason);
  set_state (self, state);
}

static void
expire (BipePairingSession *self)
{
  end (self, "over", _ ("The Code Has Expired"),
       g_strdup (_ ("A code is good for two minutes, so that nobody can use it later.")));
}

/* What ended it is the pairing's word; that its time is over is the only end that is usual. */
static void
fail_code (BipePairingSession *self, const GError *error)
{
  g_autofree char *cause = NULL;

  if (self->offer != NULL && g_get_real_time () >= self->offer->expires_at - G_USEC_PER_SEC)
    {
      expire (self);
      return;
    }
  cause = bipe_error_translate (error->message);
  end (
      self, "over", _ ("The Code No Longer Counts"),
      g_strdup_printf (
          _ ("Nobody was let in: %s. Show the new code only to the device that you mean."), cause));
}

/* The link. */

static char *
choose_url (BipePairingSession *self)
{
  const BipeReach *reach = bipe_network_get_reach (self->network);
  guint n = 0;

  for (guint i = 0; reach->addresses[i] != NULL; i++)
    if (g_str_has_prefix (reach->addresses[i], "https://") && n++ == self->place)
      return g_strdup (reach->addresses[i]);
  return NULL;
}

static void
update_link (BipePairingSession *self)
{
  g_autofree char *url = choose_url (self);
  const char *fingerprint = bipe_network_get_reach (self->network)->fingerprint;

  take_text (self, &self->link, PROP_LINK,
             url != NULL && self->offer != NULL && fingerprint != NULL
                 ? g_strdup_printf ("%s/#pair=%s&fp=%s", url, self->offer->code, fingerprint)
                 : NULL);
}

static void
list_places (BipePairingSession *self)
{
  const BipeReach *reach = bipe_network_get_reach (self->network);
  GListModel *places = G_LIST_MODEL (self->places);

  gtk_string_list_splice (self->places, 0, g_list_model_get_n_items (places), NULL);
  for (guint i = 0; reach->addresses[i] != NULL; i++)
    {
      g_autoptr(GUri) uri = g_uri_parse (reach->addresses[i], G_URI_FLAGS_NONE, NULL);

      if (uri != NULL && g_str_equal (g_uri_get_scheme (uri), "https"))
        gtk_string_list_append (self->places, g_uri_get_host (uri));
    }
  self->place = 0;
  notify (self, PROP_N_PLACES);
  notify (self, PROP_PLACE);
}

/* Asking. */

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipePairingSession) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipePairingRequest) request
             = bipe_pairing_await_finish (BIPE_PAIRING (source), result, &error);

  self->is_checking = FALSE;
  if (request == NULL && is_in (self, "request") && !self->is_approving)
    fail_code (self, error);
}

/* Another device with the same code, or an administrator, may end a request at any time. */
static void
check_request (BipePairingSession *self)
{
  if (self->is_checking || self->is_approving)
    return;
  self->is_checking = TRUE;
  bipe_pairing_await_async (self->pairing, NULL, checked_cb, g_object_ref (self));
}

static void
update_remaining (BipePairingSession *self)
{
  gint64 left = MAX (self->offer->expires_at - g_get_real_time (), 0) / G_USEC_PER_SEC;

  take_text (self, &self->remaining, PROP_REMAINING,
             /* Translators: minutes and seconds that are left */
             g_strdup_printf (_ ("Valid for %d:%02d"), (int)(left / 60), (int)(left % 60)));
}

static gboolean
tick_cb (gpointer user_data)
{
  BipePairingSession *self = user_data;

  update_remaining (self);
  if (g_get_real_time () >= self->offer->expires_at && !self->is_approving)
    {
      self->timer = 0;
      expire (self);
      return G_SOURCE_REMOVE;
    }
  if (is_in (self, "request"))
    check_request (self);
  return G_SOURCE_CONTINUE;
}

static void
asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipePairingSession) self = user_data;
  g_autoptr(GError) error = NULL;
  BipePairingRequest *request = bipe_pairing_await_finish (BIPE_PAIRING (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || !is_in (self, "offer"))
    {
      g_clear_pointer (&request, bipe_pairing_request_free);
      return;
    }
  g_clear_object (&self->awaiting);
  if (request == NULL)
    {
      fail_code (self, error);
      return;
    }
  g_clear_pointer (&self->request, bipe_pairing_request_free);
  self->request = request;
  take_text (self, &self->problem, PROP_PROBLEM, NULL);
  notify (self, PROP_DIGITS);
  notify (self, PROP_ASKER);
  notify (self, PROP_ASKER_ADDRESS);
  set_state (self, "request");
}

static void
offered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipePairingSession) self = user_data;
  g_autoptr(GError) error = NULL;
  BipePairingOffer *offer = bipe_pairing_offer_finish (BIPE_PAIRING (source), result, &error);

  if (self->is_closed)
    {
      if (offer != NULL)
        bipe_pairing_close (self->pairing);
      g_free (offer);
      return;
    }
  if (offer == NULL)
    {
      end (self, "over", _ ("No Code Can Be Made"), bipe_error_translate (error->message));
      return;
    }
  self->offer = offer;
  update_link (self);
  update_remaining (self);
  self->timer = g_timeout_add_seconds (1, tick_cb, self);
  self->awaiting = g_cancellable_new ();
  set_state (self, "offer");
  bipe_pairing_await_async (self->pairing, self->awaiting, asked_cb, g_object_ref (self));
}

static void
approved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipePairingSession) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeGrant) grant = bipe_pairing_approve_finish (BIPE_PAIRING (source), result, &error);
  g_autofree char *name = NULL;
  g_autofree char *scopes = NULL;
  g_autofree char *day = NULL;

  set_approving (self, FALSE);
  if (grant == NULL && g_error_matches (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND))
    fail_code (self, error);
  else if (grant == NULL)
    take_text (self, &self->problem, PROP_PROBLEM, bipe_error_translate (error->message));
  if (grant == NULL)
    return;

  name = bipe_format_code (grant->name, BIPE_GRANT_NAME_MAX);
  scopes = bipe_format_scopes (grant->scopes);
  day = bipe_format_day (grant->expires_at);
  end (self, "done", _ ("Device Paired"),
       /* Translators: "Phone of Ana: Scan, Read. Until 12/05/26." */
       g_strdup_printf (_ ("%s: %s. Until %s."), name, scopes, day));
}

/* NULL: it can. */
static const char *
find_obstacle (BipePairingSession *self, const char **title)
{
  const BipeReach *reach = bipe_network_get_reach (self->network);

  if (!reach->is_open)
    {
      *title = _ ("Other Devices Can’t Reach This Station");
      return reach->addresses[0] != NULL
                 ? _ ("Its server serves only this computer. Open it to the network first.")
                 : _ ("Its server is off. Open it to the network first.");
    }
  if (reach->fingerprint == NULL)
    {
      *title = _ ("Pairing Needs Encryption");
      return _ ("Encryption is off: anybody on the network could read the token that a device is "
                "given, and use it.");
    }
  return NULL;
}

static void
network_changed_cb (BipePairingSession *self)
{
  const char *title;

  if (is_in (self, "closed") && find_obstacle (self, &title) == NULL)
    bipe_pairing_session_start (self);
  else if (is_in (self, "offer") && find_obstacle (self, &title) != NULL)
    bipe_pairing_session_start (self);
  else if (is_in (self, "offer"))
    {
      list_places (self);
      update_link (self);
    }
}

static void
set_place (BipePairingSession *self, guint place)
{
  if (self->place == place || place >= g_list_model_get_n_items (G_LIST_MODEL (self->places)))
    return;
  self->place = place;
  update_link (self);
  notify (self, PROP_PLACE);
}

static void
bipe_pairing_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  BipePairingSession *self = BIPE_PAIRING_SESSION (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    case PROP_PLACES:
      g_value_set_object (value, self->places);
      break;
    case PROP_N_PLACES:
      g_value_set_uint (value, g_list_model_get_n_items (G_LIST_MODEL (self->places)));
      break;
    case PROP_PLACE:
      g_value_set_uint (value, self->place);
      break;
    case PROP_LINK:
      g_value_set_string (value, self->link);
      break;
    case PROP_REMAINING:
      g_value_set_string (value, self->remaining);
      break;
    case PROP_DIGITS:
      g_value_set_string (value, self->request != NULL ? self->request->digits : NULL);
      break;
    case PROP_ASKER:
      g_value_set_string (value, self->request != NULL ? self->request->name : NULL);
      break;
    case PROP_ASKER_ADDRESS:
      g_value_set_string (value, self->request != NULL ? self->request->address : NULL);
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_IS_APPROVING:
      g_value_set_boolean (value, self->is_approving);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_pairing_session_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_PLACE:
      set_place (BIPE_PAIRING_SESSION (object), g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bipe_pairing_session_dispose (GObject *object)
{
  BipePairingSession *self = BIPE_PAIRING_SESSION (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->awaiting);
  g_clear_pointer (&self->request, bipe_pairing_request_free);
  g_clear_pointer (&self->offer, g_free);
  g_clear_object (&self->places);
  g_clear_object (&self->network);
  g_clear_object (&self->pairing);
  G_OBJECT_CLASS (bipe_pairing_session_parent_class)->dispose (object);
}

static void
bipe_pairing_session_finalize (GObject *object)
{
  BipePairingSession *self = BIPE_PAIRING_SESSION (object);

  g_free (self->problem);
  g_free (self->remaining);
  g_free (self->link);
  g_free (self->reason);
  g_free (self->title);
  G_OBJECT_CLASS (bipe_pairing_session_parent_class)->finalize (object);
}

static void
bipe_pairing_session_class_init (BipePairingSessionClass *class)
{
  static const struct
  {
    guint property;
    const char *name;
  } texts[] = {
    { PROP_STATE, "state" },         { PROP_TITLE, "title" },
    { PROP_REASON, "reason" },       { PROP_LINK, "link" },
    { PROP_REMAINING, "remaining" }, { PROP_DIGITS, "digits" },
    { PROP_ASKER, "asker" },         { PROP_ASKER_ADDRESS, "asker-address" },
    { PROP_PROBLEM, "problem" },
  };
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = bipe_pairing_session_get_property;
  object_class->set_property = bipe_pairing_session_set_property;
  object_class->dispose = bipe_pairing_session_dispose;
  object_class->finalize = bipe_pairing_session_finalize;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[texts[i].property] = g_param_spec_string (texts[i].name, NULL, NULL, NULL, flags);
  properties[PROP_PLACES] = g_param_spec_object ("places", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_N_PLACES] = g_param_spec_uint ("n-places", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_PLACE]
      = g_param_spec_uint ("place", NULL, NULL, 0, G_MAXUINT, 0,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_IS_APPROVING] = g_param_spec_boolean ("is-approving", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bipe_pairing_session_init (BipePairingSession *self)
{
  self->state = "making";
  self->places = gtk_string_list_new (NULL);
}

BipePairingSession *
bipe_pairing_session_new (BipePairing *pairing, BipeNetwork *network)
{
  BipePairingSession *self = g_object_new (BIPE_TYPE_PAIRING_SESSION, NULL);

  self->pairing = g_object_ref (pairing);
  self->network = g_object_ref (network);
  g_signal_connect_object (network, "changed", G_CALLBACK (network_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
bipe_pairing_session_start (BipePairingSession *self)
{
  const char *title;
  const char *obstacle = find_obstacle (self, &title);

  if (obstacle != NULL)
    {
      bipe_pairing_session_close (self);
      self->is_closed = FALSE;
      end (self, "closed", title, g_strdup (obstacle));
      return;
    }
  forget_code (self);
  list_places (self);
  set_state (self, "making");
  bipe_pairing_offer_async (self->pairing, offered_cb, g_object_ref (self));
}

void
bipe_pairing_session_approve (BipePairingSession *self, const char *name, guint scopes, gint64 days)
{
  if (!is_in (self, "request") || self->is_approving)
    return;
  take_text (self, &self->problem, PROP_PROBLEM, NULL);
  set_approving (self, TRUE);
  bipe_pairing_approve_async (self->pairing, self->request->digits, name, scopes, days, approved_cb,
                              g_object_ref (self));
}

void
bipe_pairing_session_refuse (BipePairingSession *self)
{
  if (!is_in (self, "request") || self->is_approving)
    return;
  bipe_pairing_close (self->pairing);
  end (self, "over", _ ("Refused"), g_strdup (_ ("The device was not let in.")));
}

void
bipe_pairing_session_close (BipePairingSession *self)
{
  self->is_closed = TRUE;
  if ((is_in (self, "offer") || is_in (self, "request")) && !self->is_approving)
    bipe_pairing_close (self->pairing);
  forget_code (self);
}
