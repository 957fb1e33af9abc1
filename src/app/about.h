/* about.h: what this program is, and what somebody who helps should know of it. Window thread. */
#pragma once

#include "app/window.h"

G_BEGIN_DECLS

/**
 * BipeAboutFacts:
 * @versions: of the libraries beneath the engine, a line each
 * @settings: as they hold now
 * @station: (nullable): the running one
 * @reach: (nullable): where the server listens
 */
typedef struct
{
  const char *versions;
  BipeSettings *settings;
  BipeStation *station;
  const BipeReach *reach;
} BipeAboutFacts;

/* @settings: as the program was started. @versions: as in #BipeAboutFacts */
void bipe_about_present (BipeWindow *window, BipeSettings *settings, const char *versions);

/* A text to be sent to somebody who helps: in English, without secrets. */
char *bipe_about_describe (const BipeAboutFacts *facts) G_GNUC_WARN_UNUSED_RESULT;

/* What is new in the newest release that @metainfo, an AppStream file in English, has: in the
 * user's language, in the markup that AdwAboutWindow takes. NULL: nothing is said, or it is no XML.
 */
char *bipe_about_read_news (const char *metainfo, gssize length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
