/* announcement.h: what the operator is to hear of a piece of news: a short sound of its own, and
 * perhaps some words behind it. Pure. */
#pragma once

#include "app/speak-rules.h"

G_BEGIN_DECLS

/* Characters of a text that is said. */
#define BIPE_ANNOUNCEMENT_TEXT_MAX 500

typedef enum
{
  BIPE_NEWS_KEPT,      /* a scan, and on disk */
  BIPE_NEWS_DUPLICATE, /* likewise; its code was here just now */
  BIPE_NEWS_REFUSED,   /* by the station or by its database */
  BIPE_NEWS_OFFLINE,   /* the database is gone */
  BIPE_NEWS_ONLINE,    /* and back */
} BipeNewsKind;

#define BIPE_N_NEWS (BIPE_NEWS_ONLINE + 1)

/**
 * BipeNews:
 * @code: of a scan that is kept
 * @n_delivered: to the database that is back; −1: nobody knows
 */
typedef struct
{
  BipeNewsKind kind;
  const char *code;
  gint64 n_delivered;
} BipeNews;

/**
 * BipeDiction:
 * @has_earcons: each announcement has its short sound
 * @speaks: and its words
 * @speaks_scans: those that are kept, too
 * @n_last: characters of a code that are said
 * @language: of digits, and of what rules say; "": the interface's
 * @rules: likewise
 *
 * How the operator wants to hear it.
 */
typedef struct
{
  gboolean has_earcons;
  gboolean speaks;
  gboolean speaks_scans;
  guint n_last;
  const char *language;
  const BipeSpeakRules *rules;
} BipeDiction;

/**
 * BipeAnnouncement:
 * @text: (nullable): NULL: no words
 * @language: of @text
 * @is_important: no scan that is kept takes its place
 */
typedef struct
{
  BipeNewsKind kind;
  gboolean has_earcon;
  gboolean is_important;
  char *text;
  char *language;
} BipeAnnouncement;

/**
 * bipe_announcement_new:
 *
 * Sentences are in the interface's language, and said by a voice for it; digits and what rules say
 * by one for the diction's language, which may be another.
 *
 * Returns: (nullable): %NULL where nothing is to be heard
 */
BipeAnnouncement *bipe_announcement_new (const BipeNews *news,
                                         const BipeDiction *diction) G_GNUC_WARN_UNUSED_RESULT;
void bipe_announcement_free (BipeAnnouncement *self);

/* The language that the window is shown in, as a voice is asked for: "en", "pt-BR". */
const char *bipe_announcement_get_own_language (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeAnnouncement, bipe_announcement_free)

G_END_DECLS
