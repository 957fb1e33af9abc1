/* codes-draw.cc: zxing-cpp's writers draw what its readers read. */
#include "config.h"

#include <BarcodeFormat.h>
#include <BitMatrix.h>
#include <MultiFormatWriter.h>
#include <map>

#include "codes.h"

#define QUIET 10
#define HEIGHT 40 /* of bars, in modules */

guint8 *
codes_draw (BipeSymbologies symbology, const char *text, guint module, BipePicture *picture)
{
  static const std::map<BipeSymbologies, ZXing::BarcodeFormat> formats = {
    { BIPE_SYMBOLOGY_EAN_13, ZXing::BarcodeFormat::EAN13 },
    { BIPE_SYMBOLOGY_EAN_8, ZXing::BarcodeFormat::EAN8 },
    { BIPE_SYMBOLOGY_UPC_A, ZXing::BarcodeFormat::UPCA },
    { BIPE_SYMBOLOGY_UPC_E, ZXing::BarcodeFormat::UPCE },
    { BIPE_SYMBOLOGY_CODE_128, ZXing::BarcodeFormat::Code128 },
    { BIPE_SYMBOLOGY_CODE_39, ZXing::BarcodeFormat::Code39 },
    { BIPE_SYMBOLOGY_CODE_93, ZXing::BarcodeFormat::Code93 },
    { BIPE_SYMBOLOGY_CODABAR, ZXing::BarcodeFormat::Codabar },
    { BIPE_SYMBOLOGY_ITF, ZXing::BarcodeFormat::ITF },
    { BIPE_SYMBOLOGY_QR_CODE, ZXing::BarcodeFormat::QRCode },
    { BIPE_SYMBOLOGY_DATA_MATRIX, ZXing::BarcodeFormat::DataMatrix },
    { BIPE_SYMBOLOGY_AZTEC, ZXing::BarcodeFormat::Aztec },
    { BIPE_SYMBOLOGY_PDF417, ZXing::BarcodeFormat::PDF417 },
  };
  const bool is_matrix = symbology & BIPE_SYMBOLOGIES_MATRIX;
  ZXing::MultiFormatWriter writer (formats.at (symbology));

  writer.setMargin (0);
  writer.setEncoding (ZXing::CharacterSet::UTF8);

  const ZXing::BitMatrix bits = writer.encode (std::string (text), 1, 1);
  const guint width = static_cast<guint> (bits.width ());
  const guint height = is_matrix ? static_cast<guint> (bits.height ()) : HEIGHT;
  guint8 *pixels = codes_make_paper ((width + 2 * QUIET) * module, (height + 2 * QUIET) * module,
                                     255, picture);

  for (guint y = 0; y < height * module; y++)
    for (guint x = 0; x < width * module; x++)
      if (bits.get (static_cast<int> (x / module), is_matrix ? static_cast<int> (y / module) : 0))
        pixels[(y + QUIET * module) * picture->stride + x + QUIET * module] = 0;
  return pixels;
}
