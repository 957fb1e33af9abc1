#include "config.h"

#include "decoder/symbology.h"

#include <glib/gi18n.h>

#include "base/error.h"

/* The names that a scan has them by. Rows of nothing but a bit are sets of one. */
static const struct
{
  BipeSymbologies symbologies;
  const char *name;
} table[] = {
  { BIPE_SYMBOLOGY_EAN_13, "EAN-13" },
  { BIPE_SYMBOLOGY_EAN_8, "EAN-8" },
  { BIPE_SYMBOLOGY_UPC_A, "UPC-A" },
  { BIPE_SYMBOLOGY_UPC_E, "UPC-E" },
  { BIPE_SYMBOLOGY_CODE_128, "Code 128" },
  { BIPE_SYMBOLOGY_CODE_39, "Code 39" },
  { BIPE_SYMBOLOGY_CODE_93, "Code 93" },
  { BIPE_SYMBOLOGY_CODABAR, "Codabar" },
  { BIPE_SYMBOLOGY_ITF, "ITF" },
  { BIPE_SYMBOLOGY_DATABAR, "GS1 DataBar" },
  { BIPE_SYMBOLOGY_DATABAR_EXPANDED, "GS1 DataBar Expanded" },
  { BIPE_SYMBOLOGY_QR_CODE, "QR Code" },
  { BIPE_SYMBOLOGY_MICRO_QR_CODE, "Micro QR Code" },
  { BIPE_SYMBOLOGY_DATA_MATRIX, "Data Matrix" },
  { BIPE_SYMBOLOGY_AZTEC, "Aztec" },
  { BIPE_SYMBOLOGY_PDF417, "PDF417" },
  { BIPE_SYMBOLOGY_MAXICODE, "MaxiCode" },
  { BIPE_SYMBOLOGIES_DEFAULT, "default" },
  { BIPE_SYMBOLOGIES_ALL, "all" },
};

const char *
bipe_symbology_get_name (BipeSymbologies symbology)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].symbologies == symbology && (symbology & (symbology - 1)) == 0)
      return table[i].name;
  return NULL;
}

static BipeSymbologies
find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_ascii_strcasecmp (table[i].name, name) == 0)
      return table[i].symbologies;
  return 0;
}

BipeSymbologies
bipe_symbologies_parse (const char *text, GError **error)
{
  g_auto(GStrv) names = g_strsplit (text, ",", -1);
  BipeSymbologies found = 0;

  for (gsize i = 0; names[i] != NULL; i++)
    {
      BipeSymbologies one = find (g_strstrip (names[i]));

      if (one == 0)
        {
          g_autoptr(GString) known = g_string_new (table[0].name);

          for (gsize k = 1; k < G_N_ELEMENTS (table); k++)
            g_string_append_printf (known, ", %s", table[k].name);
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: %s (%s)",
                       N_ ("there is no such symbology"), names[i], known->str);
          return 0;
        }
      found |= one;
    }
  if (found == 0)
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                         N_ ("name a symbology to look for"));
  return found;
}
