#include "config.h"

#include "access/password-file.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "access/keyring.h"
#include "base/error.h"

#define GROUP "database"

/* More would be, the oldest first, of databases that nobody uses any more. */
#define URLS_MAX 20

static char *
make_key (const char *url)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, url, -1);
}

/* Empty where there is no file; NULL where it can't be used. */
static GKeyFile *
load (const char *path)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) error = NULL;
  GStatBuf status;

  if (g_stat (path, &status) < 0)
    {
      if (errno == ENOENT)
        return g_steal_pointer (&file);
      g_warning ("Cannot use the passwords in %s: %s", path, g_strerror (errno));
      return NULL;
    }
  if (status.st_mode & (S_IRWXG | S_IRWXO))
    {
      g_warning ("Cannot use the passwords in %s: other users can read or change it. Take their "
                 "rights away (chmod 600)",
                 path);
      return NULL;
    }
  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error))
    return g_steal_pointer (&file);
  /* The reason may quote a line. */
  g_warning ("Cannot use the passwords in %s: it is no key file", path);
  return NULL;
}

char *
bipe_password_file_read (const char *path, const char *url)
{
  g_autoptr(GKeyFile) file = load (path);
  g_autofree char *key = make_key (url);

  return file != NULL ? g_key_file_get_string (file, GROUP, key, NULL) : NULL;
}

static gboolean
save (const char *path, GKeyFile *file, GError **error)
{
  gsize length;
  char *text = g_key_file_to_data (file, &length, NULL);
  g_autoptr(GError) problem = NULL;
  gboolean is_written = g_file_set_contents_full (
      path, text, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
      0600, &problem);

  bipe_keyring_wipe_and_free (text);
  if (is_written && g_chmod (path, 0600) == 0) /* one that was there before keeps its mode */
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE,
               _ ("the password can’t be kept in %s: %s"), path,
               problem != NULL ? problem->message : g_strerror (errno));
  return FALSE;
}

gboolean
bipe_password_file_write (const char *path, const char *url, const char *password, GError **error)
{
  g_autoptr(GKeyFile) file = load (path);
  g_autofree char *key = make_key (url);
  g_auto(GStrv) keys = NULL;

  if (file == NULL)
    file = g_key_file_new (); /* what nobody could use is replaced */
  if (password == NULL)
    {
      if (!g_key_file_remove_key (file, GROUP, key, NULL))
        return TRUE;
      return save (path, file, error);
    }
  if (!g_key_file_has_key (file, GROUP, key, NULL))
    keys = g_key_file_get_keys (file, GROUP, NULL, NULL);
  for (guint i = 0; keys != NULL && g_strv_length (keys + i) >= URLS_MAX; i++)
    g_key_file_remove_key (file, GROUP, keys[i], NULL);
  g_key_file_set_string (file, GROUP, key, password);
  return save (path, file, error);
}
