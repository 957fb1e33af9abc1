/* test-helper.c: the real program, as the station starts it. */
#define _GNU_SOURCE /* memfd_create, F_ADD_SEALS */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "codes.h"
#include "decoder/protocol.h"

typedef struct
{
  GSubprocess *subprocess;
  guint8 *memory;
  int socket;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GError) error = NULL;
  int ends[2], memory_fd = memfd_create ("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_cmpint (ftruncate (memory_fd, BIPE_PROTOCOL_MEMORY), ==, 0);
  g_assert_cmpint (fcntl (memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), ==, 0);
  fixture->memory
      = mmap (NULL, BIPE_PROTOCOL_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
  g_assert_true (fixture->memory != MAP_FAILED);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), ==, 0);
  fixture->socket = ends[0];
  g_subprocess_launcher_take_stdin_fd (launcher, ends[1]);
  g_subprocess_launcher_take_fd (launcher, memory_fd, BIPE_PROTOCOL_MEMORY_FD);
  fixture->subprocess
      = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("BIPE_DECODER"), NULL);
  g_assert_no_error (error);
}

/* Closing is all that it takes to end it. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;

  close (fixture->socket);
  g_subprocess_wait (fixture->subprocess, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (fixture->subprocess));
  g_assert_cmpint (g_subprocess_get_exit_status (fixture->subprocess), ==, 0);
  g_object_unref (fixture->subprocess);
  munmap (fixture->memory, BIPE_PROTOCOL_MEMORY);
}

static gssize
exchange (Fixture *fixture, const void *request, gsize size, guint8 *answer)
{
  ssize_t n;

  g_assert_cmpint (send (fixture->socket, request, size, MSG_NOSIGNAL), ==, (ssize_t)size);
  do
    n = recv (fixture->socket, answer, BIPE_PROTOCOL_ANSWER_MAX, 0);
  while (n < 0 && errno == EINTR);
  return n;
}

static BipeSight *
ask (Fixture *fixture, const BipeRequest *request, GError **error)
{
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE] = { 0 };
  g_autofree guint8 *answer = g_malloc (BIPE_PROTOCOL_ANSWER_MAX);
  gssize n;

  bipe_request_write (request, message);
  n = exchange (fixture, message, sizeof message, answer);
  g_assert_cmpint (n, >, 0);
  return bipe_sight_read (answer, (gsize)n, error);
}

static void
put_frame (Fixture *fixture, guint x)
{
  BipePicture frame = { fixture->memory, 640, 360, 700 }, drawn;
  g_autofree guint8 *pixels G_GNUC_UNUSED
      = codes_draw (BIPE_SYMBOLOGY_QR_CODE, "in a frame", 3, &drawn);

  memset (fixture->memory, 200, 700 * 360);
  codes_paste (fixture->memory, &frame, &drawn, x, 60);
}

static const BipeRequest frame_request = {
  .looks = BIPE_LOOK_FAST | BIPE_LOOK_FULL,
  .symbologies = BIPE_SYMBOLOGIES_DEFAULT,
  .width = 640,
  .height = 360,
  .stride = 700,
};

static void
test_frames (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeSight) sight = NULL;
      const BipeReading *reading;

      put_frame (fixture, 40 * i);
      sight = ask (fixture, &frame_request, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (sight->readings->len, ==, 1);
      reading = sight->readings->pdata[0];
      g_assert_cmpstr (reading->text, ==, "in a frame");
      g_assert_cmpint (ABS (reading->corners[0].x - (int)(40 * i + 30)), <=, 3);
    }
}

static void
put_file (Fixture *fixture, const char *type, gsize *size)
{
  BipePicture drawn;
  g_autofree guint8 *pixels G_GNUC_UNUSED
      = codes_draw (BIPE_SYMBOLOGY_EAN_13, "4006381333931", 3, &drawn);
  g_autoptr(GdkPixbuf) pixbuf
             = gdk_pixbuf_new (GDK_COLORSPACE_RGB, FALSE, 8, (int)drawn.width, (int)drawn.height);
  g_autoptr(GError) error = NULL;
  g_autofree char *buffer = NULL;

  for (guint y = 0; y < drawn.height; y++)
    for (guint x = 0; x < drawn.width; x++)
      memset (gdk_pixbuf_get_pixels (pixbuf) + y * (guint)gdk_pixbuf_get_rowstride (pixbuf) + 3 * x,
              drawn.luma[y * drawn.stride + x], 3);
  gdk_pixbuf_save_to_buffer (pixbuf, &buffer, size, type, &error, NULL);
  g_assert_no_error (error);
  memcpy (fixture->memory, buffer, *size);
}

static void
test_files (Fixture *fixture, gconstpointer data)
{
  static const char *types[] = { "png", "jpeg" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      BipeRequest request = { .symbologies = BIPE_SYMBOLOGIES_DEFAULT };
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeSight) sight = NULL;
      gsize size;

      put_file (fixture, types[i], &size);
      request.size = (guint32)size;
      sight = ask (fixture, &request, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (sight->readings->len, ==, 1);
      g_assert_cmpstr (((BipeReading *)sight->readings->pdata[0])->text, ==, "4006381333931");
    }
}

/* A file that can't be read is told of, and the next one is read. */
static void
test_refusal (Fixture *fixture, gconstpointer data)
{
  const BipeRequest request = { .symbologies = BIPE_SYMBOLOGIES_DEFAULT, .size = 100 };
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = ask (fixture, &request, &error);

  g_assert_null (sight);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "the picture is neither a PNG nor a JPEG");
  test_files (fixture, NULL);
}

/* A request that breaks the form is not answered: whoever sent it is not the station. */
static const struct
{
  const char *name;
  BipeRequest request;
  gsize size;
} bad[] = {
  { "nothing", { 0 }, BIPE_PROTOCOL_REQUEST_SIZE },
  { "short", { .size = 10 }, BIPE_PROTOCOL_REQUEST_SIZE - 1 },
  { "long", { .size = 10 }, BIPE_PROTOCOL_REQUEST_SIZE + 1 },
  { "beyond-memory", { .size = BIPE_PROTOCOL_MEMORY + 1 }, BIPE_PROTOCOL_REQUEST_SIZE },
  { "frame-beyond-memory",
    { .looks = 1, .width = 5000, .height = 5000, .stride = 5000 },
    BIPE_PROTOCOL_REQUEST_SIZE },
  { "guide-outside",
    { .looks = 1, .width = 50, .height = 50, .stride = 50, .guide = { 40, 40, 20, 5 } },
    BIPE_PROTOCOL_REQUEST_SIZE },
};

static void
test_bad (Fixture *fixture, gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE + 1] = { 0 };
  g_autofree guint8 *answer = g_malloc (BIPE_PROTOCOL_ANSWER_MAX);

  bipe_request_write (&bad[i].request, message);
  g_assert_cmpint (exchange (fixture, message, bad[i].size, answer), <=, 0);
}

static void
test_garbage (Fixture *fixture, gconstpointer data)
{
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE];
  g_autofree guint8 *answer = g_malloc (BIPE_PROTOCOL_ANSWER_MAX);

  memset (message, 0xa5, sizeof message);
  g_assert_cmpint (exchange (fixture, message, sizeof message, answer), <=, 0);
}

/* Pixels of all of the memory, of one look each. */
static void
test_largest (Fixture *fixture, gconstpointer data)
{
  const BipeRequest request = {
    .looks = BIPE_LOOK_GUIDE | BIPE_LOOK_FAST,
    .symbologies = BIPE_SYMBOLOGIES_DEFAULT,
    .width = 4096,
    .height = 4096,
    .stride = 4096,
    .guide = { 4000, 4000, 96, 96 },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = ask (fixture, &request, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (sight->readings->len, ==, 0);
  g_assert_cmpint (sight->flaw, ==, BIPE_FLAW_DARK);
}

/* Its limits: no memory without end, few files, no core. */
static void
test_limits (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path
      = g_strdup_printf ("/proc/%s/limits", g_subprocess_get_identifier (fixture->subprocess));
  g_autofree char *limits = NULL;

  put_frame (fixture, 0);
  bipe_sight_unref (ask (fixture, &frame_request, NULL));
  g_assert_true (g_file_get_contents (path, &limits, NULL, NULL));
  g_assert_true (g_regex_match_simple ("Max core file size\\s+0\\s+0", limits, 0, 0));
  g_assert_true (g_regex_match_simple ("Max open files\\s+32\\s+32", limits, 0, 0));
#ifndef __SANITIZE_ADDRESS__
  g_assert_true (g_regex_match_simple ("Max address space\\s+1073741824\\s", limits, 0, 0));
#endif
}

/* Started by a person, it says what it is. */
static void
test_by_hand (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) subprocess = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_PIPE, &error,
                                                         g_getenv ("BIPE_DECODER"), NULL);
  g_autofree char *said = NULL;

  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (subprocess, NULL, NULL, NULL, &said, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (subprocess), ==, 2);
  g_assert_nonnull (strstr (said, "is started by it"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/helper/frames", Fixture, NULL, set_up, test_frames, tear_down);
  g_test_add ("/helper/files", Fixture, NULL, set_up, test_files, tear_down);
  g_test_add ("/helper/refusal", Fixture, NULL, set_up, test_refusal, tear_down);
  g_test_add ("/helper/garbage", Fixture, NULL, set_up, test_garbage, tear_down);
  g_test_add ("/helper/largest", Fixture, NULL, set_up, test_largest, tear_down);
  g_test_add ("/helper/limits", Fixture, NULL, set_up, test_limits, tear_down);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strdup_printf ("/helper/bad/%s", bad[i].name);

      g_test_add (path, Fixture, GSIZE_TO_POINTER (i), set_up, test_bad, tear_down);
    }
  g_test_add_func ("/helper/by-hand", test_by_hand);
  return g_test_run ();
}
