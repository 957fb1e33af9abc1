/* fault.h: the catalogue of failures: which status and error_code each has on the wire. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_FAULT_UNEXPECTED,
  BIPE_FAULT_INVALID,
  BIPE_FAULT_MALFORMED, /* no trustworthy HTTP: answered, and the connection closed */
  BIPE_FAULT_NOT_FOUND,
  BIPE_FAULT_UNAUTHORIZED, /* no token */
  BIPE_FAULT_TOKEN_INVALID,
  BIPE_FAULT_TOKEN_EXPIRED,
  BIPE_FAULT_TOO_MANY, /* failures, of one address */
  BIPE_FAULT_FORBIDDEN,
  BIPE_FAULT_TOO_LARGE,
  BIPE_FAULT_LONG_HEADERS,
  BIPE_FAULT_SLOW_REQUEST,
  BIPE_FAULT_SLOW_ANSWER,
  BIPE_FAULT_METHOD,
  BIPE_FAULT_CONFLICT,
  BIPE_FAULT_MEDIA_TYPE,
  BIPE_FAULT_RANGE, /* behind the end of what there is */
  BIPE_FAULT_MISDIRECTED,
  BIPE_FAULT_UPGRADE,  /* another version of WebSocket is asked for */
  BIPE_FAULT_INSECURE, /* plain HTTP where it must be TLS: answered, and the connection closed */
  BIPE_FAULT_BUSY,     /* too many connections */
  BIPE_FAULT_STORE_AWAY,
  BIPE_FAULT_NOT_KEPT,
} BipeFault;

/* The fault that a BipeError is; UNEXPECTED for every other domain. */
BipeFault bipe_fault_from_error (const GError *error);

guint bipe_fault_status (BipeFault fault);
int bipe_fault_code (BipeFault fault);

/* The words for a status; libsoup does not know all of ours. */
const char *bipe_fault_phrase (guint status);

/* {"error_code":1001,"message":"…","request":"POST /v1/scans"}. @method is empty where the request
 * could not be read. */
char *bipe_fault_to_json (BipeFault fault,
                          const char *message,
                          const char *method,
                          const char *path) G_GNUC_WARN_UNUSED_RESULT;

/* The same for a @status that libsoup has chosen by itself, before any of our code saw the request.
 */
char *bipe_fault_status_to_json (guint status) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
