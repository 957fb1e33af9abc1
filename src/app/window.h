/* window.h: the main window, from the engine's start to its end. */
#pragma once

#include <adwaita.h>

#include "app/application.h"
#include "app/client-list.h"
#include "app/parts.h"

G_BEGIN_DECLS

#define BIPE_TYPE_WINDOW (bipe_window_get_type ())
G_DECLARE_FINAL_TYPE (BipeWindow, bipe_window, BIPE, WINDOW, AdwApplicationWindow)

/* @settings: outlive it. @saved: (nullable) */
BipeWindow *
bipe_window_new (BipeApplication *application, BipeSettings *settings, GSettings *saved);

/* The engine runs: from now on there is something to show. */
void bipe_window_run (BipeWindow *self, const BipeServices *services, const BipeEngineDoor *door);

/* The engine is being started, anew. */
void bipe_window_begin (BipeWindow *self);

/* The engine can't start. @holder_address: (nullable): where the process that is in the way
 * listens. */
void bipe_window_fail (BipeWindow *self, const GError *error, const char *holder_address);

/* NULL as long as the engine does not run. */
BipeStation *bipe_window_get_station (BipeWindow *self);

/* Likewise. */
BipeClientList *bipe_window_get_clients (BipeWindow *self);

/* Likewise: nothing is in @parts that the engine has to do with. */
void bipe_window_get_parts (BipeWindow *self, BipeParts *parts);

/* Once the engine runs. @files: (element-type GFile): their codes are scans */
void bipe_window_read_images (BipeWindow *self, GPtrArray *files);

/* Says @text for a moment. */
void bipe_window_tell (BipeWindow *self, const char *text);

/* Shows @toast, and takes it. */
void bipe_window_add_toast (BipeWindow *self, AdwToast *toast);

G_END_DECLS
