#include "config.h"

#include "decoder/helper/image-file.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "decoder/decoder.h"

/* The bytes at a time: a picture that is too large is told by its first ones. */
#define PIECE (64 * 1024)

typedef struct
{
  int width;
  int height;
  int n_rows; /* that there is something of */
  gboolean is_too_large;
} Measures;

/* gdk-pixbuf knows more kinds, and any loader that is installed: only these two are let in. */
static const char *
find_type (const guint8 *data, gsize size)
{
  static const struct
  {
    const char *type;
    const char *magic;
  } types[] = {
    { "png", "\x89PNG\r\n\x1a\n" },
    { "jpeg", "\xff\xd8\xff" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (size >= strlen (types[i].magic)
        && memcmp (data, types[i].magic, strlen (types[i].magic)) == 0)
      return types[i].type;
  return NULL;
}

/* Before any memory is taken for it; a size of nothing makes the loader give up. */
static void
size_prepared_cb (GdkPixbufLoader *loader, int width, int height, Measures *measures)
{
  measures->width = width;
  measures->height = height;
  measures->is_too_large = width <= 0 || height > BIPE_DECODER_PIXELS_MAX / width;
  if (measures->is_too_large)
    gdk_pixbuf_loader_set_size (loader, 0, 0);
}

/* A JPEG that ends too soon is given out as if the rest of it were grey. */
static void
area_updated_cb (GdkPixbufLoader *loader, int x, int y, int width, int height, Measures *measures)
{
  measures->n_rows = MAX (measures->n_rows, y + height);
}

static gboolean
load (GdkPixbufLoader *loader,
      const guint8 *data,
      gsize size,
      const Measures *measures,
      GError **error)
{
  for (gsize at = 0; at < size && !measures->is_too_large; at += PIECE)
    if (!gdk_pixbuf_loader_write (loader, data + at, MIN (PIECE, size - at), error))
      {
        gdk_pixbuf_loader_close (loader, NULL);
        return FALSE;
      }
  return gdk_pixbuf_loader_close (loader, error);
}

static guint8 *
make_luma (GdkPixbuf *pixbuf, BipePicture *picture)
{
  guint width = (guint)gdk_pixbuf_get_width (pixbuf),
        height = (guint)gdk_pixbuf_get_height (pixbuf);
  guint n_channels = (guint)gdk_pixbuf_get_n_channels (pixbuf);
  const guint8 *pixels = gdk_pixbuf_read_pixels (pixbuf);
  gsize stride = (gsize)gdk_pixbuf_get_rowstride (pixbuf);
  guint8 *luma = g_malloc ((gsize)width * height);

  for (guint y = 0; y < height; y++)
    {
      const guint8 *from = pixels + y * stride;
      guint8 *to = luma + (gsize)y * width;

      for (guint x = 0; x < width; x++, from += n_channels)
        {
          /* BT.601 weights of 65536. */
          guint value = (19595u * from[0] + 38470u * from[1] + 7471u * from[2] + 32768u) >> 16;
          guint alpha = n_channels == 4 ? from[3] : 255;

          to[x] = (guint8)((value * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    }
  *picture = (BipePicture){ luma, width, height, width };
  return luma;
}

guint8 *
bipe_image_file_read (const guint8 *data, gsize size, BipePicture *picture, GError **error)
{
  const char *type = find_type (data, size);
  g_autoptr(GdkPixbufLoader) loader = NULL;
  g_autoptr(GdkPixbuf) upright = NULL;
  g_autoptr(GError) cause = NULL;
  Measures measures = { 0 };
  gboolean is_loaded;

  if (type == NULL)
    {
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                           N_ ("the picture is neither a PNG nor a JPEG"));
      return NULL;
    }
  loader = gdk_pixbuf_loader_new_with_type (type, &cause);
  if (loader == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: %s",
                   N_ ("the picture can’t be read"), cause->message);
      return NULL;
    }
  g_signal_connect (loader, "size-prepared", G_CALLBACK (size_prepared_cb), &measures);
  g_signal_connect (loader, "area-updated", G_CALLBACK (area_updated_cb), &measures);
  is_loaded = load (loader, data, size, &measures, &cause);
  if (measures.is_too_large)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: %d × %d",
                   N_ ("the picture has too many pixels"), measures.width, measures.height);
      return NULL;
    }
  if (!is_loaded || gdk_pixbuf_loader_get_pixbuf (loader) == NULL
      || measures.n_rows < measures.height)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s: %s", N_ ("the picture is damaged"),
                   cause != NULL ? cause->message : N_ ("a part of it is missing"));
      return NULL;
    }
  upright = gdk_pixbuf_apply_embedded_orientation (gdk_pixbuf_loader_get_pixbuf (loader));
  if (upright == NULL)
    {
      g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                           N_ ("the picture is too large to be turned upright"));
      return NULL;
    }
  return make_luma (upright, picture);
}
