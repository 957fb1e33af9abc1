#include "config.h"

#include "server/fault.h"

#include <libsoup/soup.h>

#include "base/error.h"
#include "base/json.h"

/* 1007 stands for every HTTP failure without a number of its own. */
#define OTHER_CODE 1007

static const struct
{
  guint status;
  int error_code;
} catalogue[] = {
  [BIPE_FAULT_UNEXPECTED] = { 500, 999 },         [BIPE_FAULT_INVALID] = { 400, 1001 },
  [BIPE_FAULT_MALFORMED] = { 400, 1001 },         [BIPE_FAULT_NOT_FOUND] = { 404, 1002 },
  [BIPE_FAULT_UNAUTHORIZED] = { 401, 1003 },      [BIPE_FAULT_TOKEN_INVALID] = { 401, 10031 },
  [BIPE_FAULT_TOKEN_EXPIRED] = { 401, 10032 },    [BIPE_FAULT_TOO_MANY] = { 429, 1008 },
  [BIPE_FAULT_FORBIDDEN] = { 403, 1004 },         [BIPE_FAULT_LONG_HEADERS] = { 431, OTHER_CODE },
  [BIPE_FAULT_TOO_LARGE] = { 413, 1005 },         [BIPE_FAULT_SLOW_REQUEST] = { 408, 1006 },
  [BIPE_FAULT_SLOW_ANSWER] = { 503, 1006 },       [BIPE_FAULT_METHOD] = { 405, OTHER_CODE },
  [BIPE_FAULT_CONFLICT] = { 409, OTHER_CODE },    [BIPE_FAULT_MEDIA_TYPE] = { 415, OTHER_CODE },
  [BIPE_FAULT_MISDIRECTED] = { 421, OTHER_CODE }, [BIPE_FAULT_BUSY] = { 503, OTHER_CODE },
  [BIPE_FAULT_UPGRADE] = { 426, OTHER_CODE },     [BIPE_FAULT_STORE_AWAY] = { 503, 1009 },
  [BIPE_FAULT_RANGE] = { 416, OTHER_CODE },       [BIPE_FAULT_NOT_KEPT] = { 503, 1010 },
  [BIPE_FAULT_INSECURE] = { 426, OTHER_CODE },
};

BipeFault
bipe_fault_from_error (const GError *error)
{
  if (error->domain != BIPE_ERROR)
    return BIPE_FAULT_UNEXPECTED;

  switch ((BipeError)error->code)
    {
    case BIPE_ERROR_INVALID:
      return BIPE_FAULT_INVALID;
    case BIPE_ERROR_NOT_FOUND:
      return BIPE_FAULT_NOT_FOUND;
    case BIPE_ERROR_CONFLICT:
    case BIPE_ERROR_REJECTED:
      return BIPE_FAULT_CONFLICT;
    case BIPE_ERROR_FULL:
      return BIPE_FAULT_NOT_KEPT;
    case BIPE_ERROR_UNAVAILABLE:
      return BIPE_FAULT_STORE_AWAY;
    case BIPE_ERROR_FAILED:
    case BIPE_ERROR_SETTING:
    case BIPE_ERROR_DATABASE_URL:
    case BIPE_ERROR_IN_USE:
    case BIPE_ERROR_LOCKED:
    case BIPE_ERROR_NOT_WRITABLE:
    case BIPE_ERROR_UNREADABLE:
    default:
      return BIPE_FAULT_UNEXPECTED;
    }
}

int
bipe_fault_code (BipeFault fault)
{
  return catalogue[fault].error_code;
}

guint
bipe_fault_status (BipeFault fault)
{
  return catalogue[fault].status;
}

const char *
bipe_fault_phrase (guint status)
{
  if (status == catalogue[BIPE_FAULT_MISDIRECTED].status)
    return "Misdirected Request";
  if (status == catalogue[BIPE_FAULT_LONG_HEADERS].status)
    return "Request Header Fields Too Large";
  if (status == catalogue[BIPE_FAULT_UPGRADE].status)
    return "Upgrade Required";
  return soup_status_get_phrase (status);
}

static char *
to_json (int error_code, const char *message, const char *method, const char *path)
{
  GString *out = g_string_sized_new (160);
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  g_autofree char *request = g_strdup_printf ("%s%s%s", method, method[0] != '\0' ? " " : "", path);
  g_autofree char *valid_request = g_utf8_make_valid (request, -1);

  g_string_append (out, "{\"error_code\":");
  bipe_json_append_integer (out, error_code);
  g_string_append (out, ",\"message\":");
  bipe_json_append_string (out, valid);
  g_string_append (out, ",\"request\":");
  bipe_json_append_string (out, valid_request);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

char *
bipe_fault_to_json (BipeFault fault, const char *message, const char *method, const char *path)
{
  return to_json (catalogue[fault].error_code, message, method, path);
}

char *
bipe_fault_status_to_json (guint status)
{
  if (status == SOUP_STATUS_BAD_REQUEST)
    return bipe_fault_to_json (BIPE_FAULT_MALFORMED, "malformed HTTP request", "", "");
  if (status == SOUP_STATUS_NOT_FOUND)
    return bipe_fault_to_json (BIPE_FAULT_NOT_FOUND, "there is no such thing here", "", "");
  return to_json (OTHER_CODE, bipe_fault_phrase (status), "", "");
}
