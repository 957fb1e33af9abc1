/* image-file.c: a file out of nowhere: it is refused with a sentence, or each of its pixels can be
 * read. */
#include "config.h"

#include "decoder/helper/image-file.h"

#include "base/error.h"
#include "decoder/decoder.h"
#include "decoder/helper/retouch.h"
#include "target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  BipePicture picture, inverted;
  g_autofree guint8 *pixels = bipe_image_file_read (data, size, &picture, &error);

  if (pixels == NULL)
    {
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_no_error (error);
  g_assert_true (picture.luma == pixels);
  g_assert_cmpuint (picture.width, >, 0);
  g_assert_cmpuint (picture.height, >, 0);
  g_assert_cmpuint ((guint64)picture.width * picture.height, <=, BIPE_DECODER_PIXELS_MAX);
  /* Each is there: all of them are read. */
  g_free (bipe_retouch_invert (&picture, &inverted));
  return 0;
}
