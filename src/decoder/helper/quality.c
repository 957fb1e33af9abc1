/* quality.c: the guide box is looked at in square tiles. What makes a tile tell of a code:
 *
 *   contrast: its brightest and its darkest pixel lie far apart.
 *   stripes: brightness goes up and down along one direction, as often up as down (an edge of the
 *   table only goes up), which the structure tensor shows: its two eigenvalues differ.
 *   fineness: it goes up and down every other pixel, which is a code, or print, too small to read.
 *   softness: there is contrast, but it takes many pixels from dark to bright. */
#include "config.h"

#include "decoder/helper/quality.h"

#include <math.h>
#include <string.h>

#define CELL_STEP 4 /* of the pixels that a cell's mean is made of */
#define DARK_LEVEL 45
#define DARK_SHARE 0.98 /* of the pixels, darker than that */

#define TILE 32
#define TILE_STEP 2
#define CONTRAST_MIN 60
#define BALANCE_MAX 0.35
#define COHERENCE_MIN 0.8
#define STRIPED_MIN 4
#define TILT_MIN 15.0       /* degrees away from the nearer axis */
#define SOFT_STEEPNESS 0.26 /* a step of the contrast, from a pixel to the next */
#define SOFT_SHARE 0.9
#define SOFT_MIN 0.05 /* of all tiles */
#define SWING_MIN 24
#define FINE_SWINGS 10 /* in a line through a tile */
#define FINE_MIN 2
#define FINE_MAX 0.1 /* of all tiles: more is a texture */

guint8
bipe_quality_compare (BipeQuality *self, const BipePicture *picture)
{
  gboolean is_new = self->width != picture->width || self->height != picture->height;
  guint change = 0;

  for (guint row = 0; row < BIPE_QUALITY_ROWS; row++)
    for (guint column = 0; column < BIPE_QUALITY_COLUMNS; column++)
      {
        guint top = row * picture->height / BIPE_QUALITY_ROWS;
        guint bottom = (row + 1) * picture->height / BIPE_QUALITY_ROWS;
        guint left = column * picture->width / BIPE_QUALITY_COLUMNS;
        guint right = (column + 1) * picture->width / BIPE_QUALITY_COLUMNS;
        guint sum = 0, n = 0;
        guint8 mean;

        for (guint y = top; y < bottom; y += CELL_STEP)
          for (guint x = left; x < right; x += CELL_STEP, n++)
            sum += picture->luma[y * picture->stride + x];
        mean = (guint8)(n > 0 ? sum / n : 0);
        change = MAX (change, (guint)ABS (mean - self->means[row][column]));
        self->means[row][column] = mean;
      }
  self->width = picture->width;
  self->height = picture->height;
  return (guint8)(is_new ? 255 : change);
}

static gboolean
is_dark (const BipePicture *picture)
{
  guint n = 0, n_dark = 0;

  for (guint y = 0; y < picture->height; y += 2 * CELL_STEP)
    for (guint x = 0; x < picture->width; x += 2 * CELL_STEP, n++)
      n_dark += picture->luma[y * picture->stride + x] < DARK_LEVEL;
  return n_dark >= DARK_SHARE * n;
}

/* Sums over gradients: of x and y, of their sizes, and the structure tensor. */
typedef struct
{
  double x, y, size;
  double xx, yy, xy;
} Gradients;

typedef struct
{
  guint darkest;
  guint brightest;
  guint steepest; /* the largest difference between neighbours */
  Gradients gradients;
} Tile;

static void
measure (Tile *tile, const guint8 *luma, gsize stride)
{
  int sum_x = 0, sum_y = 0, size = 0, xx = 0, yy = 0, xy = 0;

  *tile = (Tile){ .darkest = 255 };
  for (guint y = 1; y < TILE - 1; y += TILE_STEP)
    for (guint x = 1; x < TILE - 1; x += TILE_STEP)
      {
        const guint8 *at = luma + y * stride + x;
        int dx = at[1] - at[-1], dy = at[stride] - *(at - stride);
        guint steepness = (guint)MAX (ABS (dx), ABS (dy)) / 2;

        /* Two at a time: bars of a pixel each are seen, too. */
        tile->darkest = MIN (tile->darkest, MIN (at[0], at[1]));
        tile->brightest = MAX (tile->brightest, MAX (at[0], at[1]));
        tile->steepest = MAX (tile->steepest, steepness);
        sum_x += dx;
        sum_y += dy;
        size += ABS (dx) + ABS (dy);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
      }
  tile->gradients = (Gradients){ sum_x, sum_y, size, xx, yy, xy };
}

/* 0: every direction alike, 1: one direction. */
static double
get_coherence (const Gradients *gradients)
{
  double sum = gradients->xx + gradients->yy;

  return sum > 0 ? hypot (gradients->xx - gradients->yy, 2 * gradients->xy) / sum : 0;
}

static double
get_tilt (const Gradients *gradients)
{
  double angle = atan2 (2 * gradients->xy, gradients->xx - gradients->yy) / 2 * 180 / G_PI;
  double away = fmod (fabs (angle), 90);

  return MIN (away, 90 - away);
}

static gboolean
has_stripes (const Tile *tile)
{
  const Gradients *gradients = &tile->gradients;

  return fabs (gradients->x) + fabs (gradients->y) < BALANCE_MAX * gradients->size
         && get_coherence (gradients) >= COHERENCE_MIN;
}

/* How often brightness turns around, along a line of TILE pixels that lie @step bytes apart. */
static guint
count_swings (const guint8 *luma, gsize step)
{
  guint n = 0;
  int extreme = luma[0], direction = 0;

  for (guint i = 1; i < TILE; i++)
    {
      int difference = luma[i * step] - extreme;

      if (direction * difference > 0)
        extreme = luma[i * step];
      else if (ABS (difference) >= SWING_MIN)
        {
          direction = difference > 0 ? 1 : -1;
          extreme = luma[i * step];
          n++;
        }
    }
  return n;
}

static gboolean
is_fine (const guint8 *luma, gsize stride)
{
  guint n_across = 0, n_down = 0;

  for (guint i = 0; i < TILE; i += 2 * TILE_STEP)
    {
      n_across += count_swings (luma + i * stride, 1) >= FINE_SWINGS;
      n_down += count_swings (luma + i, stride) >= FINE_SWINGS;
    }
  return MAX (n_across, n_down) > TILE / (2 * TILE_STEP) / 2;
}

typedef struct
{
  guint n;
  guint n_contrast;
  guint n_soft;
  guint n_fine;
  guint n_tilted;
  Gradients tilted; /* of the striped tiles that stand askew */
} Survey;

static void
survey_tile (Survey *survey, const guint8 *luma, gsize stride)
{
  Tile tile;

  measure (&tile, luma, stride);
  survey->n++;
  if (tile.brightest < tile.darkest + CONTRAST_MIN)
    return;
  survey->n_contrast++;
  survey->n_soft += tile.steepest < SOFT_STEEPNESS * (tile.brightest - tile.darkest);
  survey->n_fine += is_fine (luma, stride);
  if (has_stripes (&tile) && get_tilt (&tile.gradients) >= TILT_MIN)
    {
      survey->n_tilted++;
      survey->tilted.xx += tile.gradients.xx;
      survey->tilted.yy += tile.gradients.yy;
      survey->tilted.xy += tile.gradients.xy;
    }
}

BipeFlaw
bipe_quality_find_flaw (const BipePicture *picture, const BipeArea *guide)
{
  BipeArea area = guide->width > 0 && guide->height > 0
                      ? *guide
                      : (BipeArea){ 0, 0, picture->width, picture->height };
  Survey survey = { 0 };

  if (is_dark (picture))
    return BIPE_FLAW_DARK;
  for (guint y = 0; y + TILE <= area.height; y += TILE)
    for (guint x = 0; x + TILE <= area.width; x += TILE)
      survey_tile (&survey, picture->luma + (area.y + y) * picture->stride + area.x + x,
                   picture->stride);
  if (survey.n_tilted >= STRIPED_MIN && get_coherence (&survey.tilted) >= COHERENCE_MIN)
    return BIPE_FLAW_TILTED;
  if (survey.n_fine >= FINE_MIN && survey.n_fine <= FINE_MAX * survey.n)
    return BIPE_FLAW_SMALL;
  if (survey.n_contrast >= SOFT_MIN * survey.n && survey.n_contrast > 0
      && survey.n_soft >= SOFT_SHARE * survey.n_contrast)
    return BIPE_FLAW_BLURRED;
  return BIPE_FLAW_NONE;
}
