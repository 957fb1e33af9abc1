/* symbology.h: the symbologies that a camera can read, as a set. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_SYMBOLOGY_EAN_13 = 1 << 0,
  BIPE_SYMBOLOGY_EAN_8 = 1 << 1,
  BIPE_SYMBOLOGY_UPC_A = 1 << 2,
  BIPE_SYMBOLOGY_UPC_E = 1 << 3,
  BIPE_SYMBOLOGY_CODE_128 = 1 << 4,
  BIPE_SYMBOLOGY_CODE_39 = 1 << 5,
  BIPE_SYMBOLOGY_CODE_93 = 1 << 6,
  BIPE_SYMBOLOGY_CODABAR = 1 << 7,
  BIPE_SYMBOLOGY_ITF = 1 << 8,
  BIPE_SYMBOLOGY_DATABAR = 1 << 9,
  BIPE_SYMBOLOGY_DATABAR_EXPANDED = 1 << 10,
  BIPE_SYMBOLOGY_QR_CODE = 1 << 11,
  BIPE_SYMBOLOGY_MICRO_QR_CODE = 1 << 12,
  BIPE_SYMBOLOGY_DATA_MATRIX = 1 << 13,
  BIPE_SYMBOLOGY_AZTEC = 1 << 14,
  BIPE_SYMBOLOGY_PDF417 = 1 << 15,
  BIPE_SYMBOLOGY_MAXICODE = 1 << 16,
} BipeSymbologies;

/* What is read where nobody chose: safe ones. */
#define BIPE_SYMBOLOGIES_DEFAULT                                                                   \
  (BIPE_SYMBOLOGY_EAN_13 | BIPE_SYMBOLOGY_EAN_8 | BIPE_SYMBOLOGY_UPC_A | BIPE_SYMBOLOGY_CODE_128   \
   | BIPE_SYMBOLOGY_CODE_39 | BIPE_SYMBOLOGY_ITF | BIPE_SYMBOLOGY_QR_CODE                          \
   | BIPE_SYMBOLOGY_DATA_MATRIX)
#define BIPE_SYMBOLOGIES_ALL ((BipeSymbologies)((1 << 17) - 1))
#define BIPE_SYMBOLOGIES_MATRIX                                                                    \
  (BIPE_SYMBOLOGY_QR_CODE | BIPE_SYMBOLOGY_MICRO_QR_CODE | BIPE_SYMBOLOGY_DATA_MATRIX              \
   | BIPE_SYMBOLOGY_AZTEC | BIPE_SYMBOLOGY_PDF417 | BIPE_SYMBOLOGY_MAXICODE)

/* The name of a single one, "EAN-13"; NULL where @symbology is none. Static. */
const char *bipe_symbology_get_name (BipeSymbologies symbology);

/**
 * bipe_symbologies_parse:
 * @text: names with commas, in any case, "EAN-13, qr code"; or `default`, or `all`
 *
 * Returns: the set, or 0 with BIPE_ERROR_INVALID, which names the one it does not know, and those
 *   there are
 */
BipeSymbologies bipe_symbologies_parse (const char *text, GError **error);

G_END_DECLS
