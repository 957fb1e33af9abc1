/* voice-page.h: what is heard, and how, as a page of the preferences. All of it counts at once. */
#pragma once

#include <adwaita.h>

#include "app/announcer.h"

G_BEGIN_DECLS

#define BIPE_TYPE_VOICE_PAGE (bipe_voice_page_get_type ())
G_DECLARE_FINAL_TYPE (BipeVoicePage, bipe_voice_page, BIPE, VOICE_PAGE, AdwPreferencesPage)

/* @saved: (nullable): nothing can be set then */
GtkWidget *bipe_voice_page_new (GSettings *saved, BipeAnnouncer *announcer);

G_END_DECLS
