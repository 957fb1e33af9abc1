#include "config.h"

#include "base/scan.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/timestamp.h"

static const char *const state_names[] = { "queued", "stored", "rejected", "voided" };
static const char *const source_names[]
    = { "wedge", "evdev", "hid-pos", "serial", "camera", "manual", "remote", "import" };

/* The members that are strings, to be walked without naming each. The longest that a client may
 * give is beside it, in characters; the station's own are not read from clients' JSON as they are.
 */
static const struct
{
  const char *name;
  gsize offset;
  glong limit;
} strings[] = {
  { "key", G_STRUCT_OFFSET (BipeScan, key), BIPE_SCAN_KEY_MAX },
  { "code", G_STRUCT_OFFSET (BipeScan, code), BIPE_SCAN_CODE_MAX },
  { "aim", G_STRUCT_OFFSET (BipeScan, aim), 3 },
  { "symbology", G_STRUCT_OFFSET (BipeScan, symbology), 64 },
  { "device", G_STRUCT_OFFSET (BipeScan, device), 200 },
  { "station", G_STRUCT_OFFSET (BipeScan, station), 200 },
  { "operator", G_STRUCT_OFFSET (BipeScan, operator), 200 },
  { "code_read", G_STRUCT_OFFSET (BipeScan, code_read), BIPE_SCAN_CODE_MAX },
  { "reason", G_STRUCT_OFFSET (BipeScan, reason), 1000 },
};

static const struct
{
  const char *name;
  gsize offset;
} times[] = {
  { "scanned_at", G_STRUCT_OFFSET (BipeScan, scanned_at) },
  { "stored_at", G_STRUCT_OFFSET (BipeScan, stored_at) },
  { "collected_at", G_STRUCT_OFFSET (BipeScan, collected_at) },
  { "voided_at", G_STRUCT_OFFSET (BipeScan, voided_at) },
};

#define STRING_AT(scan, offset) G_STRUCT_MEMBER (const char *, (scan), (offset))
#define TIME_AT(scan, offset) G_STRUCT_MEMBER (gint64, (scan), (offset))

G_DEFINE_BOXED_TYPE (BipeScan, bipe_scan, bipe_scan_ref, bipe_scan_unref)

/* One allocation: the struct, and behind it its strings. */
BipeScan *
bipe_scan_new (const BipeScan *fields)
{
  gsize lengths[G_N_ELEMENTS (strings)];
  gsize size = sizeof (BipeScan);
  BipeScan *self;
  char *end;

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      const char *value = STRING_AT (fields, strings[i].offset);
      lengths[i] = value != NULL ? strlen (value) + 1 : 0;
      size += lengths[i];
    }

  self = g_atomic_rc_box_alloc (size);
  *self = *fields;
  end = (char *)(self + 1);
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    if (lengths[i] > 0)
      {
        memcpy (end, STRING_AT (fields, strings[i].offset), lengths[i]);
        STRING_AT (self, strings[i].offset) = end;
        end += lengths[i];
      }
  return self;
}

BipeScan *
bipe_scan_ref (const BipeScan *self)
{
  return g_atomic_rc_box_acquire ((BipeScan *)self);
}

void
bipe_scan_unref (BipeScan *self)
{
  g_atomic_rc_box_release (self);
}

static void
clear_slot (gpointer scan)
{
  g_clear_pointer ((BipeScan **)&scan, bipe_scan_unref);
}

GPtrArray *
bipe_scan_array_new (void)
{
  return g_ptr_array_new_with_free_func (clear_slot);
}

const char *
bipe_scan_state_name (BipeScanState state)
{
  return state_names[state];
}

const char *
bipe_scan_source_name (BipeScanSource source)
{
  return source_names[source];
}

static gboolean
parse_name (const char *const *names, guint n_names, const char *name, guint *value)
{
  for (guint i = 0; i < n_names; i++)
    if (g_str_equal (names[i], name))
      {
        *value = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
bipe_scan_state_parse (const char *name, BipeScanState *state)
{
  return parse_name (state_names, G_N_ELEMENTS (state_names), name, state);
}

gboolean
bipe_scan_source_parse (const char *name, BipeScanSource *source)
{
  return parse_name (source_names, G_N_ELEMENTS (source_names), name, source);
}

static gboolean
check_text (const char *name, const char *text, glong limit, GError **error)
{
  if (text[0] == '\0')
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must not be empty", name);
  else if (!g_utf8_validate (text, -1, NULL))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s must be valid UTF-8", name);
  else if (g_utf8_strlen (text, -1) > limit)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "%s is longer than %ld characters", name,
                 limit);
  else
    return TRUE;
  return FALSE;
}

/* As check_text(), in whole sentences, which the window translates. */
gboolean
bipe_scan_check_code (const char *code, GError **error)
{
  const char *flaw;

  G_STATIC_ASSERT (BIPE_SCAN_CODE_MAX == 7089);
  if (code[0] == '\0')
    flaw = N_ ("code must not be empty");
  else if (!g_utf8_validate (code, -1, NULL))
    flaw = N_ ("code must be valid UTF-8");
  else if (g_utf8_strlen (code, -1) > BIPE_SCAN_CODE_MAX)
    flaw = N_ ("code is longer than 7089 characters");
  else
    return TRUE;
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_INVALID, flaw);
  return FALSE;
}

/* @prefix: what stands before the value: a comma and the member's name. */
static void
append_text (GString *out, const char *prefix, gsize length, const char *text)
{
  g_string_append_len (out, prefix, (gssize)length);
  bipe_json_append_string (out, text);
}

static void
append_time (GString *out, const char *prefix, gsize length, gint64 timestamp)
{
  char text[BIPE_TIMESTAMP_SIZE + 2];

  g_string_append_len (out, prefix, (gssize)length);
  if (timestamp == 0)
    {
      g_string_append_len (out, "null", 4);
      return;
    }
  text[0] = '"';
  bipe_timestamp_format (timestamp, text + 1);
  text[BIPE_TIMESTAMP_SIZE] = '"';
  g_string_append_len (out, text, BIPE_TIMESTAMP_SIZE + 1);
}

static void
append_id (GString *out, const char *prefix, gsize length, gint64 id)
{
  g_string_append_len (out, prefix, (gssize)length);
  if (id != 0)
    bipe_json_append_integer (out, id);
  else
    g_string_append_len (out, "null", 4);
}

/* A member's name is measured by the compiler: a page has thousands. */
#define MEMBER(name) ",\"" name "\":", sizeof (",\"" name "\":") - 1

void
bipe_scan_append_json (const BipeScan *self, GString *out)
{
  char uuid[BIPE_UUID_STRING_SIZE];

  bipe_uuid_format (&self->uuid, uuid);
  g_string_append_len (out, "{\"uuid\":\"", 9);
  g_string_append_len (out, uuid, BIPE_UUID_STRING_SIZE - 1);
  g_string_append_c (out, '"');
  append_text (out, MEMBER ("key"), self->key);
  append_id (out, MEMBER ("id"), self->id);
  append_text (out, MEMBER ("code"), self->code);
  append_text (out, MEMBER ("aim"), self->aim);
  append_text (out, MEMBER ("symbology"), self->symbology);
  append_text (out, MEMBER ("source"), source_names[self->source]);
  append_text (out, MEMBER ("device"), self->device);
  append_text (out, MEMBER ("station"), self->station);
  append_text (out, MEMBER ("operator"), self->operator);
  append_time (out, MEMBER ("scanned_at"), self->scanned_at);
  append_time (out, MEMBER ("stored_at"), self->stored_at);
  append_time (out, MEMBER ("collected_at"), self->collected_at);
  append_time (out, MEMBER ("voided_at"), self->voided_at);
  append_text (out, MEMBER ("state"), state_names[self->state]);
  append_text (out, MEMBER ("code_read"), self->code_read);
  append_text (out, MEMBER ("reason"), self->reason);
  g_string_append_c (out, '}');
}

/* Some clients send digits as a number. Beyond 2^53 it may have been rounded on its way to them. */
static gboolean
is_exact (const json_t *number)
{
  return json_is_integer (number) && json_integer_value (number) >= 0
         && json_integer_value (number) <= (json_int_t)1 << 53;
}

static gboolean
read_code (const json_t *object, char digits[24], BipeScan *fields, GError **error)
{
  const json_t *code = json_object_get (object, "code");

  if (code == NULL || json_is_null (code))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "code is missing");
  else if (is_exact (code))
    {
      g_snprintf (digits, 24, "%" G_GINT64_FORMAT, (gint64)json_integer_value (code));
      fields->code = digits;
      return TRUE;
    }
  else if (!json_is_string (code))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                 "code must be a string, or an integer from 0 to 2^53");
  else
    {
      fields->code = json_string_value (code);
      return bipe_scan_check_code (fields->code, error);
    }
  return FALSE;
}

static gboolean
read_strings (const json_t *object, BipeScan *fields, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      const char *value;

      if (strings[i].offset == G_STRUCT_OFFSET (BipeScan, code))
        continue;
      if (!bipe_json_get_string (object, strings[i].name, &value, error))
        return FALSE;
      if (value != NULL && !check_text (strings[i].name, value, strings[i].limit, error))
        return FALSE;
      STRING_AT (fields, strings[i].offset) = value;
    }
  return TRUE;
}

static gboolean
read_times (const json_t *object, BipeScan *fields, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      const char *value;

      if (!bipe_json_get_string (object, times[i].name, &value, error))
        return FALSE;
      if (value != NULL && !bipe_timestamp_parse (value, &TIME_AT (fields, times[i].offset)))
        {
          g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID,
                       "%s must be a time such as 2026-01-31T10:00:00Z", times[i].name);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
read_names (const json_t *object, BipeScan *fields, GError **error)
{
  const char *source, *state, *uuid;

  if (!bipe_json_get_string (object, "source", &source, error)
      || !bipe_json_get_string (object, "state", &state, error)
      || !bipe_json_get_string (object, "uuid", &uuid, error))
    return FALSE;
  if (source != NULL && !bipe_scan_source_parse (source, &fields->source))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "source is not one of the known ones");
  else if (state != NULL && !bipe_scan_state_parse (state, &fields->state))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "state is not one of the known ones");
  else if (uuid != NULL && !bipe_uuid_parse (uuid, &fields->uuid))
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "uuid is not a UUID");
  else
    return TRUE;
  return FALSE;
}

BipeScan *
bipe_scan_from_json (const json_t *object, GError **error)
{
  BipeScan fields = { .source = BIPE_SOURCE_REMOTE };
  char digits[24];

  if (!json_is_object (object))
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_INVALID, "a scan must be a JSON object");
      return NULL;
    }
  if (!read_code (object, digits, &fields, error) || !read_strings (object, &fields, error)
      || !read_times (object, &fields, error) || !read_names (object, &fields, error)
      || !bipe_json_get_integer (object, "id", &fields.id, error))
    return NULL;
  return bipe_scan_new (&fields);
}
