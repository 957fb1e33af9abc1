/* zxing.cc: one source for zxing-cpp 1.4 and for 2.x, whose words for the same things differ. An
 * exception ends here: as nothing found. */
#include "config.h"

#include "decoder/helper/zxing.h"

#define ZX_USE_UTF8 1
#include <ReadBarcode.h>
#include <exception>
#include <string>

#ifdef BIPE_ZXING_HAS_READER_OPTIONS
using Options = ZXing::ReaderOptions;
#else
using Options = ZXing::DecodeHints;
#endif
using ZXing::BarcodeFormat;

/* Pixels that no code is without, and without which zxing's PDF417 reader reads beyond them. */
#define SIDE_MIN 8

/* DataBar's check is so weak that two lines of noise pass for one now and then. */
#define DATABAR_LINES_MIN 3

static const struct
{
  BipeSymbologies symbology;
  BarcodeFormat format;
} table[] = {
  { BIPE_SYMBOLOGY_EAN_13, BarcodeFormat::EAN13 },
  { BIPE_SYMBOLOGY_EAN_8, BarcodeFormat::EAN8 },
  { BIPE_SYMBOLOGY_UPC_A, BarcodeFormat::UPCA },
  { BIPE_SYMBOLOGY_UPC_E, BarcodeFormat::UPCE },
  { BIPE_SYMBOLOGY_CODE_128, BarcodeFormat::Code128 },
  { BIPE_SYMBOLOGY_CODE_39, BarcodeFormat::Code39 },
  { BIPE_SYMBOLOGY_CODE_93, BarcodeFormat::Code93 },
  { BIPE_SYMBOLOGY_CODABAR, BarcodeFormat::Codabar },
  { BIPE_SYMBOLOGY_ITF, BarcodeFormat::ITF },
#ifdef BIPE_ZXING_HAS_DATABAR
  { BIPE_SYMBOLOGY_DATABAR, BarcodeFormat::DataBar },
  { BIPE_SYMBOLOGY_DATABAR_EXPANDED, BarcodeFormat::DataBarExpanded },
#endif
  { BIPE_SYMBOLOGY_QR_CODE, BarcodeFormat::QRCode },
  { BIPE_SYMBOLOGY_MICRO_QR_CODE, BarcodeFormat::MicroQRCode },
  { BIPE_SYMBOLOGY_DATA_MATRIX, BarcodeFormat::DataMatrix },
  { BIPE_SYMBOLOGY_AZTEC, BarcodeFormat::Aztec },
  { BIPE_SYMBOLOGY_PDF417, BarcodeFormat::PDF417 },
  { BIPE_SYMBOLOGY_MAXICODE, BarcodeFormat::MaxiCode },
};

static ZXing::BarcodeFormats
get_formats (BipeSymbologies symbologies)
{
  ZXing::BarcodeFormats formats;

  for (const auto &row : table)
    if (symbologies & row.symbology)
      formats |= row.format;
  return formats;
}

static BipeSymbologies
get_symbology (BarcodeFormat format)
{
  for (const auto &row : table)
    if (row.format == format)
      return row.symbology;
  return static_cast<BipeSymbologies> (0);
}

/* U+0000 is text, too. */
static bool
is_utf8 (const std::string &text)
{
  for (gsize at = 0; at < text.size (); at++)
    {
      const char *end;

      if (!g_utf8_validate_len (text.data () + at, text.size () - at, &end) && *end != '\0')
        return false;
      at = static_cast<gsize> (end - text.data ());
    }
  return true;
}

template <typename Result>
static std::string
get_text (const Result &result)
{
#ifdef BIPE_ZXING_HAS_READER_OPTIONS
  const std::string text = result.text (ZXing::TextMode::Plain);
#else
  const std::string text = result.text ();
#endif

  if (is_utf8 (text))
    return text;

  g_autofree char *valid = g_utf8_make_valid (text.data (), static_cast<gssize> (text.size ()));
  return valid;
}

/* Newer versions also give the start and stop characters, which are none of the data (EN 798). */
static std::string
strip_codabar (const std::string &text)
{
  const auto is_guard = [] (char c) { return c >= 'A' && c <= 'D'; };

  if (text.size () >= 2 && is_guard (text.front ()) && is_guard (text.back ()))
    return text.substr (1, text.size () - 2);
  return text;
}

template <typename Result>
static bool
is_sure (const Result &result, BipeSymbologies symbology)
{
  return (symbology & (BIPE_SYMBOLOGY_DATABAR | BIPE_SYMBOLOGY_DATABAR_EXPANDED)) == 0
         || result.lineCount () >= DATABAR_LINES_MIN;
}

static BipeReading *
read_one (const BipePicture *picture, BipeSymbologies symbologies, bool is_thorough)
{
  const ZXing::ImageView view (picture->luma, static_cast<int> (picture->width),
                               static_cast<int> (picture->height), ZXing::ImageFormat::Lum,
                               static_cast<int> (picture->stride));
  Options options;

  options.setFormats (get_formats (symbologies))
      .setMaxNumberOfSymbols (1)
      .setTryHarder (is_thorough)
      .setTryRotate (is_thorough)
      .setTryDownscale (is_thorough);
#ifdef BIPE_ZXING_HAS_READER_OPTIONS
  options.setTryInvert (false);
  options.setTryCode39ExtendedMode (false); /* it expands whatever can be: see full-ascii.h */
#endif

  const auto result = ZXing::ReadBarcode (view, options);
  const BipeSymbologies symbology = get_symbology (result.format ());
  std::string text = result.isValid () ? get_text (result) : std::string ();
  BipePoint corners[4];

  /* Asked for UPC-A it gives other EAN-13, too. */
  if (text.empty () || (symbology & symbologies) == 0 || !is_sure (result, symbology))
    return nullptr;
  if (symbology == BIPE_SYMBOLOGY_CODABAR)
    text = strip_codabar (text);
  for (int i = 0; i < 4; i++)
    corners[i] = { result.position ()[i].x, result.position ()[i].y };
  return bipe_reading_new (symbology, result.symbologyIdentifier ().c_str (), text.data (),
                           text.size (), corners);
}

BipeReading *
bipe_zxing_read (const BipePicture *picture, BipeSymbologies symbologies, gboolean is_thorough)
{
  /* None named is all of them to zxing. */
  if (get_formats (symbologies).empty () || picture->width < SIDE_MIN || picture->height < SIDE_MIN)
    return nullptr;
  try
    {
      return read_one (picture, symbologies, is_thorough);
    }
  catch (const std::exception &)
    {
      return nullptr;
    }
}
