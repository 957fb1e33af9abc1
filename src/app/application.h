/* application.h: the desktop program: one instance, D-Bus activatable. It knows the engine only
 * through what it is given here. */
#pragma once

#include <adwaita.h>

#include "base/types.h"

G_BEGIN_DECLS

/**
 * BipeServices:
 * @station: the running station
 * @address: (nullable): where the server listens, "http://127.0.0.1:5000"; %NULL: nowhere
 * @problem: (nullable): why it does not listen although it should
 *
 * What a started engine offers the window.
 */
typedef struct
{
  BipeStation *station;
  char *address;
  char *problem;
} BipeServices;

BipeServices *bipe_services_new (BipeStation *station, const char *address, const char *problem);
void bipe_services_free (BipeServices *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeServices, bipe_services_free)

/**
 * BipeEngineDoor:
 * @start: starts the engine on its own thread and returns a #BipeServices with the task, or an
 *   error: BIPE_ERROR_LOCKED (another process has the data folder), BIPE_ERROR_NOT_WRITABLE,
 *   BIPE_ERROR_UNREADABLE, BIPE_ERROR_SETTING. Called once, in the primary instance.
 * @stop: takes the engine down in order and blocks until it is down; called once at the end, also
 *   where the start has failed
 * @user_data: handed to both
 */
typedef struct
{
  void (*start) (GTask *task, gpointer user_data);
  void (*stop) (gpointer user_data);
  gpointer user_data;
} BipeEngineDoor;

#define BIPE_TYPE_APPLICATION (bipe_application_get_type ())
G_DECLARE_FINAL_TYPE (BipeApplication, bipe_application, BIPE, APPLICATION, AdwApplication)

/* @settings: outlives it */
BipeApplication *bipe_application_new (const BipeEngineDoor *door, BipeSettings *settings);

G_END_DECLS
