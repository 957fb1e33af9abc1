#include "config.h"

#include "server/byte-range.h"

static const struct
{
  const char *header;
  gsize size;
  BipeByteRange range;
  gsize first;
  gsize length;
} cases[] = {
  { NULL, 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=0-0", 100, BIPE_BYTE_RANGE_PART, 0, 1 },
  { "bytes=0-99", 100, BIPE_BYTE_RANGE_PART, 0, 100 },
  { "BYTES=10-19", 100, BIPE_BYTE_RANGE_PART, 10, 10 },
  { "bytes=10-", 100, BIPE_BYTE_RANGE_PART, 10, 90 },
  { "bytes=99-", 100, BIPE_BYTE_RANGE_PART, 99, 1 },
  { "bytes=50-1000", 100, BIPE_BYTE_RANGE_PART, 50, 50 },
  { "bytes=0-18446744073709551615", 100, BIPE_BYTE_RANGE_PART, 0, 100 },
  { "bytes=-1", 100, BIPE_BYTE_RANGE_PART, 99, 1 },
  { "bytes=-1000", 100, BIPE_BYTE_RANGE_PART, 0, 100 },
  { "bytes=100-", 100, BIPE_BYTE_RANGE_OUTSIDE },
  { "bytes=100-200", 100, BIPE_BYTE_RANGE_OUTSIDE },
  { "bytes=-0", 100, BIPE_BYTE_RANGE_OUTSIDE },
  { "bytes=0-0", 0, BIPE_BYTE_RANGE_OUTSIDE },
  { "bytes=-5", 0, BIPE_BYTE_RANGE_OUTSIDE },
  { "bytes=2-1", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=-", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=5", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=a-b", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes= 1-2", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=+1-2", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=1-2 ", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=1--2", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=0-1,5-9", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=0-18446744073709551616", 100, BIPE_BYTE_RANGE_WHOLE },
  { "bytes=18446744073709551616-", 100, BIPE_BYTE_RANGE_WHOLE },
  { "lines=0-1", 100, BIPE_BYTE_RANGE_WHOLE },
};

static void
test_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize first = 0, length = 0;

      g_test_message ("%s of %u", cases[i].header, (guint)cases[i].size);
      g_assert_cmpint (bipe_byte_range_read (cases[i].header, cases[i].size, &first, &length), ==,
                       cases[i].range);
      if (cases[i].range != BIPE_BYTE_RANGE_PART)
        continue;
      g_assert_cmpuint (first, ==, cases[i].first);
      g_assert_cmpuint (length, ==, cases[i].length);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/byte-range/read", test_read);
  return g_test_run ();
}
