/* clock.h: the time, as something that a test can set. Free to cross threads. */
#pragma once

#include "base/types.h"

G_BEGIN_DECLS

/* The machine's clock; static, never freed. */
BipeClock *bipe_clock_system (void);

/* A clock that only moves when told, starting at @real microseconds since 1970 (UTC). */
BipeClock *bipe_clock_new_manual (gint64 real);
void bipe_clock_free (BipeClock *self);

/* Moves both times of a manual clock by @microseconds. */
void bipe_clock_advance (BipeClock *self, gint64 microseconds);

/* Sets only the wall clock of a manual clock, as an administrator or NTP would. */
void bipe_clock_step (BipeClock *self, gint64 real);

/* Microseconds since 1970, UTC; may jump either way. */
gint64 bipe_clock_real (BipeClock *self);

/* Microseconds since some start; never goes back. */
gint64 bipe_clock_monotonic (BipeClock *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeClock, bipe_clock_free)

G_END_DECLS
