#include "config.h"

#include <string.h>

#include "server/chunks.h"

static const struct
{
  const char *name;
  const char *bytes;
  gssize n_good; /* −1: all, to the last chunk */
} cases[] = {
  { "nothing", "0\r\n\r\n", -1 },
  { "a chunk", "3\r\nabc\r\n0\r\n\r\n", -1 },
  { "two chunks", "3\r\nabc\r\n01\r\n\n\r\n0\r\n\r\n", -1 },
  { "capitals and zeros", "000A\r\n0123456789\r\n000\r\n\r\n", -1 },
  { "small letters", "a\r\n0123456789\r\n0\r\n\r\n", -1 },
  { "line ends for data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", -1 },
  { "extensions", "3;a=b;c=\"\xc3\xa9\"; d\t\r\nabc\r\n0;e\r\n\r\n", -1 },
  { "a trailer", "3\r\nabc\r\n0\r\nA: b\r\n\r\n", -1 },
  { "garbage behind the last", "3\r\nabc\r\n0\r\n\n\x01", -1 },

  { "no size", "\r\nabc\r\n0\r\n\r\n", 0 },
  { "0x", "0x3\r\nabc\r\n0\r\n\r\n", 1 },
  { "a plus", "+3\r\nabc\r\n0\r\n\r\n", 0 },
  { "a minus", "-3\r\nabc\r\n0\r\n\r\n", 0 },
  { "a blank before", " 3\r\nabc\r\n0\r\n\r\n", 0 },
  { "a blank behind", "3 \r\nabc\r\n0\r\n\r\n", 1 },
  { "no digit", "g\r\nabc\r\n0\r\n\r\n", 0 },
  { "an extension alone", ";a\r\nabc\r\n0\r\n\r\n", 0 },
  { "a size's line feed alone", "3\nabc\r\n0\r\n\r\n", 1 },
  { "a size's return alone", "3\rabc\r\n0\r\n\r\n", 2 },
  { "a line feed in an extension", "3;a\nb\r\nabc\r\n0\r\n\r\n", 3 },
  { "a NUL's neighbour in an extension", "3;a\x01\r\nabc\r\n0\r\n\r\n", 3 },
  { "data that is longer", "3\r\nabcd\r\n0\r\n\r\n", 6 },
  { "data's line feed alone", "3\r\nabc\n0\r\n\r\n", 6 },
  { "data's return alone", "3\r\nabc\r0\r\n\r\n", 7 },
  { "the largest size", "ffffffff\r\nabc", 13 },
  { "a size of too many digits", "000000003\r\nabc", 8 },
};

static gsize
feed (BipeChunks *chunks, const char *bytes, gsize length, gsize size)
{
  gsize n = 0, n_taken;

  do
    {
      gsize n_piece = MIN (size, length - n);
      g_autofree char *piece = g_memdup2 (bytes + n, n_piece);

      n_taken = bipe_chunks_feed (chunks, piece, n_piece);
      g_assert_cmpint (n_taken < n_piece, ==, chunks->why != NULL);
      n += n_taken;
    }
  while (n < length && chunks->why == NULL);
  return n;
}

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize size = 1; size <= strlen (cases[i].bytes); size++)
      {
        gsize length = strlen (cases[i].bytes);
        BipeChunks chunks = { 0 };
        gsize n = feed (&chunks, cases[i].bytes, length, size);

        g_test_message ("%s, by %" G_GSIZE_FORMAT ": %s", cases[i].name, size, chunks.why);
        g_assert_cmpint (chunks.is_over, ==, cases[i].n_good < 0);
        g_assert_cmpuint (n, ==, cases[i].n_good < 0 ? length : (gsize)cases[i].n_good);
      }
}

static void
test_long_extension (void)
{
  g_autofree char *filling = g_strnfill (90, 'a');
  g_autofree char *good = g_strconcat ("0;", filling, "\r\n", NULL);
  g_autofree char *bad = g_strconcat ("0;", filling, filling, "\r\n", NULL);
  BipeChunks chunks = { 0 }, longer = { 0 };

  feed (&chunks, good, strlen (good), 7);
  g_assert_true (chunks.is_over);
  feed (&longer, bad, strlen (bad), 7);
  g_assert_nonnull (longer.why);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chunks/cases", test_cases);
  g_test_add_func ("/chunks/long-extension", test_long_extension);
  return g_test_run ();
}
