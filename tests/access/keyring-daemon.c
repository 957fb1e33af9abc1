#include "config.h"

#include "keyring-daemon.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SERVICE "org.freedesktop.secrets"

gboolean
keyring_daemon_is_installed (void)
{
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");

  return program != NULL;
}

/* It must not outlive a test that fails. */
static void
end_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GPid
keyring_daemon_start (const char *home, const char *password)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *data = g_build_filename (home, "data", NULL);
  g_auto(GStrv) environment = g_get_environ ();
  const char *const arguments[]
      = { "gnome-keyring-daemon", "--foreground", "--components=secrets",
          password != NULL ? "--unlock" : "--control-directory=/nonexistent", NULL };
  g_autoptr(GDBusConnection) connection = NULL;
  gboolean is_there = FALSE;
  int input;
  GPid pid;

  environment = g_environ_setenv (environment, "XDG_DATA_HOME", data, TRUE);
  environment = g_environ_setenv (environment, "XDG_RUNTIME_DIR", home, TRUE);
  environment = g_environ_setenv (environment, "HOME", home, TRUE);
  g_spawn_async_with_pipes (NULL, (char **)arguments, environment,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD
                                | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                            end_with_parent, NULL, &pid, &input, NULL, NULL, &error);
  g_assert_no_error (error);
  if (password != NULL)
    g_assert_cmpint (write (input, password, strlen (password)), ==, (gssize)strlen (password));
  g_close (input, NULL);

  connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 500 && !is_there; i++)
    {
      g_autoptr(GVariant) answer = g_dbus_connection_call_sync (
          connection, SERVICE, "/org/freedesktop/secrets", "org.freedesktop.DBus.Properties", "Get",
          g_variant_new ("(ss)", "org.freedesktop.Secret.Service", "Collections"), NULL,
          G_DBUS_CALL_FLAGS_NO_AUTO_START, 1000, NULL, NULL);

      is_there = answer != NULL;
      g_usleep (20000);
    }
  g_assert_true (is_there);
  return pid;
}

void
keyring_daemon_stop (GPid pid)
{
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  g_spawn_close_pid (pid);
}

void
keyring_daemon_remove (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      keyring_daemon_remove (child);
    }
  g_remove (path);
}
