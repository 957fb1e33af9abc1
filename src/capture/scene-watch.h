/* scene-watch.h: tells cheaply (some ten microseconds) whether a frame shows another scene than
 * those before. Pure. */
#pragma once

#include "decoder/picture.h"

G_BEGIN_DECLS

#define BIPE_SCENE_WATCH_ACROSS 16
#define BIPE_SCENE_WATCH_DOWN 9

/* Zeroed at first. */
typedef struct
{
  guint width;
  guint height;
  int blocks[BIPE_SCENE_WATCH_DOWN][BIPE_SCENE_WATCH_ACROSS]; /* of the scene */
} BipeSceneWatch;

/* Whether @picture differs from the scene by more than noise, a lamp's flicker or an exposure that
 * adjusts itself would make it. If so it is the scene from now on. */
gboolean bipe_scene_watch_feed (BipeSceneWatch *self, const BipePicture *picture);

G_END_DECLS
