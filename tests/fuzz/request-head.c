/* request-head.c: a client's bytes, cut anywhere, are the same requests; and libsoup finds the same
 * length in a head that is let through. The first byte says how the rest is cut. */
#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "server/framing.h"
#include "target.h"

static gboolean
has_blank_first (const char *line)
{
  return line[0] == ' ' || line[0] == '\t';
}

static void
check_lines (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\r\n", -1);
  guint n_lines = g_strv_length (lines);

  g_assert_cmpuint (n_lines, >=, 3);
  g_assert_cmpstr (lines[n_lines - 1], ==, "");
  g_assert_cmpstr (lines[n_lines - 2], ==, "");
  for (guint i = 0; i < n_lines; i++)
    {
      g_assert_null (strpbrk (lines[i], "\r\n"));
      g_assert_false (has_blank_first (lines[i]));
    }
}

/* HTTP/1.0 lets Connection name headers that libsoup then leaves out: nothing is read behind. */
static void
check_against_soup (const BipeRequestHead *head, const char *text, gsize length)
{
  g_autoptr(SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupHTTPVersion version;
  guint status = soup_headers_parse_request (text, (int)length - 2, headers, NULL, NULL, &version);

  if (status != SOUP_STATUS_OK || version == SOUP_HTTP_1_0)
    return;
  g_assert_cmpint (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED, ==,
                   head->is_chunked);
  if (!head->is_chunked && head->body_length <= G_MAXINT64)
    g_assert_cmpuint ((guint64)soup_message_headers_get_content_length (headers), ==,
                      head->body_length);
}

static void
check_head (const char *bytes, gsize length)
{
  BipeRequestHead head = { 0 };
  gsize n = bipe_request_head_feed (&head, bytes, length);
  g_autofree char *text = NULL;

  g_assert_cmpuint (n, ==, head.n_bytes);
  g_assert_false (head.is_whole && head.why != NULL);
  if (!head.is_whole)
    {
      g_assert_true (head.why != NULL || n == length);
      return;
    }
  text = g_strndup (bytes, n);
  g_assert_cmpuint (strlen (text), ==, n);
  check_lines (text);
  check_against_soup (&head, text, n);
}

/* Where the first request ends, or goes wrong. */
static gsize
feed (BipeFraming *framing, const char *bytes, gsize length, gsize size)
{
  BipeFault fault;

  for (gsize n = 0; n < length;)
    {
      gsize n_piece = MIN (size, length - n);
      gsize n_taken = bipe_framing_feed (framing, bytes + n, n_piece);

      g_assert_cmpuint (n_taken, <=, n_piece);
      n += n_taken;
      if (n_taken < n_piece || bipe_framing_get_fault (framing, &fault) != NULL
          || (framing->part == BIPE_FRAMING_HEAD && framing->head.n_bytes == 0))
        return n;
    }
  return length;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *bytes = (const char *)data + 1;
  BipeFraming whole = { 0 }, cut = { 0 };
  BipeFault fault, cut_fault;

  if (size == 0)
    return 0;
  size--;
  check_head (bytes, size);
  g_assert_cmpuint (feed (&whole, bytes, size, MAX (size, 1)), ==,
                    feed (&cut, bytes, size, (gsize)data[0] % 40 + 1));
  g_assert_cmpint (whole.part, ==, cut.part);
  g_assert_cmpstr (bipe_framing_get_fault (&whole, &fault), ==,
                   bipe_framing_get_fault (&cut, &cut_fault));
  return 0;
}
