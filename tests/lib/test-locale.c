#include "test-locale.h"

#include <glib/gstdio.h>
#include <locale.h>
#include <unistd.h>

void
test_locale_use (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bipe-locale-XXXXXX", NULL);
  g_autofree char *locale = g_build_filename (folder, "en_US.UTF-8", NULL);

  g_assert_cmpint (symlink ("/usr/lib/locale/C.utf8", locale), ==, 0);
  g_setenv ("LOCPATH", folder, TRUE);
  g_assert_nonnull (setlocale (LC_ALL, "en_US.UTF-8"));
  g_unlink (locale);
  g_rmdir (folder);
}
