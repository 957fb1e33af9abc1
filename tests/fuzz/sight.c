/* sight.c: what one side of the protocol takes from the other: as a request, and as an answer. What
 * is taken can be written again, and says the same. */
#include "config.h"

#include <string.h>

#include "base/error.h"
#include "decoder/protocol.h"
#include "target.h"

static void
read_request (const uint8_t *data, size_t size)
{
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE] = { 0 };
  BipeRequest request, again;

  if (!bipe_request_read (&request, data, size))
    return;
  g_assert_cmpuint (size, ==, BIPE_PROTOCOL_REQUEST_SIZE);
  if (request.looks == 0)
    g_assert_cmpuint (request.size, <=, BIPE_PROTOCOL_MEMORY);
  else
    {
      g_assert_cmpuint ((guint64)request.stride * request.height, <=, BIPE_PROTOCOL_MEMORY);
      g_assert_cmpuint (request.width, <=, request.stride);
      g_assert_cmpuint ((guint64)request.guide.x + request.guide.width, <=, request.width);
      g_assert_cmpuint ((guint64)request.guide.y + request.guide.height, <=, request.height);
    }
  bipe_request_write (&request, message);
  g_assert_true (bipe_request_read (&again, message, sizeof message));
  g_assert_cmpmem (&again, sizeof again, &request, sizeof request);
}

static void
read_answer (const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSight) sight = bipe_sight_read (data, size, &error);
  g_autoptr(GBytes) written = NULL;

  if (sight == NULL)
    {
      g_assert_nonnull (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpuint (sight->readings->len, <=, BIPE_SIGHT_READINGS_MAX);
  for (guint i = 0; i < sight->readings->len; i++)
    {
      const BipeReading *reading = sight->readings->pdata[i];

      g_assert_cmpuint (reading->length, >, 0);
      g_assert_cmpint (reading->text[reading->length], ==, '\0');
      g_assert_nonnull (bipe_symbology_get_name (reading->symbology));
      g_assert_nonnull (bipe_reading_get_symbology_name (reading));
    }
  written = bipe_sight_write (sight);
  g_assert_cmpuint (g_bytes_get_size (written), <=, BIPE_PROTOCOL_ANSWER_MAX);
  if (size <= BIPE_PROTOCOL_ANSWER_MAX / 2)
    {
      g_autoptr(BipeSight) again = bipe_sight_read (g_bytes_get_data (written, NULL),
                                                     g_bytes_get_size (written), &error);

      g_assert_no_error (error);
      g_assert_cmpuint (again->readings->len, ==, sight->readings->len);
      for (guint i = 0; i < again->readings->len; i++)
        g_assert_true (bipe_reading_equal (again->readings->pdata[i], sight->readings->pdata[i]));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  read_request (data, size);
  read_answer (data, size);
  return 0;
}
