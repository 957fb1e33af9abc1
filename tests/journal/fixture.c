#include "config.h"

#include "tests/journal/fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "base/clock.h"

static void
remove_folder (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_unlink (path);
    }
  g_rmdir (folder);
}

void
fixture_set_up (Fixture *self)
{
  *self = (Fixture){ 0 };
  self->folder = g_dir_make_tmp ("test-journal-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "journal.sqlite", NULL);
  self->clock = bipe_clock_new_manual (NOON);
  self->uuids = bipe_uuid_source_new (self->clock);
  self->limits = (BipeJournalLimits){ .queue_limit = 1000000, .collect_days = 7, .event_days = 7 };
}

void
fixture_tear_down (Fixture *self)
{
  if (self->is_mounted)
    umount2 (self->folder, MNT_DETACH);
  remove_folder (self->folder);
  bipe_uuid_source_free (self->uuids);
  bipe_clock_free (self->clock);
  g_free (self->path);
  g_free (self->folder);
}

BipeScan *
fixture_scan (Fixture *self, const char *code, const char *key)
{
  BipeScan fields = { .uuid = bipe_uuid_source_next (self->uuids),
                      .source = BIPE_SOURCE_REMOTE,
                      .key = key,
                      .code = code,
                      .station = "test",
                      .scanned_at = NOON };

  return bipe_scan_new (&fields);
}

GPtrArray *
fixture_scans (Fixture *self, guint n_scans)
{
  GPtrArray *scans = bipe_scan_array_new ();

  for (guint i = 1; i <= n_scans; i++)
    {
      g_autofree char *code = g_strdup_printf ("%u", i);
      g_ptr_array_add (scans, fixture_scan (self, code, NULL));
    }
  return scans;
}

gboolean
fixture_limit_disk (Fixture *self, gboolean is_real)
{
  struct rlimit limit;

  if (is_real)
    {
      self->is_mounted = mount ("tmpfs", self->folder, "tmpfs", 0, "size=512k") == 0;
      return self->is_mounted;
    }

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = 512 * 1024;
  return setrlimit (RLIMIT_FSIZE, &limit) == 0;
}

void
fixture_free_disk (Fixture *self)
{
  struct rlimit limit;

  if (self->is_mounted)
    {
      g_assert_cmpint (mount ("tmpfs", self->folder, "tmpfs", MS_REMOUNT, "size=64m"), ==, 0);
      return;
    }
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}
