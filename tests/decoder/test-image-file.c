#include "config.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

#include "base/error.h"
#include "decoder/decoder.h"
#include "decoder/helper/image-file.h"

/* Black on the left, white on the right; the upper half is not painted where @has_alpha. */
static GBytes *
make_file (const char *type, int width, int height, gboolean has_alpha)
{
  g_autoptr(GdkPixbuf) pixbuf = gdk_pixbuf_new (GDK_COLORSPACE_RGB, has_alpha, 8, width, height);
  g_autoptr(GError) error = NULL;
  char *buffer = NULL;
  gsize size = 0;
  guint n = has_alpha ? 4 : 3;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *at
            = gdk_pixbuf_get_pixels (pixbuf) + y * gdk_pixbuf_get_rowstride (pixbuf) + (guint)x * n;

        memset (at, x < width / 2 ? 0 : 255, 3);
        if (has_alpha)
          at[3] = y < height / 2 ? 0 : 255;
      }
  gdk_pixbuf_save_to_buffer (pixbuf, &buffer, &size, type, &error, NULL);
  g_assert_no_error (error);
  return g_bytes_new_take (buffer, size);
}

static guint8 *
read_bytes (GBytes *file, BipePicture *picture, GError **error)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  /* A copy without anything behind it, so that a read past its end is seen. */
  g_autofree guint8 *copy = g_memdup2 (data, size);

  return bipe_image_file_read (copy, size, picture, error);
}

static void
test_good (void)
{
  static const char *types[] = { "png", "jpeg" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(GBytes) file = make_file (types[i], 64, 40, FALSE);
      g_autoptr(GError) error = NULL;
      BipePicture picture;
      g_autofree guint8 *pixels = read_bytes (file, &picture, &error);

      g_assert_no_error (error);
      g_assert_nonnull (pixels);
      g_assert_cmpuint (picture.width, ==, 64);
      g_assert_cmpuint (picture.height, ==, 40);
      g_assert_cmpuint (picture.luma[20 * picture.stride + 10], <, 5);
      g_assert_cmpuint (picture.luma[20 * picture.stride + 50], >, 250);
    }
}

/* What is not painted is paper. */
static void
test_transparent (void)
{
  g_autoptr(GBytes) file = make_file ("png", 64, 40, TRUE);
  BipePicture picture;
  g_autofree guint8 *pixels = read_bytes (file, &picture, NULL);

  g_assert_nonnull (pixels);
  g_assert_cmpuint (picture.luma[10 * picture.stride + 10], ==, 255);
  g_assert_cmpuint (picture.luma[30 * picture.stride + 10], ==, 0);
}

/* A JPEG whose EXIF says that it lies on its side (orientation 6). */
static void
test_turned (void)
{
  static const guint8 exif[]
      = { 0xff, 0xe1, 0x00, 0x22, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
          0,    1,    0x01, 0x12, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0 };
  g_autoptr(GBytes) plain = make_file ("jpeg", 64, 40, FALSE);
  g_autoptr(GByteArray) file = g_byte_array_new ();
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  BipePicture picture;
  g_autofree guint8 *pixels = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (plain, &size);

  g_byte_array_append (file, data, 2);
  g_byte_array_append (file, exif, sizeof exif);
  g_byte_array_append (file, data + 2, (guint)size - 2);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&file));
  pixels = read_bytes (bytes, &picture, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (picture.width, ==, 40);
  g_assert_cmpuint (picture.height, ==, 64);
  g_assert_cmpuint (picture.luma[10 * picture.stride + 20], <, 5);
  g_assert_cmpuint (picture.luma[50 * picture.stride + 20], >, 250);
}

/* A header that speaks of more than there is; the check sums are not looked at before the bound. */
static GBytes *
make_png_header (guint32 width, guint32 height)
{
  guint8 header[33 + 10] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\0\x08";
  guint32 crc = 0xffffffff;

  for (int i = 0; i < 4; i++)
    {
      header[16 + i] = (guint8)(width >> (24 - 8 * i));
      header[20 + i] = (guint8)(height >> (24 - 8 * i));
    }
  for (int i = 12; i < 29; i++)
    {
      crc ^= header[i];
      for (int bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320 : 0);
    }
  crc = ~crc;
  for (int i = 0; i < 4; i++)
    header[29 + i] = (guint8)(crc >> (24 - 8 * i));
  memcpy (header + 33, "\0\0\0\x10IDAT\x78\x9c", 10);
  return g_bytes_new (header, sizeof header);
}

static GBytes *
make_jpeg_header (guint width, guint height)
{
  const guint8 header[] = { 0xff,
                            0xd8,
                            0xff,
                            0xc0,
                            0,
                            11,
                            8,
                            (guint8)(height >> 8),
                            (guint8)height,
                            (guint8)(width >> 8),
                            (guint8)width,
                            1,
                            1,
                            0x11,
                            0,
                            0xff,
                            0xda,
                            0,
                            8,
                            1,
                            1,
                            0,
                            0,
                            63,
                            0,
                            0,
                            0 };

  return g_bytes_new (header, sizeof header);
}

static void
assert_refused (GBytes *file, const char *why)
{
  g_autoptr(GError) error = NULL;
  BipePicture picture;
  g_autofree guint8 *pixels = read_bytes (file, &picture, &error);

  g_assert_null (pixels);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_test_message ("%s", error->message);
  g_assert_true (g_str_has_prefix (error->message, why));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_too_large (void)
{
  static const struct
  {
    guint width;
    guint height;
  } sizes[] = { { 50000, 50000 }, { 40000001, 1 }, { 8000, 5001 }, { 0x7fffffff, 0x7fffffff } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) png = make_png_header (sizes[i].width, sizes[i].height);
      g_autoptr(GError) error = NULL;
      BipePicture picture;
      g_autofree guint8 *pixels = read_bytes (png, &picture, &error);

      /* libpng has a bound of its own, a million in a direction. */
      g_assert_null (pixels);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      if (sizes[i].width <= 1000000)
        assert_refused (png, "the picture has ");
      if (sizes[i].width <= 65000)
        {
          g_autoptr(GBytes) jpeg = make_jpeg_header (sizes[i].width, sizes[i].height);

          assert_refused (jpeg, "the picture has ");
        }
    }
}

static void
test_others (void)
{
  static const char *files[] = { "",         "GIF89a\1\0\1\0\0\0\0;", "BM", "<svg/>", "\x89PNG",
                                 "\xff\xd8", "RIFF\1\1\1\1WEBPVP8 " };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr(GBytes) file = g_bytes_new (files[i], strlen (files[i]));

      assert_refused (file, "the picture is neither a PNG nor a JPEG");
    }
}

/* A file that ends anywhere: refused, or what is there of it; never more. */
static void
test_truncated (void)
{
  static const char *types[] = { "png", "jpeg" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(GBytes) file = make_file (types[i], 64, 40, i == 0);
      gsize size = g_bytes_get_size (file);

      for (gsize length = 10; length < size; length += MAX (1, (size - length) / 20))
        {
          g_autoptr(GBytes) part = g_bytes_new_from_bytes (file, 0, length);
          BipePicture picture;
          g_autoptr(GError) error = NULL;
          g_autofree guint8 *pixels = read_bytes (part, &picture, &error);

          g_assert_true ((pixels == NULL) == (error != NULL));
          if (length < size / 2)
            assert_refused (part, "the picture is damaged: ");
        }
    }
}

/* Bytes turned over anywhere in it. */
static void
test_damaged (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (1);
  static const char *types[] = { "png", "jpeg" };

  for (gsize i = 0; i < 400; i++)
    {
      g_autoptr(GBytes) file = make_file (types[i % 2], 64, 40, FALSE);
      gsize size;
      g_autofree guint8 *data = NULL;
      g_autofree guint8 *pixels = NULL;
      g_autoptr(GError) error = NULL;
      BipePicture picture;

      data = g_memdup2 (g_bytes_get_data (file, NULL), g_bytes_get_size (file));
      size = g_bytes_get_size (file);
      for (int k = 0; k < 3; k++)
        data[g_rand_int_range (random, 4, (gint32)size)] = (guint8)g_rand_int (random);
      pixels = bipe_image_file_read (data, size, &picture, &error);
      g_assert_true ((pixels == NULL) == (error != NULL));
      if (pixels != NULL)
        g_assert_cmpuint ((guint64)picture.width * picture.height, <=, BIPE_DECODER_PIXELS_MAX);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image-file/good", test_good);
  g_test_add_func ("/image-file/transparent", test_transparent);
  g_test_add_func ("/image-file/turned", test_turned);
  g_test_add_func ("/image-file/too-large", test_too_large);
  g_test_add_func ("/image-file/others", test_others);
  g_test_add_func ("/image-file/truncated", test_truncated);
  g_test_add_func ("/image-file/damaged", test_damaged);
  return g_test_run ();
}
