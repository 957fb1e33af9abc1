#include "config.h"

#include "server/draft.h"

#include <string.h>

#include "base/error.h"

gboolean
bipe_draft_read_code (json_t *object, GError **error)
{
  json_t *code = json_object_get (object, "code");
  char digits[24];

  if (!json_is_number (code))
    return TRUE;
  /* Past 2^53, what made the number may have rounded it. */
  if (!json_is_integer (code) || json_integer_value (code) < 0
      || json_integer_value (code) > G_GINT64_CONSTANT (1) << 53)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "code must be a string, or an integer from 0 to 2^53");
      return FALSE;
    }
  g_snprintf (digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value (code));
  json_object_set_new (object, "code", json_string (digits));
  return TRUE;
}

BipeScan *
bipe_draft_from_json (json_t *value, const char *user, GError **error)
{
  g_autoptr(BipeScan) given = NULL;
  BipeScan draft = { .source = BIPE_SOURCE_REMOTE };
  const char *name;

  if (!bipe_draft_read_code (value, error))
    return NULL;
  given = bipe_scan_from_json (value, error);
  if (given == NULL)
    return NULL;
  name = user != NULL ? given->operator: NULL;
  draft.code = given->code;
  draft.key = given->key;
  draft.aim = given->aim;
  draft.symbology = given->symbology;
  draft.device = given->device;
  draft.operator= name != NULL ? name : user;
  draft.scanned_at = given->scanned_at;
  return bipe_scan_new (&draft);
}

BipeScan *
bipe_draft_from_argument (const char *text, const char *user, GError **error)
{
  g_autoptr(json_t) value = bipe_json_parse (text, strlen (text), error);
  g_autoptr(json_t) object = NULL;

  if (value == NULL)
    return NULL;
  if (json_is_object (value))
    return bipe_draft_from_json (value, user, error);
  if (!json_is_string (value) && !json_is_number (value))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                   "a scan must be a string, a number or an object");
      return NULL;
    }
  object = json_object ();
  json_object_set (object, "code", value);
  return bipe_draft_from_json (object, user, error);
}

BipeScan *
bipe_draft_new_refused (const char *text, const char *reason)
{
  g_autoptr(json_t) value = bipe_json_parse (text, strlen (text), NULL);
  const char *code
      = json_string_value (json_is_object (value) ? json_object_get (value, "code") : value);
  g_autofree char *cut = NULL;
  BipeScan draft = { .source = BIPE_SOURCE_REMOTE, .state = BIPE_SCAN_REJECTED, .reason = reason };

  if (code == NULL || code[0] == '\0')
    code = text;
  cut = g_utf8_substring (code, 0, MIN (g_utf8_strlen (code, -1), BIPE_SCAN_CODE_MAX));
  draft.code = cut;
  return bipe_scan_new (&draft);
}
