/* connection.h: one connection to one kind of database, as BipeStore uses it: blocking, on the
 * thread of the worker that owns it. Two implementations: postgres and sqlite. */
#pragma once

#include <gio/gio.h>

#include "base/query.h"
#include "base/scan.h"
#include "base/types.h"

G_BEGIN_DECLS

/**
 * BipeScanRef:
 * @id: the store's number, or 0: @uuid counts
 */
typedef struct
{
  gint64 id;
  BipeUuid uuid;
} BipeScanRef;

#define BIPE_TYPE_CONNECTION (bipe_connection_get_type ())
G_DECLARE_INTERFACE (BipeConnection, bipe_connection, BIPE, CONNECTION, GObject)

/**
 * BipeConnectionInterface:
 *
 * Every function is idempotent, so that it can be tried again when nobody knows whether it came
 * through. BIPE_ERROR_UNAVAILABLE says that the database can't be reached or does not work now, and
 * that another try may help. @cancellable ends the work and gives G_IO_ERROR_CANCELLED.
 */
struct _BipeConnectionInterface
{
  GTypeInterface parent_interface;

  /* Connects where that is not done, and migrates the schema; also a check that it is alive. */
  gboolean (*open) (BipeConnection *self, GCancellable *cancellable, GError **error);

  /* Inserts @scans in their order. @stored gets as many: each as the store has it, with id and
   * stored_at, also where it was there before. BIPE_ERROR_REJECTED: a row is refused for its
   * content, the message being the reason alone; the others are to be tried again. */
  gboolean (*insert) (BipeConnection *self,
                      GPtrArray *scans,
                      GPtrArray *stored,
                      GCancellable *cancellable,
                      GError **error);

  /* Writes collected_at of each of @scans into the row with its uuid, where there is one. */
  gboolean (*mark_collected) (BipeConnection *self,
                              GPtrArray *scans,
                              GCancellable *cancellable,
                              GError **error);

  /* Sets voided_at and reason; @at 0 clears them. Returns the row afterwards; BIPE_ERROR_NOT_FOUND,
   * or BIPE_ERROR_CONFLICT where it is so already (but not where it is so since @at). */
  BipeScan *(*amend) (BipeConnection *self,
                      const BipeScanRef *ref,
                      gint64 at,
                      const char *reason,
                      GCancellable *cancellable,
                      GError **error);

  /* @found gets as many as @refs: a BipeScan, or NULL where there is none. */
  gboolean (*find) (BipeConnection *self,
                    const BipeScanRef *refs,
                    gsize n_refs,
                    GPtrArray *found,
                    GCancellable *cancellable,
                    GError **error);

  /* One keyset page. */
  GPtrArray *(*query) (BipeConnection *self,
                       const BipeQuery *query,
                       GCancellable *cancellable,
                       GError **error);
};

gboolean bipe_connection_open (BipeConnection *self, GCancellable *cancellable, GError **error);
gboolean bipe_connection_insert (BipeConnection *self,
                                 GPtrArray *scans,
                                 GPtrArray *stored,
                                 GCancellable *cancellable,
                                 GError **error);
gboolean bipe_connection_mark_collected (BipeConnection *self,
                                         GPtrArray *scans,
                                         GCancellable *cancellable,
                                         GError **error);
BipeScan *bipe_connection_amend (BipeConnection *self,
                                 const BipeScanRef *ref,
                                 gint64 at,
                                 const char *reason,
                                 GCancellable *cancellable,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bipe_connection_find (BipeConnection *self,
                               const BipeScanRef *refs,
                               gsize n_refs,
                               GPtrArray *found,
                               GCancellable *cancellable,
                               GError **error);
GPtrArray *bipe_connection_query (BipeConnection *self,
                                  const BipeQuery *query,
                                  GCancellable *cancellable,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_connection_settle_amend:
 *
 * For implementations: what to return from amend where no row was to be changed.
 */
BipeScan *bipe_connection_settle_amend (BipeConnection *self,
                                        const BipeScanRef *ref,
                                        gint64 at,
                                        GCancellable *cancellable,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
