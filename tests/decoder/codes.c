#include "config.h"

#include "codes.h"

#include <string.h>

#define QUIET 10 /* modules */

guint8 *
codes_make_paper (guint width, guint height, guint8 grey, BipePicture *picture)
{
  guint8 *pixels = g_malloc ((gsize)width * height);

  memset (pixels, grey, (gsize)width * height);
  *picture = (BipePicture){ pixels, width, height, width };
  return pixels;
}

guint8 *
codes_draw_modules (const char *const *rows, guint module, BipePicture *picture)
{
  guint columns = (guint)strlen (rows[0]), n_rows = g_strv_length ((char **)rows);
  guint8 *pixels = codes_make_paper ((columns + 2 * QUIET) * module, (n_rows + 2 * QUIET) * module,
                                     255, picture);

  for (guint y = 0; y < n_rows * module; y++)
    for (guint x = 0; x < columns * module; x++)
      if (rows[y / module][x / module] == '#')
        pixels[(y + QUIET * module) * picture->stride + x + QUIET * module] = 0;
  return pixels;
}

guint8 *
codes_turn (const BipePicture *from, guint quarters, BipePicture *picture)
{
  gboolean is_upright = quarters % 2 == 0;
  guint width = is_upright ? from->width : from->height;
  guint height = is_upright ? from->height : from->width;
  guint8 *pixels = codes_make_paper (width, height, 255, picture);

  for (guint y = 0; y < from->height; y++)
    for (guint x = 0; x < from->width; x++)
      {
        guint right = from->width - 1 - x, bottom = from->height - 1 - y;
        const guint to[4][2] = { { x, y }, { bottom, x }, { right, bottom }, { y, right } };

        pixels[to[quarters % 4][1] * picture->stride + to[quarters % 4][0]]
            = from->luma[y * from->stride + x];
      }
  return pixels;
}

void
codes_paste (guint8 *pixels, const BipePicture *onto, const BipePicture *code, guint x, guint y)
{
  g_assert_cmpuint (x + code->width, <=, onto->width);
  g_assert_cmpuint (y + code->height, <=, onto->height);
  for (guint row = 0; row < code->height; row++)
    memcpy (pixels + (y + row) * onto->stride + x, code->luma + row * code->stride, code->width);
}

void
codes_add_noise (guint8 *pixels, const BipePicture *picture, int strength)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (42);

  for (gsize i = 0; i < picture->stride * picture->height; i++)
    {
      int value = pixels[i] + g_rand_int_range (random, -strength, strength + 1);

      pixels[i] = (guint8)CLAMP (value, 0, 255);
    }
}
