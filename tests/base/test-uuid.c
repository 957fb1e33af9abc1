#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"

#define START G_GINT64_CONSTANT (1795341600000000)
#define N_THREADS 4
#define N_EACH 20000

static gint64
milliseconds_of (const BipeUuid *uuid)
{
  gint64 milliseconds = 0;

  for (guint i = 0; i < 6; i++)
    milliseconds = milliseconds << 8 | uuid->bytes[i];
  return milliseconds;
}

static void
assert_version (const BipeUuid *uuid)
{
  g_assert_cmphex (uuid->bytes[6] >> 4, ==, 7);
  g_assert_cmphex (uuid->bytes[8] >> 6, ==, 2);
}

static void
assert_ascending (const BipeUuid *before, const BipeUuid *after)
{
  g_assert_cmpint (memcmp (before->bytes, after->bytes, sizeof before->bytes), <, 0);
}

static void
test_bits (void)
{
  g_autoptr(BipeClock) clock = bipe_clock_new_manual (START);
  g_autoptr(BipeUuidSource) source = bipe_uuid_source_new (clock);
  guint8 ones[16] = { 0 }, zeros[16] = { 0 };

  for (guint i = 0; i < 200; i++)
    {
      BipeUuid uuid = bipe_uuid_source_next (source);

      assert_version (&uuid);
      g_assert_cmpint (milliseconds_of (&uuid), ==, START / 1000 + i);
      bipe_clock_advance (clock, 1000);
      for (guint k = 8; k < 16; k++)
        {
          ones[k] |= uuid.bytes[k];
          zeros[k] |= (guint8)~uuid.bytes[k];
        }
    }
  for (guint k = 9; k < 16; k++)
    {
      g_assert_cmphex (ones[k], ==, 0xff);
      g_assert_cmphex (zeros[k], ==, 0xff);
    }
}

static void
test_monotonic (void)
{
  static const gint64 steps[] = { 0, -5000000, 1, 999, 1000, -START + 1, START, 3600000000 };
  g_autoptr(BipeClock) clock = bipe_clock_new_manual (START);
  g_autoptr(BipeUuidSource) source = bipe_uuid_source_new (clock);
  BipeUuid last = bipe_uuid_source_next (source);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      bipe_clock_step (clock, MAX (bipe_clock_real (clock) + steps[i], 0));
      /* More than the counter's 4096 while the clock stands still. */
      for (guint k = 0; k < 10000; k++)
        {
          BipeUuid next = bipe_uuid_source_next (source);

          assert_version (&next);
          assert_ascending (&last, &next);
          last = next;
        }
    }
}

static void
test_raise (void)
{
  static const struct
  {
    const char *floor;
    gboolean counts;
  } cases[] = {
    { "01a20f75-5f00-7fff-bfff-ffffffffffff", TRUE },
    { "01ffffff-ffff-7fff-8000-000000000000", TRUE },
    /* Version 4 has no time in it: what plain SQL made is not to send us into the far future. */
    { "ffffffff-ffff-4fff-bfff-ffffffffffff", FALSE },
    { "00000000-0000-0000-0000-000000000000", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(BipeClock) clock = bipe_clock_new_manual (START);
      g_autoptr(BipeUuidSource) source = bipe_uuid_source_new (clock);
      BipeUuid floor, next;

      g_assert_true (bipe_uuid_parse (cases[i].floor, &floor));
      bipe_uuid_source_raise (source, &floor);
      next = bipe_uuid_source_next (source);
      assert_version (&next);
      if (cases[i].counts)
        assert_ascending (&floor, &next);
      else
        g_assert_cmpint (milliseconds_of (&next), ==, START / 1000);
    }
}

static void
test_raise_down (void)
{
  g_autoptr(BipeClock) clock = bipe_clock_new_manual (START);
  g_autoptr(BipeUuidSource) source = bipe_uuid_source_new (clock);
  BipeUuid first = bipe_uuid_source_next (source), second, old;

  g_assert_true (bipe_uuid_parse ("0189dcd5-5311-7d40-8db0-9496a2eef37b", &old));
  bipe_uuid_source_raise (source, &old);
  second = bipe_uuid_source_next (source);
  assert_ascending (&first, &second);
}

typedef struct
{
  BipeUuidSource *source;
  BipeUuid *made; /* N_EACH of them */
} Maker;

static gpointer
make_thread (gpointer data)
{
  Maker *maker = data;

  for (guint i = 0; i < N_EACH; i++)
    {
      maker->made[i] = bipe_uuid_source_next (maker->source);
      if (i > 0)
        assert_ascending (&maker->made[i - 1], &maker->made[i]);
    }
  return NULL;
}

static int
by_bytes (const void *a, const void *b)
{
  return memcmp (a, b, sizeof (BipeUuid));
}

static void
test_threads (void)
{
  g_autoptr(BipeUuidSource) source = bipe_uuid_source_new (bipe_clock_system ());
  g_autofree BipeUuid *made = g_new (BipeUuid, N_THREADS * N_EACH);
  g_autoptr(GHashTable) all = g_hash_table_new (bipe_uuid_hash, bipe_uuid_equal);
  Maker makers[N_THREADS];
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      makers[i] = (Maker){ source, made + i * N_EACH };
      threads[i] = g_thread_new ("make", make_thread, &makers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N_THREADS * N_EACH; i++)
    g_assert_true (g_hash_table_add (all, &made[i]));

  /* Time and counter alone tell them apart: the order between the threads is total. */
  qsort (made, N_THREADS * N_EACH, sizeof *made, by_bytes);
  for (guint i = 1; i < N_THREADS * N_EACH; i++)
    g_assert_cmpint (memcmp (made[i - 1].bytes, made[i].bytes, 8), <, 0);
}

static void
test_text (void)
{
  static const struct
  {
    const char *text;
    gboolean is_uuid;
  } cases[] = {
    { "0189dcd5-5311-7d40-8db0-9496a2eef37b", TRUE },
    { "0189DCD5-5311-7D40-8DB0-9496A2EEF37B", TRUE },
    { "00000000-0000-0000-0000-000000000000", TRUE },
    { "ffffffff-ffff-ffff-ffff-ffffffffffff", TRUE },
    { "", FALSE },
    { "0", FALSE },
    { "0189dcd5", FALSE },
    { "0189dcd5-", FALSE },
    { "0189dcd5-5311-7d40-8db0-9496a2eef37", FALSE },
    { "0189dcd5-5311-7d40-8db0-9496a2eef37b0", FALSE },
    { "0189dcd5-5311-7d40-8db0-9496a2eef37b ", FALSE },
    { "0189dcd553117d408db09496a2eef37b", FALSE },
    { "{0189dcd5-5311-7d40-8db0-9496a2eef37b}", FALSE },
    { "0189dcd5-5311-7d40-8db09496-a2eef37b", FALSE },
    { "0189dcd5 5311 7d40 8db0 9496a2eef37b", FALSE },
    { "0189dcd5-5311-7d40-8db0-9496a2eef37g", FALSE },
    { "-0189dcd-5311-7d40-8db0-9496a2eef37b", FALSE },
    { "0189dcd5-5311-7d40-8db0-9496a2eef3\303\251", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *copy = g_memdup2 (cases[i].text, strlen (cases[i].text) + 1);
      g_autofree char *lower = g_ascii_strdown (cases[i].text, -1);
      char text[BIPE_UUID_STRING_SIZE];
      BipeUuid uuid;

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (bipe_uuid_parse (copy, &uuid), ==, cases[i].is_uuid);
      if (!cases[i].is_uuid)
        continue;
      bipe_uuid_format (&uuid, text);
      g_assert_cmpstr (text, ==, lower);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/uuid/bits", test_bits);
  g_test_add_func ("/uuid/monotonic", test_monotonic);
  g_test_add_func ("/uuid/raise", test_raise);
  g_test_add_func ("/uuid/raise-down", test_raise_down);
  g_test_add_func ("/uuid/threads", test_threads);
  g_test_add_func ("/uuid/text", test_text);
  return g_test_run ();
}
