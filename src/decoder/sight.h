/* sight.h: what a look at a picture has shown. Immutable once made, refcounted, free to cross
 * threads. */
#pragma once

#include <glib.h>

#include "decoder/picture.h"
#include "decoder/symbology.h"

G_BEGIN_DECLS

/* Codes that one look tells of; more are left out. */
#define BIPE_SIGHT_READINGS_MAX 32

/**
 * BipeReading:
 * @symbology: one
 * @aim: AIM identifier (ISO/IEC 15424), "]C1"; empty where there is none
 * @text: UTF-8, NUL-terminated; may have U+0000 in it; FNC1 is GS (U+001D)
 * @length: of @text in bytes
 * @corners: upper left, upper right, lower right, lower left of the symbol as it stands upright;
 *   of a linear one, of the lines that were read
 */
typedef struct
{
  gatomicrefcount references;
  BipeSymbologies symbology;
  char aim[4];
  char *text;
  gsize length;
  BipePoint corners[4];
} BipeReading;

/* Copies @text. */
BipeReading *bipe_reading_new (BipeSymbologies symbology,
                               const char *aim,
                               const char *text,
                               gsize length,
                               const BipePoint corners[4]) G_GNUC_WARN_UNUSED_RESULT;
BipeReading *bipe_reading_ref (BipeReading *self);
void bipe_reading_unref (BipeReading *self);

/* The same symbology and text. */
gboolean bipe_reading_equal (const BipeReading *a, const BipeReading *b);

/* The name of its symbology as a scan has it: of a GS1 form its own, "GS1-128". Static. */
const char *bipe_reading_get_symbology_name (const BipeReading *self);

/**
 * BipeFlaw:
 *
 * Why there may be a code that nobody can read; none where one was read.
 */
typedef enum
{
  BIPE_FLAW_NONE,
  BIPE_FLAW_DARK,
  BIPE_FLAW_BLURRED,
  BIPE_FLAW_SMALL,
  BIPE_FLAW_TILTED,
} BipeFlaw;

/**
 * BipeSight:
 * @readings: of #BipeReading
 * @width: of the picture; a file's is known only now
 * @flaw: what is wrong with the picture
 * @change: how much it differs from the one that this decoder saw before: 0 the same, 255 another
 */
typedef struct
{
  gatomicrefcount references;
  GPtrArray *readings;
  guint width;
  guint height;
  BipeFlaw flaw;
  guint8 change;
} BipeSight;

/* Empty. */
BipeSight *bipe_sight_new (void) G_GNUC_WARN_UNUSED_RESULT;
BipeSight *bipe_sight_ref (BipeSight *self);
void bipe_sight_unref (BipeSight *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeReading, bipe_reading_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSight, bipe_sight_unref)

G_END_DECLS
