/* test-frame-scanner.c: frames at 30 a second, in which fake-decoder.c finds what their first bytes
 * say: these are too few to be a change of the scene, which the picture's middle shows. */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "capture/frame-scanner.h"

#define WIDTH 1280
#define HEIGHT 720
#define FRAME_MS 33

typedef struct
{
  BipeFrameScanner *scanner;
  BipeFrameBox *box;
  guint8 *pixels;
  BipePicture picture;
  GPtrArray *texts; /* of the scans */
  int flaw;
  GThread *thread;
} Fixture;

static void
scanned_cb (Fixture *fixture, BipeReading *reading, BipeSight *sight)
{
  g_assert_true (g_thread_self () == fixture->thread);
  g_assert_cmpuint (sight->width, ==, WIDTH);
  g_assert_cmpuint (sight->height, ==, HEIGHT);
  g_assert_true (g_ptr_array_find (sight->readings, reading, NULL));
  g_ptr_array_add (fixture->texts, g_strdup (reading->text));
}

static void
flawed_cb (Fixture *fixture, int flaw)
{
  g_assert_cmpint (flaw, !=, fixture->flaw);
  fixture->flaw = flaw;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->thread = g_thread_self ();
  fixture->scanner = bipe_frame_scanner_new ();
  fixture->box = bipe_frame_box_ref (bipe_frame_scanner_get_box (fixture->scanner));
  fixture->pixels = g_malloc0 (WIDTH * HEIGHT);
  fixture->picture
      = (BipePicture){ .luma = fixture->pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH };
  fixture->texts = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect_swapped (fixture->scanner, "scanned", G_CALLBACK (scanned_cb), fixture);
  g_signal_connect_swapped (fixture->scanner, "flawed", G_CALLBACK (flawed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->scanner != NULL)
    g_assert_finalize_object (g_steal_pointer (&fixture->scanner));
  /* The camera may be slower to end. */
  bipe_frame_box_post (fixture->box, &fixture->picture, g_get_monotonic_time ());
  g_clear_pointer (&fixture->box, bipe_frame_box_unref);
  g_clear_pointer (&fixture->texts, g_ptr_array_unref);
  g_clear_pointer (&fixture->pixels, g_free);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
iterate_for (guint milliseconds)
{
  gint64 end = g_get_monotonic_time () + milliseconds * 1000;

  while (g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

/* A frame with @words, and a scene that is told by its brightness. */
static void
post (Fixture *fixture, const char *words, guint8 scene)
{
  memset (fixture->pixels, 0, WIDTH * HEIGHT);
  memcpy (fixture->pixels, words, strlen (words));
  for (guint y = 300; y < 420; y++)
    memset (fixture->pixels + y * WIDTH + 500, scene, 200);
  bipe_frame_box_post (fixture->box, &fixture->picture, g_get_monotonic_time ());
}

static void
show (Fixture *fixture, const char *words, guint8 scene, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++)
    {
      post (fixture, words, scene);
      iterate_for (FRAME_MS);
    }
}

static void
assert_texts (Fixture *fixture, const char *texts)
{
  g_autofree char *joined = NULL;

  g_ptr_array_add (fixture->texts, NULL);
  joined = g_strjoinv (" ", (char **)fixture->texts->pdata);
  g_ptr_array_set_size (fixture->texts, 0);
  g_assert_cmpstr (joined, ==, texts);
}

/* Waits for the first frame to have been looked at, since a process takes its time to start. */
static void
warm_up (Fixture *fixture)
{
  while (fixture->texts->len == 0)
    show (fixture, "A0 800 0 0 warm\n", 0, 1);
  assert_texts (fixture, "warm");
}

static void
test_codes (Fixture *fixture, gconstpointer data)
{
  BipeFrameFigures figures;

  warm_up (fixture);
  show (fixture, "", 0, 5);
  assert_texts (fixture, "");
  show (fixture, "A0 800 0 0 q\n0 1 300 300 e\n0 100 300 500 i\n", 255, 20);
  assert_texts (fixture, "q e i");
  show (fixture, "", 0, 40);
  show (fixture, "A0 800 0 0 q\n0 1 300 300 e\n0 100 300 500 i\n", 255, 20);
  assert_texts (fixture, "q e i");
  show (fixture, "", 0, 5);

  bipe_frame_scanner_get_figures (fixture->scanner, &figures);
  g_assert_cmpuint (figures.n_frames, >=, 90);
  g_assert_cmpuint (figures.n_looks, >=, figures.n_frames * 9 / 10);
  g_assert_cmpuint (figures.n_looks, <=, figures.n_frames);
  g_assert_cmpuint (figures.n_deaths, ==, 0);
}

static void
test_single_misread (Fixture *fixture, gconstpointer data)
{
  warm_up (fixture);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *words = g_strdup_printf ("A0 1 0 0 misread-%u\n", i);

      show (fixture, words, 255, 1);
    }
  assert_texts (fixture, "");
}

/* A picture that does not change shows what it showed, though looks find it now and then; once it
 * has changed, absence counts. */
static void
test_hold (Fixture *fixture, gconstpointer data)
{
  warm_up (fixture);
  for (guint i = 0; i < 3; i++)
    {
      show (fixture, "A0 800 0 0 faint\n", 200, 1);
      show (fixture, "", 200, 50);
    }
  assert_texts (fixture, "faint");
  show (fixture, "", 100, 45);
  show (fixture, "A0 800 0 0 faint\n", 200, 1);
  iterate_for (20);
  assert_texts (fixture, "faint");
}

/* What the second decoder alone finds. */
static void
test_second (Fixture *fixture, gconstpointer data)
{
  BipeFrameFigures figures;

  warm_up (fixture);
  show (fixture, "A8 800 0 0 q\n", 255, 30);
  assert_texts (fixture, "q");
  show (fixture, "A8 1 0 0 e\n", 100, 40);
  assert_texts (fixture, "e");
  bipe_frame_scanner_get_figures (fixture->scanner, &figures);
  g_assert_cmpuint (figures.n_second, >=, 3);
  g_assert_cmpuint (figures.n_second, <=, 7);
}

static void
test_rules (Fixture *fixture, gconstpointer data)
{
  warm_up (fixture);
  bipe_frame_scanner_set_rules (fixture->scanner, BIPE_SYMBOLOGY_DATA_MATRIX, 2 * G_USEC_PER_SEC);
  show (fixture, "A0 800 0 0 q\n0 2000 0 0 d\n", 255, 10);
  assert_texts (fixture, "d");
  show (fixture, "", 0, 45); /* one second and a half */
  show (fixture, "A0 800 0 0 q\n0 2000 0 0 d\n", 255, 10);
  assert_texts (fixture, "");
}

/* A camera that falters shows nothing gone; one that was switched off begins anew. */
static void
test_stall (Fixture *fixture, gconstpointer data)
{
  warm_up (fixture);
  show (fixture, "A0 800 0 0 q\n", 255, 10);
  assert_texts (fixture, "q");
  iterate_for (2500);
  show (fixture, "A0 800 0 0 q\n", 255, 10);
  assert_texts (fixture, "");
  bipe_frame_box_begin (fixture->box);
  show (fixture, "A0 800 0 0 q\n", 255, 10);
  assert_texts (fixture, "q");
}

static void
test_flaws (Fixture *fixture, gconstpointer data)
{
  warm_up (fixture);
  show (fixture, "F1", 0, 20);
  g_assert_cmpint (fixture->flaw, ==, BIPE_FLAW_NONE); /* not yet */
  show (fixture, "F1", 0, 20);
  g_assert_cmpint (fixture->flaw, ==, BIPE_FLAW_DARK);
  show (fixture, "", 0, 5);
  g_assert_cmpint (fixture->flaw, ==, BIPE_FLAW_DARK);
  show (fixture, "", 0, 20);
  g_assert_cmpint (fixture->flaw, ==, BIPE_FLAW_NONE);
  show (fixture, "F2", 0, 40);
  g_assert_cmpint (fixture->flaw, ==, BIPE_FLAW_BLURRED);
  show (fixture, "A0 800 0 0 q\n", 255, 3); /* it can be read: at once */
  g_assert_cmpint (fixture->flaw, ==, BIPE_FLAW_NONE);
}

/* The newest frame alone waits while one is looked at, or while the process hangs. */
static void
test_hang (Fixture *fixture, gconstpointer data)
{
  BipeFrameFigures figures;

  warm_up (fixture);
  post (fixture, "H", 0);
  iterate_for (FRAME_MS);
  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *words = g_strdup_printf ("A0 800 0 0 %u\n", i);

      show (fixture, words, 0, 1);
    }
  assert_texts (fixture, "");
  iterate_for (1500);
  assert_texts (fixture, "29");
  bipe_frame_scanner_get_figures (fixture->scanner, &figures);
  show (fixture, "", 0, 2);
  bipe_frame_scanner_get_figures (fixture->scanner, &figures);
  g_assert_cmpuint (figures.n_deaths, ==, 1);
}

/* Frames that end the process cost themselves alone. */
static void
test_poison (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GString) expected = g_string_new (NULL);

  warm_up (fixture);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *words = g_strdup_printf ("A0 800 0 0 %u\n", i);

      show (fixture, "D", 0, 1);
      show (fixture, words, 255, 7);
      g_string_append_printf (expected, "%s%u", i > 0 ? " " : "", i);
    }
  assert_texts (fixture, expected->str);
}

/* The processes that we have started; those that have ended and were not reaped count, too. */
static GArray *
find_children (void)
{
  GArray *children = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr(GDir) processes = g_dir_open ("/proc", 0, NULL);

  for (const char *name = g_dir_read_name (processes); name != NULL;
       name = g_dir_read_name (processes))
    {
      g_autofree char *path = g_build_filename ("/proc", name, "stat", NULL);
      g_autofree char *stat = NULL;
      const char *end;
      int number = (int)g_ascii_strtoll (name, NULL, 10);

      if (number == 0 || !g_file_get_contents (path, &stat, NULL, NULL))
        continue;
      end = strrchr (stat, ')'); /* ") S parent …" */
      if (end != NULL && g_ascii_strtoll (end + 4, NULL, 10) == getpid ())
        g_array_append_val (children, number);
    }
  return children;
}

static void
kill_children (void)
{
  g_autoptr(GArray) children = find_children ();

  for (guint i = 0; i < children->len; i++)
    kill (g_array_index (children, int, i), SIGKILL);
}

static void
assert_no_children (void)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  guint n;

  do
    {
      g_autoptr(GArray) children = find_children ();

      n = children->len;
      iterate_for (5);
    }
  while (n > 0 && g_get_monotonic_time () < end);
  g_assert_cmpuint (n, ==, 0);
  iterate_for (50); /* who has reaped the last one ends, too */
}

/* At any moment of their work, about as fast as they are replaced without a rest. Each code is read
 * once, though it comes and goes between the deaths, and no other is. */
static void
test_killed (Fixture *fixture, gconstpointer data)
{
  BipeFrameFigures figures = { 0 };
  guint n_frames = 0;

  warm_up (fixture);
  for (guint i = 0; figures.n_deaths < 100; i++)
    {
      g_autofree char *words = g_strdup_printf ("A0 800 0 0 q-%u\n0 1 300 300 e-%u\n", i, i);
      g_autofree char *expected = g_strdup_printf ("q-%u e-%u", i, i);

      for (guint k = 0; fixture->texts->len < 2 || k < 8; k++)
        {
          g_assert_cmpuint (k, <, 200);
          post (fixture, words, i % 2 == 0 ? 100 : 200);
          iterate_for (n_frames % 13);
          if (n_frames % 6 == 0)
            kill_children ();
          n_frames++;
          iterate_for (FRAME_MS - MIN (FRAME_MS, n_frames % 13));
        }
      assert_texts (fixture, expected);
      bipe_frame_scanner_get_figures (fixture->scanner, &figures);
    }
  g_test_message ("%u frames, %u looks, %u deaths", figures.n_frames, figures.n_looks,
                  figures.n_deaths);
}

static guint
count_threads (void)
{
  g_autoptr(GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (tasks) != NULL)
    n++;
  return n;
}

/* It ends in every state, and leaves neither a thread nor a process. */
static void
test_stop (Fixture *fixture, gconstpointer data)
{
  static const char *const words[] = { "", "H", "S", "D", "A0 800 0 0 q\n", NULL };
  guint n_threads;

  warm_up (fixture);
  g_clear_object (&fixture->scanner);
  assert_no_children ();
  n_threads = count_threads ();
  for (guint i = 0; i < 60; i++)
    {
      g_autoptr(BipeFrameScanner) scanner = bipe_frame_scanner_new ();
      const char *word = words[i % G_N_ELEMENTS (words)];

      for (guint k = 0; word != NULL && k < 2; k++)
        {
          memset (fixture->pixels, 0, WIDTH);
          memcpy (fixture->pixels, word, strlen (word));
          bipe_frame_box_post (bipe_frame_scanner_get_box (scanner), &fixture->picture,
                               g_get_monotonic_time ());
          g_usleep (i / 6 * 1000);
        }
      g_assert_finalize_object (g_steal_pointer (&scanner));
    }
  assert_no_children ();
  g_assert_cmpuint (count_threads (), ==, n_threads);
}

/* A handler may drop the scanner. */
static void
drop_cb (BipeFrameScanner *scanner, BipeReading *reading, BipeSight *sight, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_clear_object (&fixture->scanner);
}

static void
test_dropped_by_handler (Fixture *fixture, gconstpointer data)
{
  BipeFrameScanner *scanner = fixture->scanner;

  g_object_add_weak_pointer (G_OBJECT (scanner), (gpointer *)&scanner);
  g_signal_connect (scanner, "scanned", G_CALLBACK (drop_cb), fixture);
  while (scanner != NULL)
    show (fixture, "A0 800 0 0 q\n", 0, 1);
  assert_texts (fixture, "q");
}

/* Pictures that nobody can look at. */
static void
test_bad_pictures (Fixture *fixture, gconstpointer data)
{
  const BipePicture pictures[] = {
    { .luma = fixture->pixels, .width = 0, .height = 5, .stride = 5 },
    { .luma = fixture->pixels, .width = 5, .height = 0, .stride = 5 },
    { .luma = fixture->pixels, .width = 5, .height = 5, .stride = 4 },
    { .luma = fixture->pixels, .width = G_MAXUINT, .height = G_MAXUINT, .stride = G_MAXSIZE },
  };
  BipeFrameFigures figures;

  for (gsize i = 0; i < G_N_ELEMENTS (pictures); i++)
    bipe_frame_box_post (fixture->box, &pictures[i], 0);
  warm_up (fixture);
  bipe_frame_scanner_get_figures (fixture->scanner, &figures);
  g_assert_cmpuint (figures.n_deaths, ==, 0);
}

/* Times that can't be, which a camera gives all the same. */
static void
test_bad_times (Fixture *fixture, gconstpointer data)
{
  const gint64 times[] = { 0, G_MAXINT64, G_MININT64, 5, 5 };

  warm_up (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      memset (fixture->pixels, 0, WIDTH);
      memcpy (fixture->pixels, "A0 1 0 0 e\n", 11);
      bipe_frame_box_post (fixture->box, &fixture->picture, times[i]);
      iterate_for (FRAME_MS);
    }
  assert_texts (fixture, "e");
}

#define ADD(path, test) g_test_add ("/frame-scanner/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("codes", test_codes);
  ADD ("single-misread", test_single_misread);
  ADD ("hold", test_hold);
  ADD ("second", test_second);
  ADD ("rules", test_rules);
  ADD ("stall", test_stall);
  ADD ("flaws", test_flaws);
  ADD ("hang", test_hang);
  ADD ("poison", test_poison);
  ADD ("killed", test_killed);
  ADD ("stop", test_stop);
  ADD ("dropped-by-handler", test_dropped_by_handler);
  ADD ("bad-pictures", test_bad_pictures);
  ADD ("bad-times", test_bad_times);
  return g_test_run ();
}
