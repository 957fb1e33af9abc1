/* picture.h: a grey picture, and places in it: pixels from its upper left corner. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Borrowed: whoever gives it keeps the pixels for as long as the call lasts. */
typedef struct
{
  const guint8 *luma; /* 0 is black */
  guint width;
  guint height;
  gsize stride; /* bytes from a row to the next */
} BipePicture;

typedef struct
{
  gint32 x;
  gint32 y;
} BipePoint;

/* Inside of its picture; a width of 0: all of it. */
typedef struct
{
  guint32 x;
  guint32 y;
  guint32 width;
  guint32 height;
} BipeArea;

G_END_DECLS
