/* data-dir.c: the file "lock" in the folder is held by flock and names its holder: a line with the
 * process id, a line with its address. It is never unlinked: a lock on a removed file holds nobody.
 */
#include "config.h"

#include "base/data-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"

/* Who only looks has the lock for a moment, too: see bipe_data_dir_check_held(). */
#define TRIES 10
#define TRY_AGAIN_USEC 10000

struct _BipeDataDir
{
  char *path;
  int lock;
};

static char *
read_holder (const char *path, guint line)
{
  g_autofree char *name = g_build_filename (path, "lock", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (name, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", 3);
  return g_strv_length (lines) > line && lines[line][0] != '\0'
             ? g_utf8_make_valid (lines[line], -1)
             : NULL;
}

char *
bipe_data_dir_dup_holder_address (const char *path)
{
  return read_holder (path, 1);
}

static gboolean
fail_not_writable (const char *path, int code, GError **error)
{
  g_set_error (
      error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE,
      _ ("cannot write the data folder %s: %s. Choose another with --data-dir=, or give this "
         "user the right to write there"),
      path, g_strerror (code));
  return FALSE;
}

gboolean
bipe_data_dir_check_held (const char *path, GError **error)
{
  g_autofree char *name = g_build_filename (path, "lock", NULL);
  int lock = g_open (name, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  gboolean is_held;

  if (lock < 0 && errno != ENOENT && errno != ENOTDIR)
    return fail_not_writable (path, errno, error);
  is_held = lock >= 0 && flock (lock, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
  if (lock >= 0)
    close (lock);
  if (!is_held)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
                 _ ("no station runs on %s; start it first"), path);
  return is_held;
}

static gboolean
fail_locked (const char *path, GError **error)
{
  g_autofree char *holder = read_holder (path, 0);
  g_autofree char *address = read_holder (path, 1);

  if (address != NULL)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_LOCKED,
                 _ ("the data folder %s is in use by process %s, at %s. Stop it, or choose another "
                    "folder with --data-dir="),
                 path, holder != NULL ? holder : _ ("(unknown)"), address);
  else
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_LOCKED,
                 _ ("the data folder %s is in use by process %s. Stop it, or choose another folder "
                    "with --data-dir="),
                 path, holder != NULL ? holder : _ ("(unknown)"));
  return FALSE;
}

/* In one write, so that nobody reads half of it; what is longer is cut off behind. */
static gboolean
tell (BipeDataDir *self, const char *address)
{
  g_autofree char *text
      = g_strdup_printf ("%d\n%s\n", (int)getpid (), address != NULL ? address : "");

  return pwrite (self->lock, text, strlen (text), 0) == (gssize)strlen (text)
         && ftruncate (self->lock, (off_t)strlen (text)) == 0;
}

static gboolean
try_lock (int lock)
{
  for (guint i = 1; flock (lock, LOCK_EX | LOCK_NB) < 0; i++)
    {
      if (errno != EWOULDBLOCK || i == TRIES)
        return FALSE;
      g_usleep (TRY_AGAIN_USEC);
    }
  return TRUE;
}

static gboolean
take_lock (BipeDataDir *self, const char *address, GError **error)
{
  g_autofree char *name = g_build_filename (self->path, "lock", NULL);

  self->lock = g_open (name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock < 0)
    return fail_not_writable (self->path, errno, error);

  if (!try_lock (self->lock))
    return errno == EWOULDBLOCK ? fail_locked (self->path, error)
                                : fail_not_writable (self->path, errno, error);

  return tell (self, address) || fail_not_writable (self->path, errno, error);
}

BipeDataDir *
bipe_data_dir_open (const char *path, const char *address, GError **error)
{
  g_autoptr(BipeDataDir) self = g_new0 (BipeDataDir, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->lock = -1;
  if (g_mkdir_with_parents (self->path, 0700) < 0)
    {
      fail_not_writable (self->path, errno, error);
      return NULL;
    }
  return take_lock (self, address, error) ? g_steal_pointer (&self) : NULL;
}

void
bipe_data_dir_free (BipeDataDir *self)
{
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->path);
  g_free (self);
}

void
bipe_data_dir_set_address (BipeDataDir *self, const char *address)
{
  if (!tell (self, address))
    g_warning ("Cannot write the lock of %s: %s", self->path, g_strerror (errno));
}

const char *
bipe_data_dir_get_path (BipeDataDir *self)
{
  return self->path;
}
