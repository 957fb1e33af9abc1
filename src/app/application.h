/* application.h: the desktop program: one instance, D-Bus activatable. It knows the engine only
 * through what it is given here. */
#pragma once

#include <adwaita.h>

#include "access/origins.h"
#include "access/pairing.h"
#include "access/presence.h"
#include "access/reach.h"
#include "app/announcer.h"
#include "app/feed.h"
#include "base/types.h"
#include "station/station-wish.h"

G_BEGIN_DECLS

/**
 * BipeServices:
 * @station: the running station
 * @registry: who was given a token
 * @pairing: how a device gets one
 * @presence: who is connected
 * @origins: which web pages may come in
 * @feed: the events since before the server listened; to be started
 * @reach: where the server listens
 *
 * What a started engine offers the window.
 */
typedef struct
{
  BipeStation *station;
  BipeRegistry *registry;
  BipePairing *pairing;
  BipePresence *presence;
  BipeOrigins *origins;
  BipeFeed *feed;
  BipeReach *reach;
} BipeServices;

void bipe_services_free (BipeServices *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeServices, bipe_services_free)

/**
 * BipeEngineDoor:
 * @start: starts the engine on its own thread and returns a #BipeServices with the task, or an
 *   error: BIPE_ERROR_LOCKED (another process has the data folder), BIPE_ERROR_NOT_WRITABLE,
 *   BIPE_ERROR_UNREADABLE, BIPE_ERROR_SETTING, BIPE_ERROR_DATABASE_URL. Called in the primary
 *   instance; anew where it has failed, after a @stop.
 * @listen: has the server listen as @wish says, at once; returns a #BipeReach with the task, which
 *   says what has come of it: a wish that can't be had leaves all as it was, and the reason in
 *   its problem. May be called after @start, any number of times, one after the other
 * @change: has the running station take on @wish, at once; returns TRUE with the task, or
 *   BIPE_ERROR_SETTING or BIPE_ERROR_DATABASE_URL (says what; nothing is changed then) or
 *   BIPE_ERROR_NOT_WRITABLE (the password can't be kept; likewise). Whether the database can be
 *   reached is the status's to tell. One after the other, as @listen
 * @probe: tries the database of @wish, and changes nothing there or here; returns a text with the
 *   task, a sentence on what was found, or BIPE_ERROR_DATABASE_URL or BIPE_ERROR_UNAVAILABLE with
 *   one on what is wrong and what to do. Obeys the task's cancellable
 * @stop: takes the engine down in order and blocks until it is down; called at the end, also where
 *   the start has failed
 * @versions: of the libraries beneath the engine, a line each
 * @user_data: handed to each
 */
typedef struct
{
  void (*start) (GTask *task, gpointer user_data);
  void (*listen) (GTask *task, const BipeReachWish *wish, gpointer user_data);
  void (*change) (GTask *task, const BipeStationWish *wish, gpointer user_data);
  void (*probe) (GTask *task, const BipeStationWish *wish, gpointer user_data);
  void (*stop) (gpointer user_data);
  const char *versions;
  gpointer user_data;
} BipeEngineDoor;

#define BIPE_TYPE_APPLICATION (bipe_application_get_type ())
G_DECLARE_FINAL_TYPE (BipeApplication, bipe_application, BIPE, APPLICATION, AdwApplication)

/* @settings: outlives it */
BipeApplication *bipe_application_new (const BipeEngineDoor *door, BipeSettings *settings);

/* From the start of the application on. */
BipeAnnouncer *bipe_application_get_announcer (BipeApplication *self);

G_END_DECLS
