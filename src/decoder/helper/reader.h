/* reader.h: looks at a picture with the two decoders, in this way and that, and says what is in it.
 */
#pragma once

#include "decoder/helper/quality.h"
#include "decoder/protocol.h"

G_BEGIN_DECLS

/* Zeroed: has seen nothing yet. */
typedef struct
{
  BipeQuality quality;
} BipeReader;

/* A frame. @guide: where #BIPE_LOOK_GUIDE looks; a width of 0: everywhere. */
BipeSight *bipe_reader_look (BipeReader *self,
                             const BipePicture *picture,
                             BipeLooks looks,
                             const BipeArea *guide,
                             BipeSymbologies symbologies) G_GNUC_WARN_UNUSED_RESULT;

/* A file's picture: nobody waits for the next one, so it is looked at in every way. */
BipeSight *bipe_reader_read (const BipePicture *picture,
                             BipeSymbologies symbologies) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
