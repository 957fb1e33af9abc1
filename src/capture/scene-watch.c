/* scene-watch.c: the mean brightness of 16 by 9 blocks, each against the mean of its row of blocks:
 * a lamp that flickers brightens whole lines of a camera's picture, and exposure all of it. What
 * comes or goes is in some blocks alone. */
#include "config.h"

#include "capture/scene-watch.h"

#include <string.h>

/* Of the pixels every so manyth is read. */
#define STEP_ACROSS 8
#define STEP_DOWN 4

/* Levels of brightness times SCALE. Noise of 6 levels leaves 0.4 in a block's mean at 720p; a code
 * of 40 by 20 pixels makes 16. */
#define SCALE 16
#define LEAST_CHANGE (8 * SCALE)

static int
get_mean (const BipePicture *picture, guint left, guint right, guint top, guint bottom)
{
  guint sum = 0, n = 0;

  for (guint y = top; y < bottom; y += STEP_DOWN)
    {
      const guint8 *row = picture->luma + y * picture->stride;

      for (guint x = left; x < right; x += STEP_ACROSS)
        {
          sum += row[x];
          n++;
        }
    }
  return n > 0 ? (int)((guint64)sum * SCALE / n) : 0;
}

static void
measure (const BipePicture *picture, int blocks[BIPE_SCENE_WATCH_DOWN][BIPE_SCENE_WATCH_ACROSS])
{
  for (guint j = 0; j < BIPE_SCENE_WATCH_DOWN; j++)
    {
      guint top = picture->height * j / BIPE_SCENE_WATCH_DOWN;
      guint bottom = picture->height * (j + 1) / BIPE_SCENE_WATCH_DOWN;
      int sum = 0;

      for (guint i = 0; i < BIPE_SCENE_WATCH_ACROSS; i++)
        {
          blocks[j][i] = get_mean (picture, picture->width * i / BIPE_SCENE_WATCH_ACROSS,
                                   picture->width * (i + 1) / BIPE_SCENE_WATCH_ACROSS, top, bottom);
          sum += blocks[j][i];
        }
      for (guint i = 0; i < BIPE_SCENE_WATCH_ACROSS; i++)
        blocks[j][i] -= sum / BIPE_SCENE_WATCH_ACROSS;
    }
}

gboolean
bipe_scene_watch_feed (BipeSceneWatch *self, const BipePicture *picture)
{
  int blocks[BIPE_SCENE_WATCH_DOWN][BIPE_SCENE_WATCH_ACROSS];
  gboolean has_changed = self->width != picture->width || self->height != picture->height;

  measure (picture, blocks);
  for (guint j = 0; j < BIPE_SCENE_WATCH_DOWN; j++)
    for (guint i = 0; i < BIPE_SCENE_WATCH_ACROSS; i++)
      has_changed = has_changed || ABS (blocks[j][i] - self->blocks[j][i]) >= LEAST_CHANGE;
  if (has_changed)
    {
      self->width = picture->width;
      self->height = picture->height;
      memcpy (self->blocks, blocks, sizeof blocks);
    }
  return has_changed;
}
