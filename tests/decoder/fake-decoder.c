/* fake-decoder.c: speaks the protocol as bipe-decoder does, and does what the picture's first bytes
 * say:
 *
 *   "A" and lines "looks symbology x y text\n", numbers hexadecimal: answers these readings, as far
 *       as the request has one of the looks (0: any) and the symbology; each stands in a square of
 *       100 pixels at x, y
 *   "F" and a digit: answers nothing but this flaw
 *   "P" answers its process number
 *   "D" dies, "H" hangs, "S" answers nothing after 500 ms, "G" says nonsense, "L" says too much,
 *   "T" answers twice, "R" refuses
 *
 * Anything else is a picture without a code. Its looks' number of milliseconds is FAKE_DELAY. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "decoder/protocol.h"

static void
answer (GBytes *message)
{
  gsize size;
  const void *bytes = g_bytes_get_data (message, &size);

  if (send (0, bytes, size, MSG_NOSIGNAL) < 0)
    _exit (3);
  g_bytes_unref (message);
}

static void
add_reading (BipeSight *sight, BipeSymbologies symbology, int x, int y, const char *text)
{
  const BipePoint corners[4] = { { x, y }, { x + 100, y }, { x + 100, y + 100 }, { x, y + 100 } };

  g_ptr_array_add (sight->readings, bipe_reading_new (symbology, "", text, strlen (text), corners));
}

static void
add_line (BipeSight *sight, const BipeRequest *request, const char *line)
{
  char *at = NULL;
  guint64 fields[4];

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      fields[i] = g_ascii_strtoull (at != NULL ? at : line, &at, 16);
      g_assert (*at == ' ');
      at++;
    }
  if ((fields[0] == 0 || (request->looks & fields[0]) != 0)
      && (request->symbologies & fields[1]) != 0)
    add_reading (sight, (BipeSymbologies)fields[1], (int)fields[2], (int)fields[3], at);
}

static void
answer_sight (const BipeRequest *request, const char *picture)
{
  g_autoptr(BipeSight) sight = bipe_sight_new ();

  sight->width = request->width;
  sight->height = request->height;
  if (picture[0] == 'A')
    {
      g_autofree char *text = g_strndup (picture + 1, 4096);
      g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

      for (char **line = lines; **line != '\0'; line++)
        add_line (sight, request, *line);
    }
  if (picture[0] == 'F')
    sight->flaw = (BipeFlaw)(picture[1] - '0');
  if (picture[0] == 'P')
    {
      g_autofree char *number = g_strdup_printf ("%d", getpid ());

      add_reading (sight, BIPE_SYMBOLOGY_QR_CODE, 0, 0, number);
    }
  answer (bipe_sight_write (sight));
}

static void
answer_too_long (void)
{
  g_autofree char *message = g_malloc0 (BIPE_PROTOCOL_ANSWER_MAX + 1);

  message[0] = 'S';
  answer (g_bytes_new_take (g_steal_pointer (&message), BIPE_PROTOCOL_ANSWER_MAX + 1));
}

static void
look (const BipeRequest *request, const char *picture)
{
  switch (picture[0])
    {
    case 'D':
      kill (getpid (), SIGKILL);
      break;
    case 'H':
      pause ();
      break;
    case 'S':
      g_usleep (500000);
      break;
    case 'G':
      answer (g_bytes_new_static ("nonsense", 8));
      return;
    case 'L':
      answer_too_long ();
      return;
    case 'R':
      answer (bipe_refusal_write ("it is no picture"));
      return;
    case 'T':
      answer_sight (request, picture);
      break;
    default:
      break;
    }
  answer_sight (request, picture);
}

int
main (void)
{
  const char *delay = g_getenv ("FAKE_DELAY");
  const char *memory
      = mmap (NULL, BIPE_PROTOCOL_MEMORY, PROT_READ, MAP_SHARED, BIPE_PROTOCOL_MEMORY_FD, 0);
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE + 1];
  BipeRequest request;

  /* What bipe-decoder is promised of its memory. */
  if (memory == MAP_FAILED || ftruncate (BIPE_PROTOCOL_MEMORY_FD, 1) == 0)
    return 2;
  for (;;)
    {
      ssize_t n = recv (0, message, sizeof message, 0);

      if (n <= 0)
        return 0;
      if (!bipe_request_read (&request, message, (gsize)n))
        return 1;
      if (delay != NULL)
        g_usleep ((gulong)g_ascii_strtoull (delay, NULL, 10) * 1000);
      look (&request, memory);
    }
}
