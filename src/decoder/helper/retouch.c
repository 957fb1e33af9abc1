#include "config.h"

#include "decoder/helper/retouch.h"

#include <math.h>
#include <string.h>

#define PAPER 255

/* Around what is blanked, in parts of its width. */
#define MARGIN 0.04

/* How bars are followed: points on a line across them, and how many of those may differ. */
#define POINTS 96
#define POINTS_DIFFERENT 20
#define LINES_MISSED 3

static guint8 *
make_pixels (guint width, guint height, BipePicture *to)
{
  guint8 *pixels = g_malloc ((gsize)width * height);

  *to = (BipePicture){ pixels, width, height, width };
  return pixels;
}

guint8 *
bipe_retouch_copy (const BipePicture *from, BipePicture *to)
{
  guint8 *pixels = make_pixels (from->width, from->height, to);

  for (guint y = 0; y < from->height; y++)
    memcpy (pixels + y * to->stride, from->luma + y * from->stride, from->width);
  return pixels;
}

guint8 *
bipe_retouch_invert (const BipePicture *from, BipePicture *to)
{
  guint8 *pixels = make_pixels (from->width, from->height, to);

  for (guint y = 0; y < from->height; y++)
    for (guint x = 0; x < from->width; x++)
      pixels[y * to->stride + x] = (guint8)~from->luma[y * from->stride + x];
  return pixels;
}

guint8 *
bipe_retouch_transpose (const BipePicture *from, BipePicture *to)
{
  guint8 *pixels = make_pixels (from->height, from->width, to);

  for (guint y = 0; y < from->height; y++)
    for (guint x = 0; x < from->width; x++)
      pixels[x * to->stride + y] = from->luma[y * from->stride + x];
  return pixels;
}

guint8 *
bipe_retouch_pad (const BipePicture *from, guint margin, BipePicture *to)
{
  guint8 *pixels = make_pixels (from->width + 2 * margin, from->height + 2 * margin, to);

  memset (pixels, PAPER, (gsize)to->width * to->height);
  for (guint y = 0; y < from->height; y++)
    memcpy (pixels + (y + margin) * to->stride + margin, from->luma + y * from->stride,
            from->width);
  return pixels;
}

/* Each new pixel lies a quarter of an old one away from its nearest: weights of 3 and 1. */
guint8 *
bipe_retouch_double (const BipePicture *from, BipePicture *to)
{
  guint8 *pixels = make_pixels (2 * from->width, 2 * from->height, to);

  for (guint y = 0; y < to->height; y++)
    {
      guint near_y = y / 2;
      guint far_y = y % 2 == 0 ? (near_y > 0 ? near_y - 1 : 0) : MIN (near_y + 1, from->height - 1);
      const guint8 *near_row = from->luma + near_y * from->stride;
      const guint8 *far_row = from->luma + far_y * from->stride;

      for (guint x = 0; x < to->width; x++)
        {
          guint near_x = x / 2;
          guint far_x
              = x % 2 == 0 ? (near_x > 0 ? near_x - 1 : 0) : MIN (near_x + 1, from->width - 1);
          guint near_sum = 3u * near_row[near_x] + near_row[far_x];
          guint far_sum = 3u * far_row[near_x] + far_row[far_x];

          pixels[y * to->stride + x] = (guint8)((3 * near_sum + far_sum + 8) / 16);
        }
    }
  return pixels;
}

guint8 *
bipe_retouch_halve (const BipePicture *from, BipePicture *to)
{
  guint width = MAX (from->width / 2, 1), height = MAX (from->height / 2, 1);
  gsize right = from->width > 1 ? 1 : 0, down = from->height > 1 ? from->stride : 0;
  guint8 *pixels = make_pixels (width, height, to);

  for (guint y = 0; y < height; y++)
    for (guint x = 0; x < width; x++)
      {
        const guint8 *at = from->luma + 2 * y * from->stride + 2 * x;

        pixels[y * to->stride + x]
            = (guint8)((at[0] + at[right] + at[down] + at[down + right] + 2u) / 4);
      }
  return pixels;
}

/* The mean along one line of @n pixels, @step bytes apart; at the ends of those there are. */
static void
blend_line (const guint8 *from, gsize from_step, guint n, guint radius, guint8 *to, gsize to_step)
{
  guint sum = 0, count = 0;

  for (guint i = 0; i < MIN (radius, n); i++, count++)
    sum += from[i * from_step];
  for (guint i = 0; i < n; i++)
    {
      if (i + radius < n)
        {
          sum += from[(i + radius) * from_step];
          count++;
        }
      if (i > radius)
        {
          sum -= from[(i - radius - 1) * from_step];
          count--;
        }
      to[i * to_step] = (guint8)((sum + count / 2) / count);
    }
}

guint8 *
bipe_retouch_blend (const BipePicture *from, guint columns, guint rows, BipePicture *to)
{
  BipePicture blended;
  g_autofree guint8 *pixels = make_pixels (from->width, from->height, &blended);
  guint8 *result;

  for (guint y = 0; y < from->height; y++)
    blend_line (from->luma + y * from->stride, 1, from->width, columns, pixels + y * blended.stride,
                1);
  if (rows == 0)
    {
      *to = blended;
      return g_steal_pointer (&pixels);
    }
  result = make_pixels (from->width, from->height, to);
  for (guint x = 0; x < from->width; x++)
    blend_line (pixels + x, blended.stride, from->height, rows, result + x, to->stride);
  return result;
}

guint8 *
bipe_retouch_sharpen (const BipePicture *from, guint radius, int strength, BipePicture *to)
{
  guint8 *pixels = bipe_retouch_blend (from, radius, 0, to);

  for (guint y = 0; y < from->height; y++)
    for (guint x = 0; x < from->width; x++)
      {
        int value = from->luma[y * from->stride + x];
        guint8 *at = pixels + y * to->stride + x;

        value += strength * (value - *at);
        *at = (guint8)CLAMP (value, 0, 255);
      }
  return pixels;
}

typedef struct
{
  double x;
  double y;
} Vector;

static Vector
add (Vector a, double times, Vector b)
{
  return (Vector){ a.x + times * b.x, a.y + times * b.y };
}

/* Black and white along the line from @start to @end; FALSE: it leaves the picture. */
static gboolean
sample (const BipePicture *picture, Vector start, Vector end, gboolean bits[POINTS])
{
  guint8 values[POINTS];
  guint sum = 0;

  for (int i = 0; i < POINTS; i++)
    {
      double part = (i + 0.5) / POINTS;
      double x = start.x + part * (end.x - start.x), y = start.y + part * (end.y - start.y);

      if (!(x >= 0 && y >= 0 && x < picture->width && y < picture->height))
        return FALSE;
      values[i] = picture->luma[(gsize)y * picture->stride + (gsize)x];
      sum += values[i];
    }
  for (int i = 0; i < POINTS; i++)
    bits[i] = values[i] * POINTS < sum;
  return TRUE;
}

/* How many steps of @down from the line from @start to @end the same bars are still there. */
static guint
follow_bars (const BipePicture *picture, Vector start, Vector end, Vector down, guint most)
{
  gboolean first[POINTS], bits[POINTS];
  guint reached = 0;

  if (!sample (picture, start, end, first))
    return 0;
  for (guint step = 1; step <= most && step <= reached + LINES_MISSED; step++)
    {
      guint n_different = 0;

      if (!sample (picture, add (start, step, down), add (end, step, down), bits))
        break;
      for (guint i = 0; i < POINTS; i++)
        n_different += bits[i] != first[i];
      if (n_different <= POINTS_DIFFERENT)
        reached = step;
    }
  return reached;
}

/* Paints over a convex quadrilateral, row by row. */
static void
fill (guint8 *pixels, const BipePicture *picture, const Vector corners[4])
{
  double top = INFINITY, bottom = -INFINITY;

  for (int i = 0; i < 4; i++)
    {
      top = MIN (top, corners[i].y);
      bottom = MAX (bottom, corners[i].y);
    }
  top = CLAMP (floor (top), 0, picture->height);
  bottom = CLAMP (ceil (bottom) + 1, 0, picture->height);
  for (guint y = (guint)top; y < (guint)bottom; y++)
    {
      double left = INFINITY, right = -INFINITY;

      for (int i = 0; i < 4; i++)
        {
          Vector a = corners[i], b = corners[(i + 1) % 4];
          double low = MIN (a.y, b.y), high = MAX (a.y, b.y);
          double at = CLAMP ((double)y, low, high);
          double x = high > low ? a.x + (b.x - a.x) * (at - a.y) / (b.y - a.y) : a.x;

          if (y + 1.0 < low || y - 1.0 > high)
            continue;
          left = MIN (left, high > low ? x : MIN (a.x, b.x));
          right = MAX (right, high > low ? x : MAX (a.x, b.x));
        }
      left = CLAMP (floor (left), 0, picture->width);
      right = CLAMP (ceil (right) + 1, 0, picture->width);
      if (left < right)
        memset (pixels + y * picture->stride + (gsize)left, PAPER, (gsize)(right - left));
    }
}

void
bipe_retouch_blank (guint8 *pixels,
                    const BipePicture *picture,
                    const BipePoint corners[4],
                    gboolean is_linear)
{
  Vector left
      = { corners[0].x / 2.0 + corners[3].x / 2.0, corners[0].y / 2.0 + corners[3].y / 2.0 };
  Vector right
      = { corners[1].x / 2.0 + corners[2].x / 2.0, corners[1].y / 2.0 + corners[2].y / 2.0 };
  double width = MAX (hypot (right.x - left.x, right.y - left.y), 1);
  Vector along = { (right.x - left.x) / width, (right.y - left.y) / width };
  Vector down = { -along.y, along.x };
  double margin = MAX (MARGIN * width, 2);
  double above = margin, below = margin;
  Vector grown[4];

  for (int i = 0; i < 4; i++)
    grown[i] = (Vector){ corners[i].x, corners[i].y };
  if (is_linear)
    {
      Vector up = { -down.x, -down.y };
      guint most = MAX (picture->width, picture->height);

      above += follow_bars (picture, grown[0], grown[1], up, most);
      below += follow_bars (picture, grown[3], grown[2], down, most);
    }
  for (int i = 0; i < 4; i++)
    {
      gboolean is_left = i == 0 || i == 3, is_upper = i < 2;

      grown[i] = add (grown[i], is_left ? -margin : margin, along);
      grown[i] = add (grown[i], is_upper ? -above : below, down);
    }
  fill (pixels, picture, grown);
}
