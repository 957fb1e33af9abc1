/* test-error.c: messages in another language, with a catalogue that is made here. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <libintl.h>

#include "base/error.h"
#include "test-locale.h"

static const struct
{
  const char *message;
  const char *translation;
} cases[] = {
  { "it is broken", "está quebrado" },
  { "it is broken: x: y", "está quebrado — x — y" },
  { "cannot read x: it is broken", "cannot read x — está quebrado" },
  { "whole: known", "conhecido por inteiro" },
  { "http://[::1]:5000", "http://[::1]:5000" },
  { "nobody knows this", "nobody knows this" },
  { "ends: ", "ends — " },
  { "", "" },
};

static void
test_translate (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = bipe_error_translate (cases[i].message);

      g_assert_cmpstr (text, ==, cases[i].translation);
    }
}

static void
make_catalogue (const char *folder)
{
  static const char catalogue[]
      = "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n"
        "msgid \"it is broken\"\nmsgstr \"está quebrado\"\n"
        "msgid \"whole: known\"\nmsgstr \"conhecido por inteiro\"\n"
        "msgid \"%s: %s\"\nmsgstr \"%s — %s\"\n";
  g_autofree char *messages = g_build_filename (folder, "pt", "LC_MESSAGES", NULL);
  g_autofree char *source = g_build_filename (folder, "pt.po", NULL);
  g_autofree char *target = g_build_filename (messages, "bipe.mo", NULL);
  g_autoptr(GSubprocess) msgfmt = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (messages, 0700), ==, 0);
  g_assert_true (g_file_set_contents (source, catalogue, -1, &error));
  msgfmt = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "msgfmt", "-o", target, source, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (msgfmt, NULL, &error));
  g_assert_no_error (error);
  g_unlink (source);
}

static void
remove_catalogue (const char *folder)
{
  static const char *const paths[] = { "pt/LC_MESSAGES/bipe.mo", "pt/LC_MESSAGES", "pt", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path = g_build_filename (folder, paths[i], NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = NULL;
  int status;

  g_setenv ("LANGUAGE", "pt", TRUE);
  test_locale_use ();
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("bipe-error-XXXXXX", NULL);
  make_catalogue (folder);
  bindtextdomain ("bipe", folder);
  bind_textdomain_codeset ("bipe", "UTF-8");
  textdomain ("bipe");
  g_test_add_func ("/error/translate", test_translate);
  status = g_test_run ();
  remove_catalogue (folder);
  return status;
}
