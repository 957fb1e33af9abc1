/* reach.h: from where the station can be reached, and how: what is wished, and what there is.
 * Values.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeReachWish:
 * @listen: as the setting: addresses with commas, "lan" or "none"
 * @tls: as the setting: "auto", "on" or "off"
 * @port: 0: any that is free
 */
typedef struct
{
  char *listen;
  char *tls;
  guint16 port;
} BipeReachWish;

/**
 * BipeReach:
 * @addresses: (array zero-terminated=1): where it listens, as URLs, "http://127.0.0.1:5000",
 *   "https://192.168.1.20:5000"; empty: nowhere. Those that other machines reach come first
 * @fingerprint: (nullable): of the certificate, SHA-256, 64 hexadecimal digits; %NULL: without TLS
 * @is_open: other machines reach it, too
 * @free_port: where the port is taken: the next one that is free; else 0
 * @problem: (nullable): why it does not listen as it should
 * @code: of @problem, a BipeError
 */
typedef struct
{
  char **addresses;
  char *fingerprint;
  gboolean is_open;
  guint16 free_port;
  char *problem;
  int code;
} BipeReach;

BipeReach *bipe_reach_copy (const BipeReach *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_reach_free (BipeReach *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeReach, bipe_reach_free)

G_END_DECLS
