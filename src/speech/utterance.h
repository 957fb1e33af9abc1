/* utterance.h: what is to be said, and how: a value, not changed once it is made, free to cross
 * threads. Two that are equal sound alike, and have the same key. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Characters of a text. */
#define BIPE_UTTERANCE_TEXT_MAX 5000

#define BIPE_UTTERANCE_SPEED_MIN 80 /* words a minute, as espeak-ng counts them */
#define BIPE_UTTERANCE_SPEED_MAX 450
#define BIPE_UTTERANCE_PITCH_MAX 100
#define BIPE_UTTERANCE_VOLUME_MAX 200

/**
 * BipeManner:
 * @language: as in BCP 47: "pt" (which is Brazil's), "pt-PT", "en", "zh", or any that espeak-ng has
 * @voice: (nullable): one of espeak-ng's variants, such as "f3" or "whisper"
 * @speed: words a minute
 * @pitch: 0 to 100
 * @volume: 0 to 200; 100 is the plain one
 */
typedef struct
{
  const char *language;
  const char *voice;
  int speed;
  int pitch;
  int volume;
} BipeManner;

/* What is taken where nobody says. */
#define BIPE_MANNER_DEFAULT                                                                        \
  {                                                                                                \
    .language = "pt", .speed = 175, .pitch = 50, .volume = 100                                     \
  }

typedef struct
{
  int n_refs;
  char *text;   /* without the characters by which a text steers the synthesiser */
  char *voice;  /* "", or the variant */
  char *accent; /* espeak-ng's word for the language: "pt-br", "cmn" */
  int speed;
  int pitch;
  int volume;
  char *key; /* 64 hexadecimal digits */
} BipeUtterance;

/* NULL with BIPE_ERROR_INVALID: the text or the manner breaks a bound. Whether there is such a
 * language or voice, only espeak-ng knows. */
BipeUtterance *bipe_utterance_new (const char *text,
                                   const BipeManner *manner,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
BipeUtterance *bipe_utterance_ref (BipeUtterance *self);
void bipe_utterance_unref (BipeUtterance *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeUtterance, bipe_utterance_unref)

G_END_DECLS
