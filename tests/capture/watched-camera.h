/* watched-camera.h: a camera, and what it has said and shown; for its tests. */
#pragma once

#include "capture/camera.h"

/* Slow machines and sanitizers; nothing waits for this where all is well. */
#define WATCHED_CAMERA_PATIENCE (20 * G_USEC_PER_SEC)

/* Pipelines of a steady picture. */
#define LIVE "videotestsrc is-live=true pattern="
#define SIZE "width=320,height=240,framerate=30/1"

typedef struct _WatchedCamera WatchedCamera;

struct _WatchedCamera
{
  BipeCamera *camera;
  void (*look) (WatchedCamera *self, const BipePicture *picture); /* nullable; streaming thread */
  GString *states; /* all of them: " starting running" */
  guint n_previews;
  guint preview_delay; /* milliseconds that the window is slow */
  gint n_destroyed;    /* this and the rest: atomic, the streaming threads' */
  gint n_frames;
  gint size; /* width << 16 | height */
  gint luma; /* of the middle */
  gint is_late;
  gint64 taken_at; /* the streaming thread's only */
};

/* FALSE: an element that the tests need is missing, which TAP is told. */
gboolean watched_camera_can_be_tested (void);

void watched_camera_set_up (WatchedCamera *self);
/* All that it has left to its threads ends before this does. */
void watched_camera_tear_down (WatchedCamera *self);

/* One turn of the main loop, 5 ms at most. */
void watched_camera_turn (void);
void watched_camera_spin (guint milliseconds);

void watched_camera_wait_for_state (WatchedCamera *self, BipeCameraState state);
void watched_camera_wait_for_frames (WatchedCamera *self, int n);

void watched_camera_choose (WatchedCamera *self, const char *pipeline);
void watched_camera_start (WatchedCamera *self, const char *pipeline);
char *watched_camera_dup_problem (WatchedCamera *self);
