#include "config.h"

#include <string.h>

#include "base/timestamp.h"

#define SECOND G_GINT64_CONSTANT (1000000)
#define DAY (86400 * SECOND)
/* 9999-12-31T23:59:59.999999Z */
#define LAST G_GINT64_CONSTANT (253402300799999999)

static const struct
{
  const char *text;
  gint64 timestamp;
} good[] = {
  { "1970-01-01T00:00:00Z", 0 },
  { "1970-01-01T00:00:00.000001Z", 1 },
  { "1970-01-01t00:00:01z", SECOND },
  { "1970-01-01 00:00:01Z", SECOND },
  { "2000-02-29T12:00:00Z", 951825600 * SECOND },
  { "2024-02-29T23:59:59.999999Z", 1709251199 * SECOND + 999999 },
  { "2100-03-01T00:00:00Z", 4107542400 * SECOND },
  { "2026-11-22T10:00:00.5Z", 1795341600 * SECOND + 500000 },
  { "2026-11-22T10:00:00.1234567Z", 1795341600 * SECOND + 123456 },
  { "2026-11-22T10:00:00.999999999999Z", 1795341600 * SECOND + 999999 },
  { "2026-11-22T07:00:00-03:00", 1795341600 * SECOND },
  { "2026-11-22T15:45:00+05:45", 1795341600 * SECOND },
  { "2026-11-22T10:00:00-00:00", 1795341600 * SECOND },
  { "2026-11-23T09:59:00+23:59", 1795341600 * SECOND },
  { "1969-12-31T23:30:00-01:00", 1800 * SECOND },
  { "2016-12-31T23:59:60Z", 1483228800 * SECOND },
  { "9999-12-31T23:59:59.999999Z", LAST },
};

static const char *const bad[] = {
  "",
  "2",
  "2026",
  "2026-11-22",
  "2026-11-22T",
  "2026-11-22T1",
  "2026-11-22T10",
  "2026-11-22T10Z",
  "2026-11-22T10:00",
  "2026-11-22T10:00Z",
  "2026-11-22T10:00:00",
  "2026-11-22T10:00:0Z",
  "2026-11-22T10:00:00.Z",
  "2026-11-22T10:00:00.5",
  "2026-11-22T10:00:00,5Z",
  "2026-11-22T100000Z",
  "20261122T100000Z",
  "2026-W47-7T10:00:00Z",
  "2026-326T10:00:00Z",
  "2026-11-22_10:00:00Z",
  "2026-11-22T10:00:00+03",
  "2026-11-22T10:00:00+0300",
  "2026-11-22T10:00:00+24:00",
  "2026-11-22T10:00:00+01:60",
  "2026-11-22T10:00:00+1:00",
  "2026-11-22T10:00:00 Z",
  "2026-11-22T10:00:00ZZ",
  "2026-11-22T10:00:00Z ",
  " 2026-11-22T10:00:00Z",
  "2026-11-22T24:00:00Z",
  "2026-11-22T10:60:00Z",
  "2026-11-22T10:00:61Z",
  "2026-00-22T10:00:00Z",
  "2026-13-22T10:00:00Z",
  "2026-11-00T10:00:00Z",
  "2026-11-31T10:00:00Z",
  "2026-02-29T10:00:00Z",
  "2100-02-29T10:00:00Z",
  "1969-12-31T23:59:59Z",
  "9999-12-31T23:59:60Z",
  "1970-01-01T00:30:00+01:00",
  "9999-12-31T23:59:59-00:01",
  "12026-11-22T10:00:00Z",
  "-2026-11-22T10:00:00Z",
  "2026-1a-22T10:00:00Z",
  "2026-11-22T10:00:\357\274\221\357\274\221Z",
};

/* In memory of just its length, so that a read past the end is seen. */
static gboolean
parse (const char *text, gint64 *timestamp)
{
  g_autofree char *copy = g_memdup2 (text, strlen (text) + 1);

  return bipe_timestamp_parse (copy, timestamp);
}

static void
test_good (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      gint64 timestamp = -1;

      g_test_message ("%s", good[i].text);
      g_assert_true (parse (good[i].text, &timestamp));
      g_assert_cmpint (timestamp, ==, good[i].timestamp);
    }
}

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      gint64 timestamp;

      g_test_message ("%s", bad[i]);
      g_assert_false (parse (bad[i], &timestamp));
    }
}

static void
test_format (void)
{
  static const struct
  {
    gint64 timestamp;
    const char *text;
  } cases[] = {
    { 0, "1970-01-01T00:00:00.000000Z" },
    { 1, "1970-01-01T00:00:00.000001Z" },
    { -1, "1970-01-01T00:00:00.000000Z" },
    { 1795341600 * SECOND + 42, "2026-11-22T10:00:00.000042Z" },
    { 951782400 * SECOND, "2000-02-29T00:00:00.000000Z" },
    { LAST, "9999-12-31T23:59:59.999999Z" },
    { LAST + 1, "9999-12-31T23:59:59.999999Z" },
    { G_MAXINT64, "9999-12-31T23:59:59.999999Z" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char text[BIPE_TIMESTAMP_SIZE];

      bipe_timestamp_format (cases[i].timestamp, text);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
assert_round_trip (gint64 timestamp)
{
  char text[BIPE_TIMESTAMP_SIZE];
  gint64 again;

  bipe_timestamp_format (timestamp, text);
  g_assert_cmpuint (strlen (text), ==, BIPE_TIMESTAMP_SIZE - 1);
  g_assert_true (bipe_timestamp_parse (text, &again));
  g_assert_cmpint (again, ==, timestamp);
}

/* Every day against GLib's calendar, and moments all over the range. */
static void
test_round_trip (void)
{
  for (gint64 day = 0; day * DAY < LAST; day += 13)
    {
      g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (day * 86400);
      g_autofree char *expected = g_date_time_format (time, "%Y-%m-%dT");
      char text[BIPE_TIMESTAMP_SIZE];

      bipe_timestamp_format (day * DAY, text);
      g_assert_true (g_str_has_prefix (text, expected));
      assert_round_trip (day * DAY);
      assert_round_trip ((day + 1) * DAY - 1);
    }
  for (guint i = 0; i < 100000; i++)
    assert_round_trip ((gint64)(g_test_rand_double () * (double)LAST));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timestamp/good", test_good);
  g_test_add_func ("/timestamp/bad", test_bad);
  g_test_add_func ("/timestamp/format", test_format);
  g_test_add_func ("/timestamp/round-trip", test_round_trip);
  return g_test_run ();
}
