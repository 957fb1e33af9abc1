/* entrance.h: where a server can be reached, and with what certificate: both may change while it
 * runs. */
#pragma once

#include <gio/gio.h>

#include "access/reach.h"
#include "server/certificate.h"

G_BEGIN_DECLS

typedef struct _BipeEntrance BipeEntrance;

/**
 * BipeCertificateFiles: where the certificate is from
 * @folder: (nullable): of the station's own; %NULL: it has none
 * @certificate, @key: (nullable): the administrator's, both or none
 */
typedef struct
{
  char *folder;
  char *certificate;
  char *key;
} BipeCertificateFiles;

/**
 * BipeEntranceListener:
 * @accepted: @socket is a client's, borrowed
 * @renewed: the certificate is another one
 */
typedef struct
{
  void (*accepted) (GSocket *socket, gpointer user_data);
  void (*renewed) (gpointer user_data);
} BipeEntranceListener;

/* Closed. Copies @files. */
BipeEntrance *bipe_entrance_new (const BipeCertificateFiles *files,
                                 const BipeEntranceListener *listener,
                                 gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void bipe_entrance_free (BipeEntrance *self);

/* Opens it as @wish says, which may be elsewhere than until now, or nowhere; at once, on the
 * thread of the birth. FALSE: all is as it was. BIPE_ERROR_IN_USE: the port is taken;
 * BIPE_ERROR_SETTING, and those of certificate.h. */
gboolean bipe_entrance_open (BipeEntrance *self, const BipeReachWish *wish, GError **error);
void bipe_entrance_close (BipeEntrance *self);

/* NULL: without TLS. */
BipeCertificate *bipe_entrance_get_certificate (BipeEntrance *self);

/* (element-type GSocket): those that listen. */
GPtrArray *bipe_entrance_get_sockets (BipeEntrance *self);

/* What there is now. */
BipeReach *bipe_entrance_dup_reach (BipeEntrance *self) G_GNUC_WARN_UNUSED_RESULT;

/* The next port that could be had for @wish, where its own is taken; 0: none near. */
guint16 bipe_entrance_find_free_port (const BipeReachWish *wish);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeEntrance, bipe_entrance_free)

G_END_DECLS
