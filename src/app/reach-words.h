/* reach-words.h: who can reach the station, in words. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_CIRCLE_COMPUTER,  /* programs on this computer */
  BIPE_CIRCLE_NETWORK,   /* all that can reach any address of it */
  BIPE_CIRCLE_ADDRESSES, /* all that can reach some addresses of it */
  BIPE_CIRCLE_NOBODY,
} BipeCircle;

/* What the setting listen stands for. */
BipeCircle bipe_circle_of (const char *listen);

/* Whether @listen is a list of addresses, one at least. */
gboolean bipe_circle_check_addresses (const char *listen);

/* Those of its addresses that are not this computer's loopback. */
char *bipe_circle_list_others (const char *listen) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_circle_describe:
 * @listen: the setting
 * @is_encrypted: what goes over the network
 * @computer_needs_token: programs on this computer, too
 */
char *bipe_circle_describe (const char *listen,
                            gboolean is_encrypted,
                            gboolean computer_needs_token) G_GNUC_WARN_UNUSED_RESULT;

/* Whether programs on this computer need a token. @setting: loopback-without-token, −1: auto */
gboolean bipe_circle_needs_token (const char *listen, gint64 setting);

/* "AB:CD:…" of hexadecimal digits. */
char *bipe_format_fingerprint (const char *fingerprint) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
