/* station-setup.h: the station's name, its queue and its database, and the change of these, which
 * counts at once and is saved. Window thread. */
#pragma once

#include "app/application.h"
#include "station/station-wish.h"

G_BEGIN_DECLS

#define BIPE_TYPE_STATION_SETUP (bipe_station_setup_get_type ())
G_DECLARE_FINAL_TYPE (BipeStationSetup, bipe_station_setup, BIPE, STATION_SETUP, GObject)

/**
 * BipeStationSetup:is-applying: a change is under way
 * BipeStationSetup:is-probing: a database is being tried
 * BipeStationSetup:problem: (nullable): why nothing came of the last change, in words, until the
 *   next
 * BipeStationSetup:finding: (nullable): what the last probe has found, in words
 * BipeStationSetup:fault: (nullable): or why it could not be had
 */

/**
 * BipeStationSetup::changed: the wish has come true, or nothing came of it
 */

/* @settings: outlive it. @saved: (nullable): nothing is saved */
BipeStationSetup *bipe_station_setup_new (const BipeEngineDoor *door,
                                          BipeSettings *settings,
                                          GSettings *saved) G_GNUC_WARN_UNUSED_RESULT;

/* What was wished last and came true, or at the start. Without a password. */
const BipeStationWish *bipe_station_setup_get_wish (BipeStationSetup *self);

/* Where a setting that can't be changed here comes from, as of bipe_fixed_get(). */
const char *bipe_station_setup_get_fixed_by (BipeStationSetup *self, const char *setting);

/* Before somebody looks who has not seen how it came about. */
void bipe_station_setup_forget_problem (BipeStationSetup *self);

/* Not while is-applying. */
void bipe_station_setup_apply (BipeStationSetup *self, const BipeStationWish *wish);

/* Tries the database of @wish, and changes nothing; one that is under way is given up. */
void bipe_station_setup_probe (BipeStationSetup *self, const BipeStationWish *wish);

/* Forgets what a probe has found, and ends one that is under way. */
void bipe_station_setup_end_probe (BipeStationSetup *self);

G_END_DECLS
