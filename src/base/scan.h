/* scan.h: one scanned code and what became of it. Immutable, refcounted, free to cross threads.
 * Another state is another BipeScan: copy the struct, change a member, bipe_scan_new() it. */
#pragma once

#include "base/json.h"
#include "base/types.h"
#include "base/uuid.h"

G_BEGIN_DECLS

/* Characters, the capacity of a QR code; ISO/IEC 18004, version 40-L, digits. */
#define BIPE_SCAN_CODE_MAX 7089
#define BIPE_SCAN_KEY_MAX 64

typedef enum
{
  BIPE_SCAN_QUEUED,
  BIPE_SCAN_STORED,
  BIPE_SCAN_REJECTED,
  BIPE_SCAN_VOIDED,
} BipeScanState;

typedef enum
{
  BIPE_SOURCE_WEDGE,
  BIPE_SOURCE_EVDEV,
  BIPE_SOURCE_HID_POS,
  BIPE_SOURCE_SERIAL,
  BIPE_SOURCE_CAMERA,
  BIPE_SOURCE_MANUAL,
  BIPE_SOURCE_REMOTE,
  BIPE_SOURCE_IMPORT,
} BipeScanSource;

/**
 * BipeScan:
 *
 * Read only once made. Strings are UTF-8; all but @code and @station may be %NULL, and @code is
 * %NULL only in rows adopted from another system. Times are microseconds since 1970, 0 for none.
 */
struct _BipeScan
{
  BipeUuid uuid;
  gint64 id; /* 0: the database has not given one */
  BipeScanState state;
  BipeScanSource source;
  const char *key;
  const char *code;
  const char *aim;
  const char *symbology;
  const char *device;
  const char *station;
  const char *operator;
  const char *code_read;
  const char *reason;
  gint64 scanned_at;
  gint64 stored_at;
  gint64 collected_at;
  gint64 voided_at;
};

#define BIPE_TYPE_SCAN (bipe_scan_get_type ())
GType bipe_scan_get_type (void);

/* Copies @fields, strings too. */
BipeScan *bipe_scan_new (const BipeScan *fields) G_GNUC_WARN_UNUSED_RESULT;
BipeScan *bipe_scan_ref (const BipeScan *self);
void bipe_scan_unref (BipeScan *self);

/* An array that owns its scans; a place in it may be NULL. */
GPtrArray *bipe_scan_array_new (void) G_GNUC_WARN_UNUSED_RESULT;

const char *bipe_scan_state_name (BipeScanState state);
gboolean bipe_scan_state_parse (const char *name, BipeScanState *state);
const char *bipe_scan_source_name (BipeScanSource source);
gboolean bipe_scan_source_parse (const char *name, BipeScanSource *source);

/* Fails with BIPE_ERROR_INVALID where @code is none: empty, too long, or no UTF-8. */
gboolean bipe_scan_check_code (const char *code, GError **error);

/* Appends the record of contracts.md, section 1: every field, in its order, compact. */
void bipe_scan_append_json (const BipeScan *self, GString *out);

/**
 * bipe_scan_from_json:
 * @object: what a client sent: `code`, and as it likes `key`, `symbology`, `aim`, `device`,
 *   `operator`, `source`, `scanned_at`; or a whole record as bipe_scan_append_json() writes it
 *
 * Fields that only the station gives are read where they stand; it is the caller who decides
 * whether they count. Unknown members are ignored, so that newer clients can speak to us.
 *
 * Returns: (nullable): the scan, or %NULL with BIPE_ERROR_INVALID, which names the field
 */
BipeScan *bipe_scan_from_json (const json_t *object, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeScan, bipe_scan_unref)

G_END_DECLS
