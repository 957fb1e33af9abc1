#include "config.h"

#include <string.h>

#include "base/error.h"
#include "decoder/protocol.h"

static const BipePoint corners[4] = { { -5, 0 }, { G_MAXINT32, 0 }, { 7, 8 }, { G_MININT32, 9 } };

static void
test_request (void)
{
  const BipeRequest request = {
    .looks = BIPE_LOOK_GUIDE | BIPE_LOOK_SECOND,
    .symbologies = BIPE_SYMBOLOGIES_ALL,
    .width = 1280,
    .height = 720,
    .stride = 1300,
    .guide = { 1, 2, 3, 4 },
  };
  guint8 message[BIPE_PROTOCOL_REQUEST_SIZE + 1] = { 0 };
  BipeRequest read;

  bipe_request_write (&request, message);
  g_assert_true (bipe_request_read (&read, message, BIPE_PROTOCOL_REQUEST_SIZE));
  g_assert_cmpmem (&read, sizeof read, &request, sizeof request);
  g_assert_cmpuint (message[8], ==, 1280 & 0xff); /* little-endian */
  g_assert_cmpuint (message[9], ==, 1280 >> 8);
  g_assert_false (bipe_request_read (&read, message, BIPE_PROTOCOL_REQUEST_SIZE + 1));
  g_assert_false (bipe_request_read (&read, message, BIPE_PROTOCOL_REQUEST_SIZE - 1));
  g_assert_false (bipe_request_read (&read, message, 0));
}

/* Whether the memory can hold what is asked for. */
static const struct
{
  const char *name;
  BipeRequest request;
  gboolean is_read;
} requests[] = {
  { "file", { .size = 1 }, TRUE },
  { "largest file", { .size = BIPE_PROTOCOL_MEMORY }, TRUE },
  { "too large a file", { .size = BIPE_PROTOCOL_MEMORY + 1 }, FALSE },
  { "no file", { .size = 0 }, FALSE },
  { "pixel", { .looks = 1, .width = 1, .height = 1, .stride = 1 }, TRUE },
  { "all memory", { .looks = 15, .width = 4096, .height = 4096, .stride = 4096 }, TRUE },
  { "a row too many", { .looks = 1, .width = 4096, .height = 4097, .stride = 4096 }, FALSE },
  { "stride too short", { .looks = 1, .width = 2, .height = 1, .stride = 1 }, FALSE },
  { "no width", { .looks = 1, .height = 1, .stride = 1 }, FALSE },
  { "no height", { .looks = 1, .width = 1, .stride = 1 }, FALSE },
  { "no measures", { .looks = 1 }, FALSE },
  { "overflow", { .looks = 1, .width = 65536, .height = 65536, .stride = 65536 }, FALSE },
  { "unknown look", { .looks = 16, .width = 1, .height = 1, .stride = 1 }, FALSE },
  { "guide inside",
    { .looks = 1, .width = 9, .height = 9, .stride = 9, .guide = { 1, 2, 8, 7 } },
    TRUE },
  { "guide too wide",
    { .looks = 1, .width = 9, .height = 9, .stride = 9, .guide = { 1, 2, 9, 7 } },
    FALSE },
  { "guide too high",
    { .looks = 1, .width = 9, .height = 9, .stride = 9, .guide = { 1, 2, 8, 8 } },
    FALSE },
  { "guide outside",
    { .looks = 1, .width = 9, .height = 9, .stride = 9, .guide = { 10, 0, 0, 0 } },
    FALSE },
  { "guide that overflows",
    { .looks = 1, .width = 9, .height = 9, .stride = 9, .guide = { 1, 1, G_MAXUINT32, 1 } },
    FALSE },
};

static void
test_bounds (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++)
    {
      guint8 message[BIPE_PROTOCOL_REQUEST_SIZE];
      BipeRequest read;

      g_test_message ("%s", requests[i].name);
      bipe_request_write (&requests[i].request, message);
      g_assert_cmpint (bipe_request_read (&read, message, sizeof message), ==, requests[i].is_read);
    }
}

static BipeSight *
make_sight (void)
{
  BipeSight *sight = bipe_sight_new ();

  sight->width = 1280;
  sight->height = 720;
  sight->flaw = BIPE_FLAW_TILTED;
  sight->change = 255;
  g_ptr_array_add (sight->readings,
                   bipe_reading_new (BIPE_SYMBOLOGY_CODE_128, "]C1", "a\0b\x1d\0", 5, corners));
  g_ptr_array_add (sight->readings,
                   bipe_reading_new (BIPE_SYMBOLOGY_MAXICODE, "", "ç€𝄞", strlen ("ç€𝄞"), corners));
  return sight;
}

static void
test_sight (void)
{
  g_autoptr(BipeSight) sight = make_sight ();
  g_autoptr(GBytes) message = bipe_sight_write (sight);
  g_autoptr(BipeSight) read = NULL;
  g_autoptr(GError) error = NULL;

  read = bipe_sight_read (g_bytes_get_data (message, NULL), g_bytes_get_size (message), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->width, ==, 1280);
  g_assert_cmpuint (read->height, ==, 720);
  g_assert_cmpint (read->flaw, ==, BIPE_FLAW_TILTED);
  g_assert_cmpuint (read->change, ==, 255);
  g_assert_cmpuint (read->readings->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const BipeReading *before = sight->readings->pdata[i], *after = read->readings->pdata[i];

      g_assert_true (bipe_reading_equal (before, after));
      g_assert_cmpstr (before->aim, ==, after->aim);
      g_assert_cmpmem (before->corners, sizeof corners, after->corners, sizeof corners);
    }
}

/* Any cut, and any byte too many, is nonsense; any other byte changed may be, and breaks nothing.
 */
static void
test_damaged (void)
{
  g_autoptr(BipeSight) sight = make_sight ();
  g_autoptr(GBytes) message = bipe_sight_write (sight);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (message, &size);
  g_autofree guint8 *more = g_malloc0 (size + 1);

  for (gsize cut = 0; cut < size; cut++)
    {
      g_autofree guint8 *less = g_memdup2 (bytes, cut);
      g_autoptr(GError) error = NULL;

      g_assert_null (bipe_sight_read (less, cut, &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
    }
  memcpy (more, bytes, size);
  g_assert_null (bipe_sight_read (more, size + 1, NULL));
  for (gsize i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autoptr(BipeSight) read = NULL;

        more[i] ^= (guint8)(1 << bit);
        read = bipe_sight_read (more, size, NULL);
        more[i] ^= (guint8)(1 << bit);
        for (guint k = 0; read != NULL && k < read->readings->len; k++)
          {
            const BipeReading *reading = read->readings->pdata[k];

            g_assert_nonnull (bipe_symbology_get_name (reading->symbology));
            g_assert_cmpuint (reading->length, >, 0);
          }
      }
}

/* A sight of one reading whose bytes may be set at will: 21 bytes, then the reading's. */
#define AT_SYMBOLOGY 21
#define AT_AIM (21 + 4 + 32)
#define AT_TEXT (AT_AIM + 4 + 4)

static const struct
{
  const char *name;
  gsize at;
  guint8 bytes[4];
} nonsense[] = {
  { "no symbology", AT_SYMBOLOGY, { 0, 0, 0, 0 } },
  { "two symbologies", AT_SYMBOLOGY, { 3, 0, 0, 0 } },
  { "default is none", AT_SYMBOLOGY, { 0x37, 0x29, 0, 0 } },
  { "all is none", AT_SYMBOLOGY, { 0xff, 0xff, 1, 0 } },
  { "unknown symbology", AT_SYMBOLOGY, { 0, 0, 2, 0 } },
  { "aim without an end", AT_AIM, { ']', 'C', '1', 'x' } },
  { "aim that is no text", AT_AIM, { 0xff, 'C', '1', 0 } },
  { "text that is no text", AT_TEXT, { 'a', 0xff, 'b', 'c' } },
  { "half a character", AT_TEXT, { 'a', 'b', 'c', 0xc3 } },
  { "unknown flaw", 9, { 5, 0, 0, 0 } },
  { "too great a change", 13, { 0, 1, 0, 0 } },
  { "more readings than there are", 17, { 2, 0, 0, 0 } },
  { "fewer readings than there are", 17, { 0, 0, 0, 0 } },
  { "too many readings", 17, { 33, 0, 0, 0 } },
};

static void
test_nonsense (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autoptr(BipeSight) sight = bipe_sight_new ();
      g_autoptr(GBytes) message = NULL;
      g_autoptr(GByteArray) bytes = NULL;
      g_autoptr(BipeSight) read = NULL;

      g_test_message ("%s", nonsense[i].name);
      g_ptr_array_add (sight->readings,
                       bipe_reading_new (BIPE_SYMBOLOGY_QR_CODE, "]Q1", "text", 4, corners));
      message = bipe_sight_write (sight);
      bytes = g_bytes_unref_to_array (g_steal_pointer (&message));
      read = bipe_sight_read (bytes->data, bytes->len, NULL);
      g_assert_nonnull (read);
      memcpy (bytes->data + nonsense[i].at, nonsense[i].bytes, 4);
      g_assert_null (bipe_sight_read (bytes->data, bytes->len, NULL));
    }
}

/* What does not fit is left out, and the message is still one. */
static void
test_too_much (void)
{
  g_autofree char *text = g_strnfill (BIPE_PROTOCOL_ANSWER_MAX / 2 + 1, 'x');
  g_autoptr(BipeSight) sight = bipe_sight_new ();
  g_autoptr(BipeSight) read = NULL;
  g_autoptr(GBytes) message = NULL;

  g_ptr_array_add (sight->readings,
                   bipe_reading_new (BIPE_SYMBOLOGY_QR_CODE, "", text, strlen (text), corners));
  for (guint i = 0; i < BIPE_SIGHT_READINGS_MAX + 1; i++)
    g_ptr_array_add (sight->readings, bipe_reading_new (BIPE_SYMBOLOGY_QR_CODE, "", text,
                                                        i == 0 ? 60000 : 7000, corners));
  message = bipe_sight_write (sight);
  g_assert_cmpuint (g_bytes_get_size (message), <=, BIPE_PROTOCOL_ANSWER_MAX);
  read = bipe_sight_read (g_bytes_get_data (message, NULL), g_bytes_get_size (message), NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (read->readings->len, ==, 11);
  g_clear_pointer (&read, bipe_sight_unref);
  g_clear_pointer (&message, g_bytes_unref);

  g_ptr_array_set_size (sight->readings, 0);
  for (guint i = 0; i < BIPE_SIGHT_READINGS_MAX + 1; i++)
    g_ptr_array_add (sight->readings,
                     bipe_reading_new (BIPE_SYMBOLOGY_QR_CODE, "", text, 7, corners));
  message = bipe_sight_write (sight);
  read = bipe_sight_read (g_bytes_get_data (message, NULL), g_bytes_get_size (message), NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (read->readings->len, ==, BIPE_SIGHT_READINGS_MAX);
}

static void
test_refusal (void)
{
  g_autofree char *long_text = g_strnfill (5000, 'x');
  const char *const texts[] = { "it is no picture", long_text };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GBytes) message = bipe_refusal_write (texts[i]);
      g_autoptr(GError) error = NULL;

      g_assert_null (
          bipe_sight_read (g_bytes_get_data (message, NULL), g_bytes_get_size (message), &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_true (g_str_has_prefix (texts[i], error->message));
    }
  {
    g_autoptr(GError) error = NULL;

    g_assert_null (bipe_sight_read ((const guint8 *)"R\xff\xfe", 3, &error));
    g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protocol/request", test_request);
  g_test_add_func ("/protocol/bounds", test_bounds);
  g_test_add_func ("/protocol/sight", test_sight);
  g_test_add_func ("/protocol/damaged", test_damaged);
  g_test_add_func ("/protocol/nonsense", test_nonsense);
  g_test_add_func ("/protocol/too-much", test_too_much);
  g_test_add_func ("/protocol/refusal", test_refusal);
  return g_test_run ();
}
