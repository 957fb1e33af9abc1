/* test-log.c: what is logged is this program's again, run as a child with a level as its argument.
 */
#include "config.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/timestamp.h"

#define N_THREADS 4
#define N_LINES 500

static const char *program;

static gpointer
talk_thread (gpointer data)
{
  for (guint i = 0; i < N_LINES; i++)
    g_warning ("thread %d line %u", GPOINTER_TO_INT (data), i);
  return NULL;
}

static int
talk (const char *level)
{
  GThread *threads[N_THREADS];

  bipe_log_install (level);
  g_debug ("a debug");
  g_info ("an info");
  g_message ("a message");
  g_warning ("a warning");
  g_critical ("a critical");
  g_critical ("one\nline\r\ttwo\x1b[31m\x7f");
  g_critical ("%s", "");
  if (bipe_log_wants (G_LOG_LEVEL_INFO))
    g_critical ("infos are wanted");
  if (g_str_equal (level, "error"))
    {
      g_autofree char *start = g_strnfill (BIPE_LOG_LENGTH_MAX - 1, '-');

      g_critical ("%s+", start);
      g_critical ("%sü and what comes behind it", start);
    }
  if (!g_str_equal (level, "warning"))
    return 0;

  for (int i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("talk", talk_thread, GINT_TO_POINTER (i));
  for (int i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  return 0;
}

static GStrv
listen_to (const char *level)
{
  g_autoptr(GSubprocess) child = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *out = NULL, *text = NULL;

  child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                            program, "--talk", level, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (child, NULL, NULL, &out, &text, &error));
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (child));
  g_assert_cmpstr (out, ==, "");
  g_assert_true (g_str_has_suffix (text, "\n"));
  text[strlen (text) - 1] = '\0';
  return g_strsplit (text, "\n", -1);
}

/* The line behind its time, which must be one. */
static const char *
after_time (const char *line)
{
  g_autofree char *time = g_strndup (line, BIPE_TIMESTAMP_SIZE - 1);
  gint64 timestamp;

  g_assert_true (bipe_timestamp_parse (time, &timestamp));
  g_assert_cmpint (line[BIPE_TIMESTAMP_SIZE - 1], ==, ' ');
  return line + BIPE_TIMESTAMP_SIZE;
}

static void
test_levels (void)
{
  static const struct
  {
    const char *level;
    const char *lines[6];
  } levels[] = {
    { "error", { "CRITICAL test: a critical" } },
    { "info",
      { "INFO test: an info", "NOTICE test: a message", "WARNING test: a warning",
        "CRITICAL test: a critical" } },
    { "debug",
      { "DEBUG test: a debug", "INFO test: an info", "NOTICE test: a message",
        "WARNING test: a warning", "CRITICAL test: a critical" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      g_auto(GStrv) lines = listen_to (levels[i].level);
      guint n = 0;

      for (; levels[i].lines[n] != NULL; n++)
        g_assert_cmpstr (after_time (lines[n]), ==, levels[i].lines[n]);
      g_assert_cmpstr (after_time (lines[n++]), ==, "CRITICAL test: one line  two [31m ");
      g_assert_cmpstr (after_time (lines[n++]), ==, "CRITICAL test: ");
      if (!g_str_equal (levels[i].level, "error"))
        g_assert_cmpstr (after_time (lines[n++]), ==, "CRITICAL test: infos are wanted");
      g_assert_true (lines[n] == NULL || g_str_equal (levels[i].level, "error"));
    }
}

/* Not within a character. */
static void
test_length (void)
{
  g_auto(GStrv) lines = listen_to ("error");
  g_autofree char *start = g_strnfill (BIPE_LOG_LENGTH_MAX - 1, '-');
  g_autofree char *whole = g_strdup_printf ("CRITICAL test: %s+", start);
  g_autofree char *cut = g_strdup_printf ("CRITICAL test: %s…", start);

  g_assert_cmpstr (after_time (lines[3]), ==, whole);
  g_assert_cmpstr (after_time (lines[4]), ==, cut);
}

/* Each line whole, each thread's in its order. */
static void
test_threads (void)
{
  g_auto(GStrv) lines = listen_to ("warning");
  guint next[N_THREADS] = { 0 };
  guint n = 4;

  g_assert_cmpstr (after_time (lines[0]), ==, "WARNING test: a warning");
  for (; lines[n] != NULL; n++)
    {
      static const char start[] = "WARNING test: thread ";
      const char *rest = after_time (lines[n]);
      g_autofree char *expected = NULL;
      int thread;

      g_assert_true (g_str_has_prefix (rest, start));
      thread = rest[strlen (start)] - '0';
      g_assert_true (thread >= 0 && thread < N_THREADS);
      expected = g_strdup_printf ("%s%d line %u", start, thread, next[thread]++);
      g_assert_cmpstr (rest, ==, expected);
    }
  g_assert_cmpuint (n, ==, 4 + N_THREADS * N_LINES);
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--talk"))
    return talk (argv[2]);

  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/levels", test_levels);
  g_test_add_func ("/log/length", test_length);
  g_test_add_func ("/log/threads", test_threads);
  return g_test_run ();
}
