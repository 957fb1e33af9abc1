#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "access/key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/secret.h"
#include "base/error.h"

static void
wipe_and_free (gpointer data)
{
  explicit_bzero (data, BIPE_SECRET_SIZE);
  g_free (data);
}

GBytes *
bipe_key_new_copy (const void *bytes)
{
  gpointer copy = g_memdup2 (bytes, BIPE_SECRET_SIZE);

  return g_bytes_new_with_free_func (copy, BIPE_SECRET_SIZE, wipe_and_free, copy);
}

GBytes *
bipe_key_new (GError **error)
{
  guint8 bytes[BIPE_SECRET_SIZE];
  GBytes *key;

  /* So few bytes are never given in part. */
  if (getrandom (bytes, sizeof bytes, 0) != sizeof bytes)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED,
                   "cannot make a signing key: the kernel gives no random bytes: %s",
                   g_strerror (errno));
      return NULL;
    }
  key = bipe_key_new_copy (bytes);
  explicit_bzero (bytes, sizeof bytes);
  return key;
}

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, _ ("cannot use the signing key in %s: %s"),
               path, why);
  return FALSE;
}

static gboolean
check_file (const char *path, const struct stat *status, GError **error)
{
  g_autofree char *length = NULL;

  if (!S_ISREG (status->st_mode))
    return refuse (path, "it is no file", error);
  if (status->st_mode & (S_IROTH | S_IWOTH | S_IWGRP))
    return refuse (path,
                   "other users can read or change it, so it may be known to anybody. Take their "
                   "rights away (chmod 600), or remove it to have a new one made, which ends all "
                   "tokens",
                   error);
  if (status->st_size == BIPE_SECRET_SIZE)
    return TRUE;
  length = g_strdup_printf ("it has %" G_GINT64_FORMAT
                            " bytes, and a key has %d. Restore it from a backup, or remove it to "
                            "have a new one made, which ends all tokens",
                            (gint64)status->st_size, BIPE_SECRET_SIZE);
  return refuse (path, length, error);
}

static gboolean
read_key (int fd, const char *path, GBytes **key, GError **error)
{
  guint8 bytes[BIPE_SECRET_SIZE];
  struct stat status;

  if (fstat (fd, &status) < 0)
    return refuse (path, g_strerror (errno), error);
  if (!check_file (path, &status, error))
    return FALSE;
  if (pread (fd, bytes, sizeof bytes, 0) != sizeof bytes)
    return refuse (path, "it can't be read whole", error);
  *key = bipe_key_new_copy (bytes);
  explicit_bzero (bytes, sizeof bytes);
  return TRUE;
}

gboolean
bipe_key_file_read (const char *path, GBytes **key, GError **error)
{
  /* What is no file must not keep us waiting. */
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  gboolean is_read;

  *key = NULL;
  if (fd < 0)
    return errno == ENOENT ? TRUE : refuse (path, g_strerror (errno), error);
  is_read = read_key (fd, path, key, error);
  close (fd);
  return is_read;
}

static gboolean
fail_writing (const char *path, int code, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE,
               "cannot write the signing key to %s: %s. Name another file with secret-key-file",
               path, g_strerror (code));
  return FALSE;
}

static gboolean
sync_folder (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = g_open (folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY, 0);
  gboolean is_synced;

  if (fd < 0)
    return FALSE;
  is_synced = fsync (fd) == 0;
  close (fd);
  return is_synced;
}

/* Under another name first, so that a key is there whole or not at all; by link(), which leaves
 * alone what another process has put there meanwhile. */
static gboolean
write_key (const char *path, GBytes *key, GError **error)
{
  g_autofree char *temporary = g_strdup_printf ("%s.XXXXXX", path);
  int fd = g_mkstemp_full (temporary, O_WRONLY | O_CLOEXEC, 0600);
  gboolean is_written;
  int code;

  if (fd < 0)
    return fail_writing (path, errno, error);
  is_written = write (fd, g_bytes_get_data (key, NULL), BIPE_SECRET_SIZE) == BIPE_SECRET_SIZE
               && fsync (fd) == 0 && (link (temporary, path) == 0 || errno == EEXIST)
               && sync_folder (path);
  code = errno;
  close (fd);
  g_unlink (temporary);
  return is_written || fail_writing (path, code, error);
}

GBytes *
bipe_key_file_make (const char *path, GError **error)
{
  g_autoptr(GBytes) key = bipe_key_new (error);
  GBytes *written = NULL;

  if (key == NULL || !write_key (path, key, error))
    return NULL;
  if (bipe_key_file_read (path, &written, error) && written == NULL)
    refuse (path, "it was removed while it was made", error);
  return written;
}
