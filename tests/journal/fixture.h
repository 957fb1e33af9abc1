/* fixture.h: what the journal's tests share: a folder that goes away, and scans. */
#pragma once

#include "base/scan.h"
#include "journal/change.h"
#include "journal/journal.h"

/* 2026-01-31T10:00:00Z: where the tests' manual clocks start. */
#define NOON G_GINT64_CONSTANT (1769853600000000)
#define DAY (24 * G_TIME_SPAN_HOUR)

typedef struct
{
  char *folder;
  char *path; /* of the journal's file in it */
  BipeClock *clock;
  BipeUuidSource *uuids;
  BipeJournalLimits limits;
  gboolean is_mounted;
} Fixture;

void fixture_set_up (Fixture *self);
void fixture_tear_down (Fixture *self);

/* A new one with this code and (nullable) key. */
BipeScan *fixture_scan (Fixture *self, const char *code, const char *key);

/* So many, with the codes "1", "2", … */
GPtrArray *fixture_scans (Fixture *self, guint n_scans);

/* A disk on which hardly anything more fits, from now until fixture_free_disk(): where @is_real, a
 * small file system is mounted on the folder (to be called before a journal is in it; FALSE: that
 * is not permitted), otherwise the files of this process may not grow. */
gboolean fixture_limit_disk (Fixture *self, gboolean is_real);
void fixture_free_disk (Fixture *self);
