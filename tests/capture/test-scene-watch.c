#include "config.h"

#include "capture/scene-watch.h"

#define WIDTH 1280
#define HEIGHT 720

/* A table in uneven light, a little noise on it. */
static void
draw_table (guint8 *pixels, int noise, GRand *rand)
{
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      pixels[y * WIDTH + x]
          = (guint8)(100 + x / 20 + y / 20
                     + (noise > 0 ? g_rand_int_range (rand, -noise, noise + 1) : 0));
}

/* Bars, as a label has them. */
static void
draw_code (guint8 *pixels, int left, int top, int width, int height)
{
  for (int y = top; y < top + height; y++)
    for (int x = left; x < left + width; x++)
      pixels[y * WIDTH + x] = (x / 3) % 2 == 0 ? 20 : 235;
}

typedef enum
{
  NOTHING,
  NOISE,
  EXPOSURE,
  FLICKER,
  CODE,
  SMALL_CODE,
} What;

static const struct
{
  const char *name;
  What what;
  gboolean is_change;
} cases[] = {
  { "nothing", NOTHING, FALSE },   { "noise", NOISE, FALSE },
  { "exposure", EXPOSURE, FALSE }, { "a lamp's flicker", FLICKER, FALSE },
  { "code", CODE, TRUE },          { "small code", SMALL_CODE, TRUE },
};

static void
test_cases (void)
{
  g_autofree guint8 *pixels = g_malloc (WIDTH * HEIGHT);
  const BipePicture picture = { .luma = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH };
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeSceneWatch watch = { 0 };

      g_test_message ("%s", cases[i].name);
      draw_table (pixels, 10, rand);
      g_assert_true (bipe_scene_watch_feed (&watch, &picture)); /* the first */
      g_assert_false (bipe_scene_watch_feed (&watch, &picture));
      draw_table (pixels, cases[i].what == NOTHING ? 0 : 10, rand);
      for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
          if (cases[i].what == EXPOSURE)
            pixels[y * WIDTH + x] += 30;
          else if (cases[i].what == FLICKER)
            pixels[y * WIDTH + x] += (y / 90) % 2 == 0 ? 12 : 0;
      if (cases[i].what == CODE)
        draw_code (pixels, 500, 300, 300, 100);
      else if (cases[i].what == SMALL_CODE)
        draw_code (pixels, 500, 300, 60, 30);
      g_assert_cmpint (bipe_scene_watch_feed (&watch, &picture), ==, cases[i].is_change);
      /* It is the scene now; and it goes again. */
      g_assert_false (bipe_scene_watch_feed (&watch, &picture));
      draw_table (pixels, 10, rand);
      g_assert_cmpint (bipe_scene_watch_feed (&watch, &picture), ==, cases[i].is_change);
    }
}

/* Each step is less than a change; all of them are one. */
static void
test_creeping (void)
{
  g_autofree guint8 *pixels = g_malloc0 (WIDTH * HEIGHT);
  const BipePicture picture = { .luma = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH };
  BipeSceneWatch watch = { 0 };
  guint n_changes = 0;

  bipe_scene_watch_feed (&watch, &picture);
  for (guint i = 1; i <= 100; i++)
    {
      for (int y = 300; y < 400; y++)
        for (int x = 600; x < 800; x++)
          pixels[y * WIDTH + x] = (guint8)i;
      n_changes += bipe_scene_watch_feed (&watch, &picture) ? 1 : 0;
    }
  g_assert_cmpuint (n_changes, >, 3);
  g_assert_cmpuint (n_changes, <, 20);
}

/* Any size, to the last byte and not beyond. */
static void
test_sizes (void)
{
  BipeSceneWatch watch = { 0 };

  for (guint width = 1; width < 50; width += 7)
    for (guint height = 1; height < 30; height += 4)
      {
        g_autofree guint8 *pixels = g_malloc0 (width * height + (height - 1) * 3);
        const BipePicture picture
            = { .luma = pixels, .width = width, .height = height, .stride = width + 3 };

        g_assert_true (bipe_scene_watch_feed (&watch, &picture));
        g_assert_false (bipe_scene_watch_feed (&watch, &picture));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene-watch/cases", test_cases);
  g_test_add_func ("/scene-watch/creeping", test_creeping);
  g_test_add_func ("/scene-watch/sizes", test_sizes);
  return g_test_run ();
}
