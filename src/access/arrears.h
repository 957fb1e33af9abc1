/* arrears.h: what the disk is still to hear about grants: that they were used, which may wait; and
 * what was taken from them, where it has not taken that when it was told. Knows neither the disk
 * nor the time. */
#pragma once

#include "access/grant.h"

G_BEGIN_DECLS

typedef struct _BipeArrears BipeArrears;

BipeArrears *bipe_arrears_new (void) G_GNUC_WARN_UNUSED_RESULT;
void bipe_arrears_free (BipeArrears *self);

/* Both remember @grant itself: the disk is to hear how it is by then. */
void bipe_arrears_use (BipeArrears *self, BipeGrant *grant);
void bipe_arrears_owe (BipeArrears *self, BipeGrant *grant);

/* (nullable) (element-type BipeGrant): copies of those that were used; NULL: none. They are
 * forgotten, since the next use will tell again. */
GPtrArray *bipe_arrears_take_used (BipeArrears *self) G_GNUC_WARN_UNUSED_RESULT;

/* Likewise of those that something was taken from; they are under way until they are settled. */
GPtrArray *bipe_arrears_take_owed (BipeArrears *self) G_GNUC_WARN_UNUSED_RESULT;

/* What is under way is over; where it failed, it is owed again. Returns whether anything is. */
gboolean bipe_arrears_settle (BipeArrears *self, gboolean is_written);

/* Whether @grant is under way; NULL: any. */
gboolean bipe_arrears_is_under_way (BipeArrears *self, BipeGrant *grant);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeArrears, bipe_arrears_free)

G_END_DECLS
