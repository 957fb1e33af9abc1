#include "config.h"

#include "speech/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

/* "ID3", version (2), flags (1), and the size of what follows in four times seven bits. */
#define TAG_HEAD 10

/* The same file, unchanged. */
static char *
make_tag (const struct stat *status)
{
  g_autofree char *file = g_strdup_printf (
      "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %ld %" G_GINT64_FORMAT, (gint64)status->st_ino,
      (gint64)status->st_mtim.tv_sec, status->st_mtim.tv_nsec, (gint64)status->st_size);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, file, -1);

  return g_strdup_printf ("\"%.32s\"", digest);
}

/* Whoever sends the bytes later is not to wait for the disk. */
static void
read_ahead (GBytes *bytes)
{
  gsize length, page = (gsize)sysconf (_SC_PAGESIZE);
  const volatile guint8 *start = g_bytes_get_data (bytes, &length);

  for (gsize at = 0; at < length; at += page)
    (void)start[at];
}

static BipeRecording *
map (int fd, GError **error)
{
  struct stat status;
  g_autoptr(GMappedFile) file = NULL;
  BipeRecording *self;

  if (fstat (fd, &status) < 0)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED, "cannot read the speech: %s",
                   g_strerror (errno));
      return NULL;
    }
  file = g_mapped_file_new_from_fd (fd, FALSE, error);
  if (file == NULL)
    return NULL;
  self = g_new0 (BipeRecording, 1);
  self->bytes = g_mapped_file_get_bytes (file);
  read_ahead (self->bytes);
  self->tag = make_tag (&status);
  return self;
}

BipeRecording *
bipe_recording_open (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  BipeRecording *self;

  if (fd < 0)
    {
      g_set_error (error, BIPE_ERROR, errno == ENOENT ? BIPE_ERROR_NOT_FOUND : BIPE_ERROR_FAILED,
                   "cannot read the speech: %s", g_strerror (errno));
      return NULL;
    }
  self = map (fd, error);
  close (fd);
  return self;
}

void
bipe_recording_free (BipeRecording *self)
{
  g_bytes_unref (self->bytes);
  g_free (self->tag);
  g_free (self);
}

double
bipe_recording_get_seconds (BipeRecording *self)
{
  gsize length, tag = 0;
  const guint8 *bytes = g_bytes_get_data (self->bytes, &length);

  if (length >= TAG_HEAD && bytes[0] == 'I' && bytes[1] == 'D' && bytes[2] == '3')
    tag = TAG_HEAD
          + ((gsize)bytes[6] << 21 | (gsize)bytes[7] << 14 | (gsize)bytes[8] << 7 | bytes[9]);
  return length > tag ? (double)(length - tag) * 8 / BIPE_RECORDING_BITS_A_SECOND : 0;
}
