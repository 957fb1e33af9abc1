#include "config.h"

#include <glib/gstdio.h>

#include "base/sandbox.h"

static void
test_allows (void)
{
  static const struct
  {
    const char *kind;
    const char *name;
    gboolean is_allowed;
  } cases[] = {
    { "shared", "network", TRUE },
    { "shared", "ipc", TRUE },
    { "shared", "net", FALSE },
    { "sockets", "network", FALSE },
    { "filesystems", "/run/postgresql", TRUE },
    { "filesystems", "/run", FALSE },
    { "filesystems", "/run/postgresql/x", FALSE },
    { "devices", "all", FALSE },
    { "nonsense", "network", FALSE },
  };
  g_autofree char *file = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_file_open_tmp ("bipe-sandbox-XXXXXX", &file, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (file,
                                      "[Application]\nname=io.github.bipe.Bipe\n\n[Context]\n"
                                      "shared=network;ipc;\nsockets=x11;pulseaudio;\n"
                                      "filesystems=/run/postgresql:ro;\n",
                                      -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s %s", cases[i].kind, cases[i].name);
      g_assert_cmpint (bipe_sandbox_allows (file, cases[i].kind, cases[i].name), ==,
                       cases[i].is_allowed);
    }

  /* Nobody is told that what can't be known is allowed. */
  g_assert_true (g_file_set_contents (file, "shared=network;\n[Cont", -1, NULL));
  g_assert_false (bipe_sandbox_allows (file, "shared", "network"));
  g_remove (file);
  g_assert_false (bipe_sandbox_allows (file, "shared", "network"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sandbox/allows", test_allows);
  return g_test_run ();
}
