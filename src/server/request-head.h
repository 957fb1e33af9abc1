/* request-head.h: the head of an HTTP/1 request, held to RFC 9112 while it comes, and how long its
 * body is.
 *
 *   POST /v1/scans HTTP/1.1\r\n
 *   Host: localhost\r\n
 *   Content-Length: 16\r\n
 *   \r\n
 *
 * What is passed over here as well as there, but in two ways, is how a request is smuggled past a
 * proxy. So nothing is: no line that ends with LF alone, no blank before a colon, no line that
 * goes on in the next, no second length. Nothing is kept of it, and nothing copied but a word. */
#pragma once

#include "server/fault.h"

G_BEGIN_DECLS

/* Past 64 KiB, libsoup hangs up without a word. A byte less: the wire may have to add one. */
#define BIPE_REQUEST_HEAD_MAX (64 * 1024 - 1)

/**
 * BipeRequestHead:
 * @n_bytes: that have come and are good
 * @has_line: the first of its lines, be it an empty one, is among them
 * @is_whole: it has come to its end
 * @is_chunked: the body comes in chunks; else @body_length says how long it is (at the most: a
 *   length that no number holds is the largest one)
 * @why: (nullable): what is wrong with it, for the client; then @fault says what kind that is
 *
 * To be read from outside only. All zero, it is one that has not begun.
 */
typedef struct
{
  gsize n_bytes;
  gboolean has_line;
  gboolean is_whole;
  gboolean is_chunked;
  guint64 body_length;
  const char *why;
  BipeFault fault;

  /*< private >*/
  guint state;
  guint next; /* the state behind a line's end */
  guint field;
  gboolean is_1_1;
  gboolean has_length;
  guint n_word;
  char word[24];
} BipeRequestHead;

/* Returns how many of the @length bytes belong to the head, up to its end or to what is wrong with
 * it; where neither has come, that is all of them. */
gsize bipe_request_head_feed (BipeRequestHead *self, const char *bytes, gsize length);

/* The client has nothing more to send: that is a fault, too. */
void bipe_request_head_end (BipeRequestHead *self);

G_END_DECLS
