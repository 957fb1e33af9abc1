#include "config.h"

#include "decoder/helper/zbar-reader.h"

#include <string.h>
#include <zbar.h>

#define CODE_39_MIN 4

/* zbar gives a UPC-A as the EAN-13 that it is, too: which of the two it is to be is ours to say. A
 * UPC-E that nobody asked for it gives as the EAN-13 that it stands for: so it is always asked for,
 * and dropped where it is not wanted. */
static const struct
{
  BipeSymbologies symbologies;
  zbar_symbol_type_t type;
} table[] = {
  { BIPE_SYMBOLOGY_EAN_13 | BIPE_SYMBOLOGY_UPC_A, ZBAR_EAN13 },
  { BIPE_SYMBOLOGY_EAN_8, ZBAR_EAN8 },
  { BIPE_SYMBOLOGY_UPC_E, ZBAR_UPCE },
  { BIPE_SYMBOLOGY_CODE_128, ZBAR_CODE128 },
  { BIPE_SYMBOLOGY_CODE_39, ZBAR_CODE39 },
  { BIPE_SYMBOLOGY_QR_CODE, ZBAR_QRCODE },
};

static BipeSymbologies
get_symbologies (zbar_symbol_type_t type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].type == type)
      return table[i].symbologies;
  return 0;
}

/* What zbar tells of a symbol is enough for these, and no more: of a QR Code it does not tell
 * whether its text names a character set (]Q2), which changes nothing in one of ASCII alone. */
static const char *
get_aim (const zbar_symbol_t *symbol, BipeSymbologies symbology)
{
  guint modifiers = zbar_symbol_get_modifiers (symbol);
  gboolean is_gs1 = (modifiers & (1 << ZBAR_MOD_GS1)) != 0;
  gboolean is_other = (modifiers & (1 << ZBAR_MOD_AIM)) != 0;

  if (symbology == BIPE_SYMBOLOGY_CODE_128)
    return is_gs1 ? "]C1" : is_other ? "]C2" : "]C0";
  if (symbology == BIPE_SYMBOLOGY_QR_CODE)
    return is_gs1                                           ? "]Q3"
           : is_other                                       ? "]Q5"
           : g_str_is_ascii (zbar_symbol_get_data (symbol)) ? "]Q1"
                                                            : "";
  if (symbology == BIPE_SYMBOLOGY_CODE_39)
    return "]A0";
  return symbology == BIPE_SYMBOLOGY_EAN_8 ? "]E4" : "]E0";
}

/* Of a matrix code the 4 corners that it gives: upper left, lower left, lower right, upper right.
 * Of a linear one it gives points on the scan lines: the box around them, turned as it lies. */
static void
get_corners (const zbar_symbol_t *symbol, BipePoint corners[4])
{
  static const struct
  {
    zbar_orientation_t orientation;
    guint first; /* of the box's corners: where the symbol starts */
  } turns[] = {
    { ZBAR_ORIENT_RIGHT, 1 },
    { ZBAR_ORIENT_DOWN, 2 },
    { ZBAR_ORIENT_LEFT, 3 },
  };
  guint n = zbar_symbol_get_loc_size (symbol), first = 0;
  gint32 left = G_MAXINT32, top = G_MAXINT32, right = 0, bottom = 0;

  for (guint i = 0; i < n; i++)
    {
      gint32 x = zbar_symbol_get_loc_x (symbol, i), y = zbar_symbol_get_loc_y (symbol, i);

      if (n == 4 && zbar_symbol_get_type (symbol) == ZBAR_QRCODE)
        corners[(4 - i) % 4] = (BipePoint){ x, y };
      left = MIN (left, x);
      right = MAX (right, x);
      top = MIN (top, y);
      bottom = MAX (bottom, y);
    }
  if (n == 4 && zbar_symbol_get_type (symbol) == ZBAR_QRCODE)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (turns); i++)
    if (turns[i].orientation == zbar_symbol_get_orientation (symbol))
      first = turns[i].first;
  {
    const BipePoint box[] = { { left, top }, { right, top }, { right, bottom }, { left, bottom } };

    for (guint i = 0; i < 4; i++)
      corners[i] = box[(first + i) % 4];
  }
}

static void
append (const zbar_symbol_t *symbol,
        BipeSymbologies symbologies,
        guint min_lines,
        GPtrArray *readings)
{
  zbar_symbol_type_t type = zbar_symbol_get_type (symbol);
  BipeSymbologies symbology = get_symbologies (type);
  const char *text = zbar_symbol_get_data (symbol);
  gsize length = zbar_symbol_get_data_length (symbol);
  BipePoint corners[4] = { 0 };

  if ((symbology & symbologies) == 0 || length == 0 || zbar_symbol_get_loc_size (symbol) == 0
      || !g_utf8_validate (text, (gssize)length, NULL)
      || (type != ZBAR_QRCODE && zbar_symbol_get_quality (symbol) < (int)min_lines))
    return;
  if (type == ZBAR_EAN13)
    {
      gboolean is_upc = text[0] == '0' && (symbologies & BIPE_SYMBOLOGY_UPC_A);

      symbology = is_upc ? BIPE_SYMBOLOGY_UPC_A : BIPE_SYMBOLOGY_EAN_13;
      if ((symbologies & symbology) == 0)
        return;
      text += is_upc ? 1 : 0;
      length -= is_upc ? 1 : 0;
    }
  get_corners (symbol, corners);
  g_ptr_array_add (
      readings, bipe_reading_new (symbology, get_aim (symbol, symbology), text, length, corners));
}

static zbar_image_scanner_t *
make_scanner (BipeSymbologies symbologies)
{
  zbar_image_scanner_t *scanner = zbar_image_scanner_create ();

  zbar_image_scanner_set_config (scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if ((symbologies & table[i].symbologies) || table[i].type == ZBAR_UPCE)
      zbar_image_scanner_set_config (scanner, table[i].type, ZBAR_CFG_ENABLE, 1);
  zbar_image_scanner_set_config (scanner, ZBAR_CODE39, ZBAR_CFG_MIN_LEN, CODE_39_MIN);
  return scanner;
}

void
bipe_zbar_read (const BipePicture *picture,
                BipeSymbologies symbologies,
                guint min_lines,
                GPtrArray *readings)
{
  gsize size = (gsize)picture->width * picture->height;
  g_autofree guint8 *pixels = g_malloc (size); /* zbar knows no stride */
  zbar_image_scanner_t *scanner = make_scanner (symbologies);
  zbar_image_t *image = zbar_image_create ();

  for (guint y = 0; y < picture->height; y++)
    memcpy (pixels + (gsize)y * picture->width, picture->luma + y * picture->stride,
            picture->width);
  zbar_image_set_format (image, zbar_fourcc ('Y', '8', '0', '0'));
  zbar_image_set_size (image, picture->width, picture->height);
  zbar_image_set_data (image, pixels, size, NULL);
  zbar_scan_image (scanner, image);
  for (const zbar_symbol_t *symbol = zbar_image_first_symbol (image); symbol != NULL;
       symbol = zbar_symbol_next (symbol))
    append (symbol, symbologies, min_lines, readings);
  zbar_image_destroy (image);
  zbar_image_scanner_destroy (scanner);
}
