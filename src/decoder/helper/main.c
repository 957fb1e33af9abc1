/* main.c: bipe-decoder, the program that looks at pictures for the station, so that one that makes
 * a decoder fail ends this process and no other. It speaks the protocol of protocol.h, and can do
 * nothing else: it reads what it is given, and answers. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/confinement.h"
#include "decoder/decoder.h"
#include "decoder/helper/image-file.h"
#include "decoder/helper/reader.h"

#define MEMORY_LIMIT (1024ul * 1024 * 1024)
#define FILES_LIMIT 32 /* the loaders are in files, too */

/* A decoder that turns in circles after the station is gone has nobody else to end it. */
#define SECONDS_LIMIT (2 * BIPE_DECODER_FILE_SECONDS)

static const guint8 *
map_memory (void)
{
  struct stat status;
  void *memory;

  if (fstat (BIPE_PROTOCOL_MEMORY_FD, &status) < 0 || status.st_size < BIPE_PROTOCOL_MEMORY)
    return NULL;
  memory = mmap (NULL, BIPE_PROTOCOL_MEMORY, PROT_READ, MAP_SHARED, BIPE_PROTOCOL_MEMORY_FD, 0);
  return memory != MAP_FAILED ? memory : NULL;
}

static GBytes *
answer (BipeReader *reader, const BipeRequest *request, const guint8 *memory)
{
  g_autoptr(BipeSight) sight = NULL;

  if (request->looks != 0)
    {
      BipePicture picture = { memory, request->width, request->height, request->stride };

      sight = bipe_reader_look (reader, &picture, request->looks, &request->guide,
                                request->symbologies);
    }
  else
    {
      g_autoptr(GError) error = NULL;
      BipePicture picture;
      g_autofree guint8 *pixels = bipe_image_file_read (memory, request->size, &picture, &error);

      if (pixels == NULL)
        return bipe_refusal_write (error->message);
      sight = bipe_reader_read (&picture, request->symbologies);
    }
  return bipe_sight_write (sight);
}

/* FALSE: there will be no other: the station is gone, or speaks another language. */
static gboolean
serve (BipeReader *reader, const guint8 *memory)
{
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE];
  g_autoptr(GBytes) reply = NULL;
  BipeRequest request;
  ssize_t n;

  do
    n = recv (STDIN_FILENO, message, sizeof message, MSG_TRUNC);
  while (n < 0 && errno == EINTR);
  if (n <= 0 || !bipe_request_read (&request, message, (gsize)n))
    return FALSE;

  alarm (SECONDS_LIMIT);
  reply = answer (reader, &request, memory);
  alarm (0);
  do
    n = send (STDIN_FILENO, g_bytes_get_data (reply, NULL), g_bytes_get_size (reply), MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n >= 0;
}

int
main (void)
{
  BipeReader reader = { 0 };
  const guint8 *memory;

  if (!bipe_confinement_is_started_by_the_station ())
    {
      g_printerr ("bipe-decoder is a part of bipe and is started by it\n");
      return 2;
    }
  bipe_confinement_enter (FILES_LIMIT, MEMORY_LIMIT);
  memory = map_memory ();
  if (memory == NULL)
    return 2;
  while (serve (&reader, memory))
    ;
  return 0;
}
