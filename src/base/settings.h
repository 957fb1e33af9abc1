/* settings.h: the settings of contracts.md, section 6, and where each value came from. Later wins:
 * the profile's default, saved, environment, command line. Not changed once the station runs. */
#pragma once

#include <gio/gio.h>

#include "base/types.h"

G_BEGIN_DECLS

/**
 * bipe_settings_new:
 * @profile: (nullable): BIPE_PROFILE: production (the default), development or testing, or short
 *
 * Returns: (nullable): the defaults; %NULL with BIPE_ERROR_SETTING for an unknown profile
 */
BipeSettings *bipe_settings_new (const char *profile, GError **error) G_GNUC_WARN_UNUSED_RESULT;
BipeSettings *bipe_settings_copy (BipeSettings *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_settings_free (BipeSettings *self);

/* A key file with one group [bipe]; one that is not there has nothing saved. BIPE_ERROR_SETTING. */
gboolean bipe_settings_load_file (BipeSettings *self, const char *path, GError **error);

/* Takes what the user has set in @saved, whose keys are named as the settings. May be called anew:
 * what comes from elsewhere by then stays. */
gboolean bipe_settings_load_saved (BipeSettings *self, GSettings *saved, GError **error);

/* BIPE_<NAME>, and PORT and DATABASE_URL as in seed 000; @environment as of g_get_environ(). */
gboolean bipe_settings_load_environment (BipeSettings *self, char **environment, GError **error);

/* The options --name=value of all settings, for g_option_context_add_group(). @self must outlive
 * it. */
GOptionGroup *bipe_settings_create_option_group (BipeSettings *self) G_GNUC_WARN_UNUSED_RESULT;

/* @name is one of ours: a wrong one ends the process. Text is never NULL. */
const char *bipe_settings_get_text (BipeSettings *self, const char *name);
gint64 bipe_settings_get_integer (BipeSettings *self, const char *name); /* −1 for "auto" */
gboolean bipe_settings_get_boolean (BipeSettings *self, const char *name);

/* Of a setting such as "1280x720". */
void bipe_settings_get_size (BipeSettings *self, const char *name, guint *width, guint *height);

/* The parts of a comma list, trimmed, without empty ones. */
GStrv bipe_settings_dup_list (BipeSettings *self, const char *name);

/* Where the value came from: "default", "saved", a file's path, a variable's name, or "command
 * line". */
const char *bipe_settings_get_origin (BipeSettings *self, const char *name);

/* "production", "development" or "testing". */
const char *bipe_settings_get_profile (BipeSettings *self);

/* A line a setting, "name = value  (where from)"; passwords masked. */
char *bipe_settings_print (BipeSettings *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSettings, bipe_settings_free)

G_END_DECLS
