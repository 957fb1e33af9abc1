/* bench-camera.c: a fake camera, 1280×720 at 30 frames a second through a pipe into a real
 * BipeCamera and BipeCameraScanner, in which labels appear and leave: how long from the first frame
 * that shows a code to the scan; what is read wrong or not at all; how much of a core a minute of
 * an empty table costs, all processes together but for the fake camera's own thread; and whether
 * the preview loses frames. Figures are printed, never asserted.
 *
 * bench-camera [ROUNDS [SECONDS]] with BIPE_DECODER set to the built bipe-decoder. */
#define _GNU_SOURCE /* pipe2, F_SETPIPE_SZ */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "capture/camera-scanner.h"
#include "codes.h"

#define WIDTH 1280
#define HEIGHT 720
#define FRAME_SIZE (WIDTH * HEIGHT * 3 / 2) /* I420 */
#define FRAME_US (G_USEC_PER_SEC / 30)
#define N_NOISES 4
#define PATIENCE_US (3 * G_USEC_PER_SEC)

static const struct
{
  const char *name;
  BipeSymbologies symbology;
  guint least_module;
  guint most_module;
  double median_ms; /* wanted */
  double p95_ms;
} kinds[] = {
  { "QR Code", BIPE_SYMBOLOGY_QR_CODE, 3, 7, 50, 120 },
  { "Data Matrix", BIPE_SYMBOLOGY_DATA_MATRIX, 4, 8, 50, 120 },
  { "EAN-13", BIPE_SYMBOLOGY_EAN_13, 2, 4, 100, 200 },
  { "Code 128", BIPE_SYMBOLOGY_CODE_128, 2, 3, 100, 200 },
};

/* A frame for the fake camera, and when it was first given. */
typedef struct
{
  guint8 *pixels;
  gint64 shown_at; /* under the lock */
} Scene;

typedef struct
{
  int pipe;
  gboolean is_ending; /* atomic */
  GMutex lock;
  Scene *scene; /* NULL: an empty table */
  guint8 *noises[N_NOISES];
  guint n_frames;  /* atomic */
  gint64 cpu_used; /* microseconds, under the lock */

  BipeCameraScanner *scanner;
  const char *expected;
  gint64 scanned_at; /* of what was expected */
  guint n_wrong;
  guint n_previews;
  GRand *rand;
} Bench;

static gint64
get_thread_cpu (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
write_frame (int pipe, const guint8 *pixels)
{
  gsize done = 0;

  while (done < FRAME_SIZE)
    {
      ssize_t n = write (pipe, pixels + done, FRAME_SIZE - done);

      if (n < 0 && errno != EINTR)
        return FALSE;
      done += n > 0 ? (gsize)n : 0;
    }
  return TRUE;
}

static gpointer
fake_camera (gpointer data)
{
  Bench *bench = data;
  gint64 next = g_get_monotonic_time ();

  for (guint i = 0; !g_atomic_int_get (&bench->is_ending); i++)
    {
      const guint8 *pixels = bench->noises[i % N_NOISES];
      gint64 now = g_get_monotonic_time ();

      if (now < next)
        g_usleep ((gulong)(next - now));
      next = MAX (next + FRAME_US, g_get_monotonic_time () - FRAME_US);
      g_mutex_lock (&bench->lock);
      bench->cpu_used = get_thread_cpu ();
      if (bench->scene != NULL)
        {
          pixels = bench->scene->pixels;
          if (bench->scene->shown_at == 0)
            bench->scene->shown_at = g_get_monotonic_time ();
        }
      g_mutex_unlock (&bench->lock);
      if (!write_frame (bench->pipe, pixels))
        break;
      g_atomic_int_inc (&bench->n_frames);
    }
  close (bench->pipe);
  return NULL;
}

/* A grey table in uneven light with noise on it. */
static guint8 *
draw_table (Bench *bench)
{
  guint8 *pixels = g_malloc (FRAME_SIZE);

  for (guint y = 0; y < HEIGHT; y++)
    for (guint x = 0; x < WIDTH; x++)
      pixels[y * WIDTH + x]
          = (guint8)(90 + x / 40 + y / 30 + (guint)g_rand_int_range (bench->rand, 0, 9));
  memset (pixels + WIDTH * HEIGHT, 128, FRAME_SIZE - WIDTH * HEIGHT);
  return pixels;
}

static char *
make_text (Bench *bench, BipeSymbologies symbology)
{
  guint number = g_rand_int (bench->rand);

  if (symbology == BIPE_SYMBOLOGY_EAN_13)
    {
      g_autofree char *digits = g_strdup_printf ("40%010u", number);
      int sum = 0;

      for (guint i = 0; i < 12; i++)
        sum += (digits[i] - '0') * (i % 2 == 0 ? 1 : 3);
      return g_strdup_printf ("%s%d", digits, (10 - sum % 10) % 10);
    }
  return g_strdup_printf ("BIPE-%08X", number);
}

/* The code anywhere in the picture, on a white label; a matrix code of zxing 1.4 has to be where
 * the operator is told to hold it, in the guide box. */
static void
draw_code (Bench *bench, gsize kind, const char *text, guint8 *pixels)
{
  guint module = (guint)g_rand_int_range (bench->rand, (int)kinds[kind].least_module,
                                          (int)kinds[kind].most_module + 1);
  BipePicture onto = { pixels, WIDTH, HEIGHT, WIDTH };
  BipePicture code;
  g_autofree guint8 *drawn = NULL;
  BipeArea guide = { 0, 0, WIDTH, HEIGHT };

  drawn = codes_draw (kinds[kind].symbology, text, module, &code);
  if (kinds[kind].symbology == BIPE_SYMBOLOGY_DATA_MATRIX)
    bipe_camera_scanner_get_guide (WIDTH, HEIGHT, &guide);
  codes_paste (pixels, &onto, &code,
               guide.x + (guint)g_rand_int_range (bench->rand, 0, (int)(guide.width - code.width)),
               guide.y
                   + (guint)g_rand_int_range (bench->rand, 0, (int)(guide.height - code.height)));
}

static void
scanned_cb (Bench *bench, BipeReading *reading, BipeSight *sight)
{
  if (bench->expected != NULL && g_str_equal (reading->text, bench->expected))
    bench->scanned_at = g_get_monotonic_time ();
  else
    {
      bench->n_wrong++;
      g_print ("  wrong: %s “%s”\n", bipe_symbology_get_name (reading->symbology), reading->text);
    }
}

static void
preview_cb (Bench *bench)
{
  GstSample *sample = bipe_camera_dup_preview (bipe_camera_scanner_get_camera (bench->scanner));

  if (sample == NULL)
    return;
  bench->n_previews++;
  gst_sample_unref (sample);
}

static gboolean
woken_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static void
iterate_for (gint64 microseconds)
{
  gint64 end = g_get_monotonic_time () + microseconds;

  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_scene (Bench *bench, Scene *scene)
{
  g_mutex_lock (&bench->lock);
  bench->scene = scene;
  g_mutex_unlock (&bench->lock);
}

/* Milliseconds, or −1. */
static double
run_round (Bench *bench, gsize kind)
{
  g_autofree char *text = make_text (bench, kinds[kind].symbology);
  g_autofree guint8 *pixels = draw_table (bench);
  Scene scene = { .pixels = pixels };
  gint64 start = g_get_monotonic_time ();

  draw_code (bench, kind, text, pixels);
  bench->expected = text;
  bench->scanned_at = 0;
  set_scene (bench, &scene);
  while (bench->scanned_at == 0 && g_get_monotonic_time () - start < PATIENCE_US)
    g_main_context_iteration (NULL, TRUE);
  iterate_for (g_rand_int_range (bench->rand, 100000, 400000));
  set_scene (bench, NULL);
  iterate_for (g_rand_int_range (bench->rand, 300000, 700000));
  bench->expected = NULL;
  return bench->scanned_at == 0 ? -1 : (double)(bench->scanned_at - scene.shown_at) / 1000;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const double *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

static void
run_kind (Bench *bench, gsize kind, guint n_rounds)
{
  g_autoptr(GArray) times = g_array_new (FALSE, FALSE, sizeof (double));
  double *sorted;

  for (guint i = 0; i < n_rounds; i++)
    {
      double time = run_round (bench, kind);

      if (time >= 0)
        g_array_append_val (times, time);
    }
  g_array_sort (times, compare);
  sorted = (double *)(gpointer)times->data;
  if (times->len == 0)
    g_print ("%-12s none of %u read\n", kinds[kind].name, n_rounds);
  else
    g_print ("%-12s %u of %u read; median %.0f ms (%.0f), p95 %.0f ms (%.0f), longest %.0f ms\n",
             kinds[kind].name, times->len, n_rounds, sorted[times->len / 2], kinds[kind].median_ms,
             sorted[times->len * 95 / 100], kinds[kind].p95_ms, sorted[times->len - 1]);
}

/* Microseconds of this process, and of those that it has started: at work, or ended. */
static gint64
get_cpu (void)
{
  g_autoptr(GDir) processes = g_dir_open ("/proc", 0, NULL);
  gint64 ticks = 0;
  struct rusage ended;

  getrusage (RUSAGE_CHILDREN, &ended);
  for (const char *name = g_dir_read_name (processes); name != NULL;
       name = g_dir_read_name (processes))
    {
      g_autofree char *path = g_build_filename ("/proc", name, "stat", NULL);
      g_autofree char *stat = NULL;
      g_auto(GStrv) fields = NULL;

      if (!g_ascii_isdigit (name[0]) || !g_file_get_contents (path, &stat, NULL, NULL))
        continue;
      /* "number (name) state parent …": user and system time are the 12th and 13th after it. */
      fields = g_strsplit (strrchr (stat, ')') + 2, " ", 15);
      if (atoi (name) == getpid () || atoi (fields[1]) == getpid ())
        ticks += g_ascii_strtoll (fields[11], NULL, 10) + g_ascii_strtoll (fields[12], NULL, 10);
    }
  return ticks * G_USEC_PER_SEC / sysconf (_SC_CLK_TCK)
         + (ended.ru_utime.tv_sec + ended.ru_stime.tv_sec) * G_USEC_PER_SEC + ended.ru_utime.tv_usec
         + ended.ru_stime.tv_usec;
}

/* Of that, what the fake camera's thread has used. */
static gint64
get_fake_cpu (Bench *bench)
{
  gint64 used;

  g_mutex_lock (&bench->lock);
  used = bench->cpu_used;
  g_mutex_unlock (&bench->lock);
  return used;
}

static void
run_empty (Bench *bench, guint n_seconds, gboolean wants_preview)
{
  BipeFrameFigures before, after;
  gint64 start = g_get_monotonic_time (), cpu = get_cpu (), fake = get_fake_cpu (bench);
  double seconds;

  bipe_camera_set_wants_preview (bipe_camera_scanner_get_camera (bench->scanner), wants_preview);
  bipe_camera_scanner_get_figures (bench->scanner, &before);
  iterate_for (n_seconds * G_USEC_PER_SEC);
  bipe_camera_scanner_get_figures (bench->scanner, &after);
  cpu = get_cpu () - cpu - (get_fake_cpu (bench) - fake);
  seconds = (double)(g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  g_print (
      "empty, %s preview: %.1f %% of a core over %.0f s (35); %u frames, %u looks, %u second\n",
      wants_preview ? "with" : "without", (double)cpu / seconds / G_USEC_PER_SEC * 100, seconds,
      after.n_frames - before.n_frames, after.n_looks - before.n_looks,
      after.n_second - before.n_second);
}

static void
start (Bench *bench, int pipe)
{
  g_autofree char *pipeline
      = g_strdup_printf ("fdsrc fd=%d blocksize=%d ! rawvideoparse width=%d height=%d format=i420 "
                         "framerate=1000/1",
                         pipe, FRAME_SIZE, WIDTH, HEIGHT);
  const BipeCameraChoice choice
      = { .pipeline = pipeline, .width = WIDTH, .height = HEIGHT, .rate = 30 };
  BipeCamera *camera;

  bench->scanner = bipe_camera_scanner_new ();
  camera = bipe_camera_scanner_get_camera (bench->scanner);
  g_signal_connect_swapped (bench->scanner, "scanned", G_CALLBACK (scanned_cb), bench);
  g_signal_connect_swapped (camera, "preview", G_CALLBACK (preview_cb), bench);
  bipe_camera_choose (camera, &choice);
  bipe_camera_start (camera);
}

int
main (int argc, char **argv)
{
  guint n_rounds = argc > 1 ? (guint)atoi (argv[1]) : 40;
  guint n_seconds = argc > 2 ? (guint)atoi (argv[2]) : 60;
  Bench bench = { .rand = g_rand_new_with_seed (1) };
  BipeFrameFigures figures;
  GThread *thread;
  guint n_frames, n_previews;
  int ends[2];

  if (pipe2 (ends, O_CLOEXEC) < 0)
    return 1;
  fcntl (ends[1], F_SETPIPE_SZ, 1024 * 1024);
  g_timeout_add (5, woken_cb, NULL);
  g_mutex_init (&bench.lock);
  for (guint i = 0; i < N_NOISES; i++)
    bench.noises[i] = draw_table (&bench);
  bench.pipe = ends[1];
  start (&bench, ends[0]);
  thread = g_thread_new ("fake-camera", fake_camera, &bench);
  iterate_for (3 * G_USEC_PER_SEC);

  n_frames = (guint)g_atomic_int_get (&bench.n_frames);
  n_previews = bench.n_previews;
  for (gsize i = 0; n_rounds > 0 && i < G_N_ELEMENTS (kinds); i++)
    run_kind (&bench, i, n_rounds);
  n_frames = (guint)g_atomic_int_get (&bench.n_frames) - n_frames;
  n_previews = bench.n_previews - n_previews;
  bipe_camera_scanner_get_figures (bench.scanner, &figures);
  g_print ("%u wrong; %u of %u frames in the preview; %u deaths; state %s\n", bench.n_wrong,
           n_previews, n_frames, figures.n_deaths,
           bipe_camera_state_get_name (
               bipe_camera_get_state (bipe_camera_scanner_get_camera (bench.scanner))));
  if (n_seconds > 0)
    {
      run_empty (&bench, n_seconds, FALSE);
      run_empty (&bench, n_seconds, TRUE);
    }
  g_print ("%u wrong\n", bench.n_wrong);

  g_atomic_int_set (&bench.is_ending, TRUE);
  g_thread_join (thread);
  g_signal_handlers_disconnect_by_data (bipe_camera_scanner_get_camera (bench.scanner), &bench);
  g_clear_object (&bench.scanner);
  iterate_for (G_USEC_PER_SEC / 2);
  for (guint i = 0; i < N_NOISES; i++)
    g_free (bench.noises[i]);
  g_rand_free (bench.rand);
  return 0;
}
