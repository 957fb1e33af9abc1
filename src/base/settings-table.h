/* settings-table.h: what there is to know of each setting: one table, and what follows from it
 * alone: whether a text is a value, and how it is shown. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_SETTING_TEXT,
  BIPE_SETTING_BOOLEAN,
  BIPE_SETTING_INTEGER,
  BIPE_SETTING_SECONDS, /* "30", "30 s", "5 min" */
  BIPE_SETTING_BYTES,   /* "1048576", "1 MiB" */
  BIPE_SETTING_CHOICE,
  BIPE_SETTING_URL,    /* its password is masked */
  BIPE_SETTING_SECRET, /* all of it is masked */
  BIPE_SETTING_SIZE,   /* "1280x720" */
  BIPE_SETTING_AUTO,   /* a boolean, or "auto" */
} BipeSettingKind;

typedef struct
{
  const char *name;
  BipeSettingKind kind;
  const char *value; /* production's */
  const char *development;
  const char *testing;
  const char *gateway; /* in that role, but for testing */
  gint64 least, most;
  const char *alias; /* another environment name, of lower rank */
  const char *const *choices;
  gboolean is_needed; /* an empty text stands for what was there before */
  const char *help;
} BipeSetting;

extern const BipeSetting bipe_settings_table[];
extern const guint bipe_settings_table_length;

/* Of those above; a wrong name ends the process. */
guint bipe_settings_table_find (const char *name);

/* What @setting takes, in words, where @text is not one of it; NULL where it is. @number: what it
 * comes to, of a kind that is none of text: 0 and 1 for off and on, -1 for auto, a size packed with
 * its width above its height. */
char *bipe_setting_check (const BipeSetting *setting,
                          const char *text,
                          gint64 *number) G_GNUC_WARN_UNUSED_RESULT;

/* A value that may be shown to anybody: without passwords; always UTF-8. */
char *bipe_setting_show (const BipeSetting *setting, const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
