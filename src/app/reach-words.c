#include "config.h"

#include "app/reach-words.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

static gboolean
is_loopback (const char *text)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (text);

  return address != NULL && g_inet_address_get_is_loopback (address);
}

BipeCircle
bipe_circle_of (const char *listen)
{
  g_auto(GStrv) parts = g_strsplit (listen, ",", -1);

  if (g_ascii_strcasecmp (listen, "lan") == 0)
    return BIPE_CIRCLE_NETWORK;
  if (g_ascii_strcasecmp (listen, "none") == 0)
    return BIPE_CIRCLE_NOBODY;
  for (guint i = 0; parts[i] != NULL; i++)
    if (g_strstrip (parts[i])[0] != '\0' && !is_loopback (parts[i]))
      return BIPE_CIRCLE_ADDRESSES;
  return BIPE_CIRCLE_COMPUTER;
}

gboolean
bipe_circle_check_addresses (const char *listen)
{
  g_auto(GStrv) parts = g_strsplit (listen, ",", -1);
  guint n_addresses = 0;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *part = g_strstrip (parts[i]);

      if (part[0] == '\0')
        continue;
      if (!g_hostname_is_ip_address (part))
        return FALSE;
      n_addresses++;
    }
  return n_addresses > 0;
}

char *
bipe_circle_list_others (const char *listen)
{
  g_auto(GStrv) parts = g_strsplit (listen, ",", -1);
  GString *out = g_string_new (NULL);

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_strstrip (parts[i])[0] != '\0' && !is_loopback (parts[i]))
      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", parts[i]);
  return g_string_free (out, FALSE);
}

gboolean
bipe_circle_needs_token (const char *listen, gint64 setting)
{
  BipeCircle circle = bipe_circle_of (listen);

  if (setting >= 0)
    return setting == 0;
  return circle == BIPE_CIRCLE_NETWORK || circle == BIPE_CIRCLE_ADDRESSES;
}

static char *
describe_open (BipeCircle circle, const char *listen, gboolean is_encrypted)
{
  g_autofree char *others = bipe_circle_list_others (listen);

  if (circle == BIPE_CIRCLE_NETWORK)
    return g_strdup (
        is_encrypted
            ? _ ("Every device on your network that has a token. Encrypted.")
            : _ ("Every device on your network that has a token. NOT encrypted: anybody on the "
                 "network can read along, tokens too."));
  if (is_encrypted)
    return g_strdup_printf (_ ("Every device that reaches %s and has a token. Encrypted."), others);
  return g_strdup_printf (_ ("Every device that reaches %s and has a token. NOT encrypted: anybody "
                             "on the network can read along, tokens too."),
                          others);
}

char *
bipe_circle_describe (const char *listen, gboolean is_encrypted, gboolean computer_needs_token)
{
  BipeCircle circle = bipe_circle_of (listen);
  g_autofree char *open = NULL;

  if (circle == BIPE_CIRCLE_NOBODY)
    return g_strdup (_ ("Nobody. The server is off; scanning in this window goes on."));
  if (circle == BIPE_CIRCLE_COMPUTER)
    return g_strdup (computer_needs_token
                         ? _ ("Only programs on this computer, and only with a token.")
                         : _ ("Only programs on this computer. They need no token."));
  open = describe_open (circle, listen, is_encrypted);
  /* Translators: two sentences, one after the other */
  return g_strdup_printf (C_ ("sentences", "%s %s"), open,
                          computer_needs_token ? _ ("Programs on this computer need one, too.")
                                               : _ ("Programs on this computer need none."));
}

char *
bipe_format_fingerprint (const char *fingerprint)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; fingerprint != NULL && fingerprint[i] != '\0'; i++)
    {
      if (i > 0 && i % 2 == 0)
        g_string_append_c (out, ':');
      g_string_append_c (out, g_ascii_toupper (fingerprint[i]));
    }
  return g_string_free (out, FALSE);
}
