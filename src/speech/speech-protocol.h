/* speech-protocol.h: what the station and its process bipe-voice say to one another, each a message
 * of a SOCK_SEQPACKET pair (the process's standard input). One utterance at a time:
 *
 *   station: a kind, and for BIPE_SPEECH_SAY the utterance
 *   voice:   any number of BIPE_SPEECH_AUDIO and BIPE_SPEECH_PROGRESS, then one of the others
 *
 * A kind is one byte, and what belongs to it follows. Neither side trusts the other. */
#pragma once

#include <glib.h>

#include "speech/utterance.h"

G_BEGIN_DECLS

/* A text of 5,000 characters of four bytes, and the rest. */
#define BIPE_SPEECH_MESSAGE_MAX (32 * 1024)

typedef enum
{
  BIPE_SPEECH_SAY = 'S',
  BIPE_SPEECH_CANCEL = 'C', /* what is being said; where nothing is, it means nothing */

  BIPE_SPEECH_AUDIO = 'A',    /* bytes */
  BIPE_SPEECH_PROGRESS = 'P', /* one byte: per cent of the text */
  BIPE_SPEECH_DONE = 'D',
  BIPE_SPEECH_STOPPED = 'X', /* as asked */
  BIPE_SPEECH_REFUSED = 'R', /* a sentence: there is no such language or voice */
  BIPE_SPEECH_FAILED = 'F',  /* a sentence: it can't be said by anybody */
} BipeSpeechKind;

/**
 * BipeSpeechForm:
 * @BIPE_SPEECH_MP3: with its title
 * @BIPE_SPEECH_PCM: 16 bits, signed, of this machine's order, one channel, BIPE_SPEECH_RATE
 */
typedef enum
{
  BIPE_SPEECH_MP3,
  BIPE_SPEECH_PCM,
} BipeSpeechForm;

#define BIPE_SPEECH_RATE 22050

GBytes *bipe_speech_order_write (const BipeUtterance *utterance,
                                 BipeSpeechForm form) G_GNUC_WARN_UNUSED_RESULT;

/* NULL: it is none. */
BipeUtterance *bipe_speech_order_read (GBytes *message,
                                       BipeSpeechForm *form) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
