#include "config.h"

#include "base/error.h"
#include "journal/change.h"

/* The states a scan can be in, as far as changes tell them apart. */
enum
{
  FREE,
  HELD,
  STORED,
  COLLECTED,
  REJECTED,
  REMOVED, /* voided, never stored */
  VOIDED,
  N_STATES
};

static const BipeScan states[N_STATES] = {
  [FREE] = { .state = BIPE_SCAN_QUEUED, .code = "a", .station = "s" },
  [HELD] = { .state = BIPE_SCAN_QUEUED, .code = "a", .station = "s" },
  [STORED] = { .state = BIPE_SCAN_STORED, .code = "a", .station = "s", .id = 7, .stored_at = 3 },
  [COLLECTED]
  = { .state = BIPE_SCAN_STORED, .code = "a", .id = 7, .stored_at = 3, .collected_at = 4 },
  [REJECTED] = { .state = BIPE_SCAN_REJECTED, .code = "a", .reason = "too long" },
  [REMOVED] = { .state = BIPE_SCAN_VOIDED, .code = "a", .voided_at = 5, .reason = "twice" },
  [VOIDED] = { .state = BIPE_SCAN_VOIDED,
               .code = "a",
               .id = 7,
               .stored_at = 3,
               .voided_at = 5,
               .reason = "twice" },
};

/* For each kind, the states that it may follow, and what it makes of them: the record's end. */
static const struct
{
  BipeEventKind kind;
  int from;
  const char *after;
} cases[] = {
  { BIPE_EVENT_RELEASED, HELD, "id 0 queued a (null) (null) 0 0 0" },
  { BIPE_EVENT_EDITED, HELD, "id 0 queued b a (null) 0 0 0" },
  { BIPE_EVENT_REMOVED, HELD, "id 0 voided a (null) why 0 0 9" },
  { BIPE_EVENT_STORED, FREE, "id 5 stored a (null) (null) 9 0 0" },
  { BIPE_EVENT_STORED, HELD, "id 5 stored a (null) (null) 9 0 0" },
  { BIPE_EVENT_REJECTED, FREE, "id 0 rejected a (null) why 0 0 0" },
  { BIPE_EVENT_REJECTED, HELD, "id 0 rejected a (null) why 0 0 0" },
  { BIPE_EVENT_COLLECTED, STORED, "id 7 stored a (null) (null) 3 9 0" },
  { BIPE_EVENT_VOIDED, STORED, "id 7 voided a (null) why 3 0 9" },
  { BIPE_EVENT_VOIDED, COLLECTED, "id 7 voided a (null) why 3 4 9" },
  { BIPE_EVENT_RESTORED, REMOVED, "id 0 queued a (null) (null) 0 0 0" },
  { BIPE_EVENT_RESTORED, VOIDED, "id 7 stored a (null) (null) 3 0 0" },
};

static const char *
expected (BipeEventKind kind, int from)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (cases[i].kind == kind && cases[i].from == from)
      return cases[i].after;
  return NULL;
}

/* All kinds from all states: what is not in the table is a conflict. */
static void
test_table (void)
{
  for (BipeEventKind kind = BIPE_EVENT_RELEASED; kind < BIPE_EVENT_STATUS; kind++)
    for (int from = 0; from < N_STATES; from++)
      {
        const BipeChange change = { .kind = kind, .at = 9, .id = 5, .code = "b", .reason = "why" };
        g_autoptr(GError) error = NULL;
        g_autoptr(BipeScan) after
                   = bipe_change_apply (&change, &states[from], from == HELD, &error);
        g_autofree char *text = NULL;

        if (after == NULL)
          g_assert_error (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
        else
          text = g_strdup_printf (
              "id %d %s %s %s %s %d %d %d", (int)after->id, bipe_scan_state_name (after->state),
              after->code, after->code_read != NULL ? after->code_read : "(null)",
              after->reason != NULL ? after->reason : "(null)", (int)after->stored_at,
              (int)after->collected_at, (int)after->voided_at);
        g_test_message ("%s from %d", bipe_event_kind_name (kind), from);
        g_assert_cmpstr (text, ==, expected (kind, from));
      }
}

static void
test_edited_twice (void)
{
  const BipeChange first = { .kind = BIPE_EVENT_EDITED, .code = "b" };
  const BipeChange second = { .kind = BIPE_EVENT_EDITED, .code = "c" };
  g_autoptr(BipeScan) once = bipe_change_apply (&first, &states[HELD], TRUE, NULL);
  g_autoptr(BipeScan) twice = bipe_change_apply (&second, once, TRUE, NULL);

  g_assert_cmpstr (twice->code, ==, "c");
  g_assert_cmpstr (twice->code_read, ==, "a");
}

static void
test_message (void)
{
  const BipeChange change = { .kind = BIPE_EVENT_COLLECTED };
  g_autoptr(GError) error = NULL;

  g_assert_null (bipe_change_apply (&change, &states[COLLECTED], FALSE, &error));
  g_assert_cmpstr (error->message, ==, "the scan can't be collected: it is stored and collected");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/change/table", test_table);
  g_test_add_func ("/change/edited-twice", test_edited_twice);
  g_test_add_func ("/change/message", test_message);
  return g_test_run ();
}
