#include "config.h"

#include <math.h>

#include "codes.h"
#include "decoder/helper/quality.h"
#include "decoder/helper/retouch.h"

static const BipeArea guide = { 256, 144, 768, 432 };

/* Bars at @degrees, each @width pixels, from @dark to @bright, within @size of the middle; their
 * edges are as soft as pixels make them. */
static void
paint_bars (guint8 *pixels,
            const BipePicture *picture,
            double degrees,
            double width,
            guint size,
            guint8 dark,
            guint8 bright)
{
  double across = cos (degrees * G_PI / 180), down = sin (degrees * G_PI / 180);

  for (guint y = (picture->height - size) / 2; y < (picture->height + size) / 2; y++)
    for (guint x = (picture->width - size) / 2; x < (picture->width + size) / 2; x++)
      {
        double place = ((x + 0.5) * across + (y + 0.5) * down) / width;
        double inside = place - floor (place);
        double to_edge = MIN (inside, 1 - inside) * width;
        double share = CLAMP (0.5 + to_edge, 0, 1);

        if ((gint64)floor (place) % 2 == 0)
          share = 1 - share;
        pixels[y * picture->stride + x] = (guint8)(dark + share * (bright - dark));
      }
}

static const struct
{
  const char *name;
  guint8 paper;
  double degrees;
  double width; /* of a bar; 0: no bars */
  guint size;
  guint8 dark;
  guint8 bright;
  guint blurs;
  BipeFlaw flaw;
} cases[] = {
  { "empty", 180, 0, 0, 0, 0, 0, 0, BIPE_FLAW_NONE },
  { "dark", 20, 0, 0, 0, 0, 0, 0, BIPE_FLAW_DARK },
  { "dark with bars", 20, 0, 4, 200, 10, 30, 0, BIPE_FLAW_DARK },
  { "upright bars", 200, 0, 4, 240, 20, 230, 0, BIPE_FLAW_NONE },
  { "lying bars", 200, 90, 4, 240, 20, 230, 0, BIPE_FLAW_NONE },
  { "nearly upright bars", 200, 8, 4, 240, 20, 230, 0, BIPE_FLAW_NONE },
  { "tilted bars", 200, 40, 4, 240, 20, 230, 0, BIPE_FLAW_TILTED },
  { "tilted the other way", 200, -30, 3, 240, 20, 230, 0, BIPE_FLAW_TILTED },
  { "faint grain of a table", 150, 40, 4, 400, 135, 165, 0, BIPE_FLAW_NONE },
  { "fine bars", 200, 0, 1, 120, 20, 230, 0, BIPE_FLAW_SMALL },
  { "a fine cloth", 200, 0, 1, 430, 20, 230, 0, BIPE_FLAW_NONE },
  { "broad bars out of focus", 200, 0, 30, 300, 20, 230, 3, BIPE_FLAW_BLURRED },
  { "broad bars in focus", 200, 0, 30, 300, 20, 230, 0, BIPE_FLAW_NONE },
  { "the edge of a table", 200, 33, 2000, 430, 20, 230, 0, BIPE_FLAW_NONE },
};

static guint8 *
paint (gsize i, BipePicture *frame)
{
  guint8 *pixels = codes_make_paper (1280, 720, cases[i].paper, frame);

  if (cases[i].width > 0)
    paint_bars (pixels, frame, cases[i].degrees, cases[i].width, cases[i].size, cases[i].dark,
                cases[i].bright);
  for (guint n = 0; n < cases[i].blurs; n++)
    {
      const BipePicture sharp = *frame;
      g_autofree guint8 *sharp_pixels G_GNUC_UNUSED = pixels;

      pixels = bipe_retouch_blend (&sharp, 7, 7, frame);
    }
  codes_add_noise (pixels, frame, 4);
  return pixels;
}

static void
test_flaws (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipePicture frame;
      g_autofree guint8 *pixels G_GNUC_UNUSED = paint (i, &frame);

      g_test_message ("%s", cases[i].name);
      g_assert_cmpint (bipe_quality_find_flaw (&frame, &guide), ==, cases[i].flaw);
    }
}

/* A matrix code is read at any angle. */
static void
test_matrix (void)
{
  BipePicture drawn, frame;
  g_autofree guint8 *drawn_pixels G_GNUC_UNUSED
      = codes_draw (BIPE_SYMBOLOGY_QR_CODE, "bipe", 6, &drawn);
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 255, &frame);

  codes_paste (pixels, &frame, &drawn, 500, 250);
  g_assert_cmpint (bipe_quality_find_flaw (&frame, &guide), ==, BIPE_FLAW_NONE);
}

static void
test_change (void)
{
  BipeQuality quality = { 0 };
  BipePicture frame, smaller;
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 100, &frame);
  g_autofree guint8 *smaller_pixels G_GNUC_UNUSED = codes_make_paper (640, 360, 100, &smaller);

  g_assert_cmpuint (bipe_quality_compare (&quality, &frame), ==, 255);
  g_assert_cmpuint (bipe_quality_compare (&quality, &frame), ==, 0);
  codes_add_noise (pixels, &frame, 10);
  g_assert_cmpuint (bipe_quality_compare (&quality, &frame), <=, 3);
  paint_bars (pixels, &frame, 0, 4, 40, 20, 230);
  g_assert_cmpuint (bipe_quality_compare (&quality, &frame), >=, 8);
  g_assert_cmpuint (bipe_quality_compare (&quality, &smaller), ==, 255);
}

/* A frame costs a millisecond at most, measured generously. */
static void
test_time (void)
{
  BipeQuality quality = { 0 };
  BipePicture frame;
  g_autofree guint8 *pixels G_GNUC_UNUSED = paint (6, &frame);
  gint64 best = G_MAXINT64;

  for (int i = 0; i < 10; i++)
    {
      gint64 began = g_get_monotonic_time ();

      bipe_quality_compare (&quality, &frame);
      bipe_quality_find_flaw (&frame, &guide);
      best = MIN (best, g_get_monotonic_time () - began);
    }
  g_test_message ("%" G_GINT64_FORMAT " µs", best);
  g_assert_cmpint (best, <, 20000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quality/flaws", test_flaws);
  g_test_add_func ("/quality/matrix", test_matrix);
  g_test_add_func ("/quality/change", test_change);
  g_test_add_func ("/quality/time", test_time);
  return g_test_run ();
}
