#include "config.h"

#include "codes.h"
#include "decoder/helper/retouch.h"

/* 3 × 2 in rows of 4. */
static const guint8 luma[] = { 0, 100, 200, 99, 40, 80, 120, 99 };
static const BipePicture small = { luma, 3, 2, 4 };

static void
assert_pixels (const BipePicture *picture, guint width, guint height, const guint8 *expected)
{
  g_assert_cmpuint (picture->width, ==, width);
  g_assert_cmpuint (picture->height, ==, height);
  for (guint y = 0; y < height; y++)
    g_assert_cmpmem (picture->luma + y * picture->stride, width, expected + y * width, width);
}

static void
test_copies (void)
{
  BipePicture picture;
  g_autofree guint8 *copy G_GNUC_UNUSED = bipe_retouch_copy (&small, &picture);
  g_autofree guint8 *inverted = NULL, *transposed = NULL, *halved = NULL, *padded = NULL;

  assert_pixels (&picture, 3, 2, (const guint8[]){ 0, 100, 200, 40, 80, 120 });
  inverted = bipe_retouch_invert (&small, &picture);
  assert_pixels (&picture, 3, 2, (const guint8[]){ 255, 155, 55, 215, 175, 135 });
  transposed = bipe_retouch_transpose (&small, &picture);
  assert_pixels (&picture, 2, 3, (const guint8[]){ 0, 40, 100, 80, 200, 120 });
  halved = bipe_retouch_halve (&small, &picture);
  assert_pixels (&picture, 1, 1, (const guint8[]){ 55 });
  padded = bipe_retouch_pad (&small, 1, &picture);
  assert_pixels (&picture, 5, 4,
                 (const guint8[]){ 255, 255, 255, 255, 255, 255, 0,   100, 200, 255,
                                   255, 40,  80,  120, 255, 255, 255, 255, 255, 255 });
}

static void
test_blend (void)
{
  BipePicture picture;
  g_autofree guint8 *rows G_GNUC_UNUSED = bipe_retouch_blend (&small, 0, 1, &picture);
  g_autofree guint8 *columns = NULL, *same = NULL, *all = NULL;

  assert_pixels (&picture, 3, 2, (const guint8[]){ 20, 90, 160, 20, 90, 160 });
  columns = bipe_retouch_blend (&small, 1, 0, &picture);
  assert_pixels (&picture, 3, 2, (const guint8[]){ 50, 100, 150, 60, 80, 100 });
  same = bipe_retouch_blend (&small, 0, 0, &picture);
  assert_pixels (&picture, 3, 2, (const guint8[]){ 0, 100, 200, 40, 80, 120 });
  all = bipe_retouch_blend (&small, 9, 9, &picture);
  assert_pixels (&picture, 3, 2, (const guint8[]){ 90, 90, 90, 90, 90, 90 });
}

static void
test_double (void)
{
  static const guint8 pair[] = { 0, 160 };
  const BipePicture narrow = { pair, 2, 1, 2 };
  BipePicture picture;
  g_autofree guint8 *pixels G_GNUC_UNUSED = bipe_retouch_double (&narrow, &picture);

  assert_pixels (&picture, 4, 2, (const guint8[]){ 0, 40, 120, 160, 0, 40, 120, 160 });
}

static void
test_sharpen (void)
{
  static const guint8 edge[] = { 100, 100, 160, 160 };
  const BipePicture row = { edge, 4, 1, 4 };
  BipePicture picture;
  g_autofree guint8 *pixels G_GNUC_UNUSED = bipe_retouch_sharpen (&row, 1, 2, &picture);

  assert_pixels (&picture, 4, 1, (const guint8[]){ 100, 60, 200, 160 });
}

static guint
count_dark (const BipePicture *picture)
{
  guint n = 0;

  for (guint y = 0; y < picture->height; y++)
    for (guint x = 0; x < picture->width; x++)
      n += picture->luma[y * picture->stride + x] < 128;
  return n;
}

/* Of a linear code a line is known; all of its bars go, and what stands below them stays. */
static void
test_blank (void)
{
  BipePicture frame, first, second;
  g_autofree guint8 *pixels = codes_make_paper (600, 500, 255, &frame);
  g_autofree guint8 *first_pixels G_GNUC_UNUSED
      = codes_draw (BIPE_SYMBOLOGY_EAN_13, "4006381333931", 3, &first);
  g_autofree guint8 *second_pixels G_GNUC_UNUSED
      = codes_draw (BIPE_SYMBOLOGY_CODE_39, "BELOW", 3, &second);
  guint n_second = count_dark (&second);
  const BipePoint line[] = { { 40, 100 }, { 320, 100 }, { 320, 101 }, { 40, 101 } };
  const BipePoint box[] = { { 0, 180 }, { 599, 180 }, { 599, 499 }, { 0, 499 } };

  codes_paste (pixels, &frame, &first, 10, 10);
  codes_paste (pixels, &frame, &second, 10, 200);
  bipe_retouch_blank (pixels, &frame, line, TRUE);
  g_assert_cmpuint (count_dark (&frame), ==, n_second);
  bipe_retouch_blank (pixels, &frame, box, FALSE);
  g_assert_cmpuint (count_dark (&frame), ==, 0);
}

/* Corners that are nowhere in the picture, and such as are all one. */
static void
test_blank_anywhere (void)
{
  static const BipePoint places[][4] = {
    { { -50, -50 }, { -10, -50 }, { -10, -10 }, { -50, -10 } },
    { { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 } },
    { { 90, 90 }, { 500, 90 }, { 500, 500 }, { 90, 500 } },
    { { G_MININT32, G_MININT32 }, { G_MAXINT32, 0 }, { 0, G_MAXINT32 }, { 5, G_MININT32 } },
    { { 50, 0 }, { 50, 99 }, { 49, 99 }, { 49, 0 } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    for (int is_linear = 0; is_linear < 2; is_linear++)
      {
        BipePicture picture;
        g_autofree guint8 *pixels = codes_make_paper (100, 100, 0, &picture);

        bipe_retouch_blank (pixels, &picture, places[i], is_linear);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/retouch/copies", test_copies);
  g_test_add_func ("/retouch/blend", test_blend);
  g_test_add_func ("/retouch/double", test_double);
  g_test_add_func ("/retouch/sharpen", test_sharpen);
  g_test_add_func ("/retouch/blank", test_blank);
  g_test_add_func ("/retouch/blank-anywhere", test_blank_anywhere);
  return g_test_run ();
}
