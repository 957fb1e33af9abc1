#include "config.h"

#include <string.h>

#include "access/pairing-code.h"
#include "access/pairing.h"
#include "access/scopes.h"
#include "base/clock.h"
#include "base/error.h"
#include "folder.h"

#define START G_GINT64_CONSTANT (1700000000500000)
#define KEY "0123456789abcdef0123456789abcdef"
#define NONCE "000102030405060708090a0b0c0d0e0f"
#define OTHER_NONCE "100102030405060708090a0b0c0d0e0f"
#define SCOPES (BIPE_SCOPE_SCAN | BIPE_SCOPE_READ)

typedef struct
{
  Folder folder;
  BipeClock *clock;
  BipeRegistry *registry;
  BipePairing *pairing;
} Fixture;

static GBytes *
new_fingerprint (guint8 first)
{
  guint8 bytes[32];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8)(first + i);
  return g_bytes_new (bytes, sizeof bytes);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) key = g_bytes_new_static (KEY, 32);
  g_autoptr(GBytes) fingerprint = new_fingerprint (0x40);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;

  folder_set_up (&self->folder, NULL);
  path = folder_join (&self->folder, "access.db");
  self->clock = bipe_clock_new_manual (START);
  self->registry = bipe_registry_open (path, key, self->clock, &error);
  g_assert_no_error (error);
  self->pairing = bipe_pairing_new (self->registry, self->clock);
  bipe_pairing_set_fingerprint (self->pairing, fingerprint);
}

static void
run_idle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  bipe_pairing_close (self->pairing);
  run_idle ();
  bipe_registry_close (self->registry);
  run_idle ();
  g_assert_finalize_object (self->pairing);
  g_assert_finalize_object (self->registry);
  bipe_clock_free (self->clock);
  folder_tear_down (&self->folder, NULL);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static BipePairingOffer *
try_offer (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_pairing_offer_async (self->pairing, result_cb, &result);
  wait_for (&result);
  return bipe_pairing_offer_finish (self->pairing, result, error);
}

static char *
offer (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  g_autofree BipePairingOffer *made = try_offer (self, &error);

  g_assert_no_error (error);
  return g_strdup (made->code);
}

/* An ask that may still be under way. */
typedef struct
{
  Fixture *fixture;
  GAsyncResult *result;
  GCancellable *cancellable;
} Ask;

static Ask *
ask_new (Fixture *self, const char *code, const char *nonce)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->fixture = self;
  ask->cancellable = g_cancellable_new ();
  bipe_pairing_ask_async (self->pairing, code, nonce, "phone", "192.0.2.7", ask->cancellable,
                          result_cb, &ask->result);
  run_idle ();
  return ask;
}

static void
ask_free (Ask *self)
{
  g_assert_nonnull (self->result);
  g_object_unref (self->result);
  g_object_unref (self->cancellable);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ask, ask_free)

/* Waits for it. */
static BipePairingOutcome
ask_finish (Ask *self, char **token, GError **error)
{
  g_autoptr(BipeGrant) grant = NULL;
  BipePairingOutcome outcome;

  wait_for (&self->result);
  outcome = bipe_pairing_ask_finish (self->fixture->pairing, self->result, token, &grant, error);
  g_assert_cmpint (outcome == BIPE_PAIRING_APPROVED, ==, *token != NULL);
  g_assert_cmpint (*token != NULL, ==, grant != NULL);
  return outcome;
}

static void
assert_outcome (Ask *ask, BipePairingOutcome expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *token = NULL;

  g_assert_cmpint (ask_finish (ask, &token, &error), ==, expected);
  g_assert_no_error (error);
}

static void
assert_refused (Fixture *self, const char *code, const char *nonce)
{
  g_autoptr(Ask) ask = ask_new (self, code, nonce);

  assert_outcome (ask, BIPE_PAIRING_REFUSED);
}

static void
assert_lets_in (Fixture *self, const char *token, gboolean expected)
{
  g_autoptr(BipeGrant) grant = NULL;
  BipeTokenVerdict verdict = bipe_registry_check (self->registry, token, strlen (token), &grant);

  g_assert_cmpint (verdict == BIPE_TOKEN_VALID, ==, expected);
}

static BipePairingRequest *
try_await (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_pairing_await_async (self->pairing, NULL, result_cb, &result);
  wait_for (&result);
  return bipe_pairing_await_finish (self->pairing, result, error);
}

static BipePairingRequest *
await (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  BipePairingRequest *request = try_await (self, &error);

  g_assert_no_error (error);
  return request;
}

static BipeGrant *
try_approve (Fixture *self, const char *digits, const char *name, guint scopes, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_pairing_approve_async (self->pairing, digits, name, scopes, 1, result_cb, &result);
  wait_for (&result);
  return bipe_pairing_approve_finish (self->pairing, result, error);
}

static BipeGrant *
approve (Fixture *self)
{
  g_autoptr(BipePairingRequest) request = await (self);
  g_autoptr(GError) error = NULL;
  BipeGrant *grant = try_approve (self, request->digits, "till", SCOPES, &error);

  g_assert_no_error (error);
  return grant;
}

static void
assert_nobody_asks (Fixture *self)
{
  g_autoptr(GError) error = NULL, other = NULL;

  g_assert_null (try_await (self, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_assert_null (try_approve (self, "000000", "till", SCOPES, &other));
  g_assert_error (other, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

static gboolean
is_revoked (Fixture *self, const char *jti)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) grants = NULL;

  bipe_registry_list_async (self->registry, result_cb, &result);
  wait_for (&result);
  grants = bipe_registry_list_finish (self->registry, result, NULL);
  for (guint i = 0; i < grants->len; i++)
    if (g_str_equal (((BipeGrant *)grants->pdata[i])->jti, jti))
      return ((BipeGrant *)grants->pdata[i])->revoked_at != 0;
  g_assert_not_reached ();
}

static void
test_way (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(BipePairingRequest) request = await (self);
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *token = NULL;

  g_assert_cmpuint (strlen (code), ==, BIPE_PAIRING_CODE_LENGTH);
  g_assert_cmpstr (request->name, ==, "phone");
  g_assert_cmpstr (request->address, ==, "192.0.2.7");
  g_assert_cmpuint (strlen (request->digits), ==, 6);
  g_assert_null (ask->result);

  grant = try_approve (self, request->digits, "till 2", SCOPES, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (grant->name, ==, "till 2");
  g_assert_cmpuint (grant->scopes, ==, SCOPES);
  g_assert_cmpint (ask_finish (ask, &token, &error), ==, BIPE_PAIRING_APPROVED);
  g_assert_no_error (error);
  assert_lets_in (self, token, TRUE);

  /* Once. */
  assert_refused (self, code, NONCE);
  assert_lets_in (self, token, TRUE);
  assert_nobody_asks (self);
}

/* Computed by Python's hmac, for a code that the fixture can't choose: each is what it says of the
 * code that it was made with, so here the same is computed in another way. */
static void
test_digits (Fixture *self, gconstpointer data)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autofree char *code = offer (self);
      g_autoptr(Ask) ask = ask_new (self, code, NONCE);
      g_autoptr(BipePairingRequest) request = await (self);
      guint8 key[16], message[48];
      g_autofree char *hex = NULL, *expected = NULL, *part = NULL;
      guint64 offset, number;

      for (guint i = 0; i < 16; i++)
        {
          key[i] = (guint8)(g_ascii_xdigit_value (code[2 * i]) * 16
                            + g_ascii_xdigit_value (code[2 * i + 1]));
          message[i] = (guint8)i;
        }
      for (guint i = 0; i < 32; i++)
        message[16 + i] = (guint8)(0x40 + i);
      hex = g_compute_hmac_for_data (G_CHECKSUM_SHA256, key, 16, message, 48);
      offset = (guint64)g_ascii_xdigit_value (hex[63]);
      part = g_strndup (hex + 2 * offset, 8);
      number = g_ascii_strtoull (part, NULL, 16) & 0x7fffffff;
      expected = g_strdup_printf ("%06" G_GUINT64_FORMAT, number % 1000000);
      g_assert_cmpstr (request->digits, ==, expected);
      bipe_pairing_close (self->pairing);
      assert_outcome (ask, BIPE_PAIRING_REFUSED);
    }
}

static void
test_malformed (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *code;
    const char *nonce;
    const char *name;
  } cases[] = {
    { "", NONCE, "phone" },
    { NULL, "", "phone" },
    { NULL, NONCE, "" },
    { NULL, NONCE, "a\nb" },
    { NULL, "000102030405060708090a0b0c0d0e", "phone" }, /* 15 */
    { NULL, NONCE NONCE "00", "phone" },                 /* 33 */
    { NULL, NONCE "0", "phone" },
    { NULL, "g00102030405060708090a0b0c0d0e0f", "phone" },
    { "g00102030405060708090a0b0c0d0e0f", NONCE, "phone" },
    { "00102030405060708090a0b0c0d0e0f", NONCE, "phone" },
    { NONCE "00", NONCE, "phone" },
  };
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeGrant) grant = NULL;
      char *token;

      g_test_message ("case %u", i);
      bipe_pairing_ask_async (self->pairing, cases[i].code != NULL ? cases[i].code : code,
                              cases[i].nonce, cases[i].name, "::1", NULL, result_cb, &result);
      wait_for (&result);
      g_assert_cmpint (bipe_pairing_ask_finish (self->pairing, result, &token, &grant, &error), ==,
                       BIPE_PAIRING_REFUSED);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_null (strstr (error->message, code));
    }
  /* None of them was a try; and letters may be large. */
  for (char *c = code; *c != '\0'; c++)
    *c = g_ascii_toupper (*c);
  ask = ask_new (self, code, NONCE NONCE);
  g_assert_null (ask->result);
  bipe_pairing_close (self->pairing);
  assert_outcome (ask, BIPE_PAIRING_REFUSED);
}

static void
test_tries (Fixture *self, gconstpointer data)
{
  for (guint n = BIPE_PAIRING_TRIES - 1; n <= BIPE_PAIRING_TRIES; n++)
    {
      g_autofree char *code = offer (self);
      g_autofree char *wrong = g_strdup (code);
      g_autoptr(Ask) ask = NULL;

      wrong[31] = wrong[31] == '0' ? '1' : '0';
      for (guint i = 0; i < n; i++)
        assert_refused (self, wrong, NONCE);
      ask = ask_new (self, code, NONCE);
      if (n < BIPE_PAIRING_TRIES)
        {
          g_assert_null (ask->result);
          bipe_pairing_close (self->pairing);
        }
      else
        assert_nobody_asks (self);
      assert_outcome (ask, BIPE_PAIRING_REFUSED);
    }
}

/* To look whether it is the code is no try. */
static void
test_is_code (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autofree char *wrong = g_strdup (code);
  g_autofree char *next = NULL;
  g_autoptr(Ask) ask = NULL;

  wrong[31] = wrong[31] == '0' ? '1' : '0';
  for (guint i = 0; i <= BIPE_PAIRING_TRIES; i++)
    {
      g_assert_false (bipe_pairing_is_code (self->pairing, wrong));
      g_assert_false (bipe_pairing_is_code (self->pairing, ""));
      g_assert_true (bipe_pairing_is_code (self->pairing, code));
    }
  ask = ask_new (self, code, NONCE);
  g_assert_null (ask->result);
  next = offer (self);
  assert_outcome (ask, BIPE_PAIRING_REFUSED);
  g_assert_false (bipe_pairing_is_code (self->pairing, code));
  bipe_clock_advance (self->clock, 120 * G_USEC_PER_SEC);
  g_assert_false (bipe_pairing_is_code (self->pairing, next));
}

/* Also while one waits already, and after he was let in. */
static void
test_tries_later (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autofree char *wrong = g_strdup (code);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);

  wrong[0] = wrong[0] == '0' ? '1' : '0';
  for (guint i = 0; i < BIPE_PAIRING_TRIES; i++)
    assert_refused (self, wrong, NONCE);
  assert_outcome (ask, BIPE_PAIRING_REFUSED);
  assert_nobody_asks (self);
}

typedef enum
{
  ADVANCE,
  STEP_AHEAD,
  SLEEP_BACK, /* the machine's own time passes, the wall clock is set back */
} Jump;

/* Either clock ends it; setting the wall clock back does not lengthen its life. */
static void
test_time (Fixture *self, gconstpointer data)
{
  static const struct
  {
    Jump jump;
    gint64 seconds;
    gboolean is_over;
  } cases[] = {
    { ADVANCE, BIPE_PAIRING_SECONDS - 1, FALSE },
    { ADVANCE, BIPE_PAIRING_SECONDS, TRUE },
    { STEP_AHEAD, BIPE_PAIRING_SECONDS - 1, FALSE },
    { STEP_AHEAD, BIPE_PAIRING_SECONDS, TRUE },
    { STEP_AHEAD, 100 * 24 * 3600, TRUE },
    { SLEEP_BACK, BIPE_PAIRING_SECONDS - 1, FALSE },
    { SLEEP_BACK, BIPE_PAIRING_SECONDS, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint is_asked = 0; is_asked < 2; is_asked++)
      {
        g_autofree char *code = NULL;
        g_autoptr(Ask) early = NULL, late = NULL;

        g_test_message ("case %u, %u", i, is_asked);
        bipe_clock_step (self->clock, START);
        code = offer (self);
        if (is_asked)
          early = ask_new (self, code, NONCE);
        if (cases[i].jump == STEP_AHEAD)
          bipe_clock_step (self->clock, START + cases[i].seconds * G_USEC_PER_SEC);
        else
          bipe_clock_advance (self->clock, cases[i].seconds * G_USEC_PER_SEC);
        if (cases[i].jump == SLEEP_BACK)
          bipe_clock_step (self->clock, START - G_USEC_PER_SEC);

        if (cases[i].is_over && early != NULL)
          assert_outcome (early, BIPE_PAIRING_REFUSED);
        late = ask_new (self, code, NONCE);
        g_assert_cmpint (late->result != NULL, ==, cases[i].is_over);
        bipe_pairing_close (self->pairing);
        assert_outcome (late, BIPE_PAIRING_REFUSED);
        if (early != NULL && !cases[i].is_over)
          wait_for (&early->result);
      }
}

/* The operator is told without anybody asking. */
static void
test_time_awaited (Fixture *self, gconstpointer data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  g_free (offer (self));
  bipe_pairing_await_async (self->pairing, NULL, result_cb, &result);
  run_idle ();
  g_assert_null (result);
  bipe_clock_advance (self->clock, BIPE_PAIRING_SECONDS * G_USEC_PER_SEC);
  wait_for (&result);
  g_assert_null (bipe_pairing_await_finish (self->pairing, result, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
}

/* An ask waits for 20 s, and asks again. */
static void
test_patience (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(Ask) again = NULL;
  g_autoptr(BipeGrant) grant = NULL;

  bipe_clock_advance (self->clock, 19 * G_USEC_PER_SEC);
  g_usleep (500000);
  run_idle ();
  g_assert_null (ask->result);
  bipe_clock_advance (self->clock, G_USEC_PER_SEC);
  assert_outcome (ask, BIPE_PAIRING_WAITS);
  again = ask_new (self, code, NONCE);
  grant = approve (self);
  assert_outcome (again, BIPE_PAIRING_APPROVED);
}

/* All that wait with the same nonce hear the same. Of more than eight the oldest asks again. */
static void
test_several (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) first = ask_new (self, code, NONCE);
  Ask *asks[8];
  g_autoptr(BipeGrant) grant = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    {
      g_assert_null (first->result);
      asks[i] = ask_new (self, code, NONCE);
    }
  assert_outcome (first, BIPE_PAIRING_WAITS);
  grant = approve (self);
  for (guint i = 0; i < G_N_ELEMENTS (asks); i++)
    {
      assert_outcome (asks[i], BIPE_PAIRING_APPROVED);
      ask_free (asks[i]);
    }
  assert_refused (self, code, NONCE);
}

/* Before the operator has answered, and after. */
static void
test_second_device (Fixture *self, gconstpointer data)
{
  for (guint is_approved = 0; is_approved < 2; is_approved++)
    {
      g_autofree char *code = offer (self);
      g_autoptr(Ask) ask = ask_new (self, code, NONCE);
      g_autoptr(BipeGrant) grant = NULL;

      if (is_approved)
        {
          g_cancellable_cancel (ask->cancellable);
          run_idle ();
          grant = approve (self);
          g_assert_false (is_revoked (self, grant->jti));
        }
      assert_refused (self, code, OTHER_NONCE);
      if (!is_approved)
        assert_outcome (ask, BIPE_PAIRING_REFUSED);
      assert_refused (self, code, NONCE);
      assert_nobody_asks (self);
      if (is_approved)
        g_assert_true (is_revoked (self, grant->jti));
    }
}

/* A nonce that begins as the other does is another. */
static void
test_longer_nonce (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);

  assert_refused (self, code, NONCE "00");
  assert_outcome (ask, BIPE_PAIRING_REFUSED);
}

/* A connection that breaks takes nothing with it: the token waits for who comes again. */
static void
test_broken (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(Ask) again = NULL;
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *token = NULL, *given = NULL;

  g_cancellable_cancel (ask->cancellable);
  g_assert_cmpint (ask_finish (ask, &token, &error), ==, BIPE_PAIRING_REFUSED);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  grant = approve (self);
  assert_nobody_asks (self);
  again = ask_new (self, code, NONCE);
  g_assert_cmpint (ask_finish (again, &given, &error), ==, BIPE_PAIRING_APPROVED);
  assert_lets_in (self, given, TRUE);
  assert_refused (self, code, NONCE);
  g_assert_false (is_revoked (self, grant->jti));
}

/* What nobody has fetched when the code is over counts for nobody. */
static void
test_unfetched (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(BipeGrant) grant = NULL;

  g_cancellable_cancel (ask->cancellable);
  run_idle ();
  grant = approve (self);
  bipe_clock_advance (self->clock, BIPE_PAIRING_SECONDS * G_USEC_PER_SEC);
  assert_refused (self, code, NONCE);
  g_assert_true (is_revoked (self, grant->jti));
}

/* It is over while the token is made. */
static void
test_closed_meanwhile (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(BipePairingRequest) request = await (self);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) listed = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) grants = NULL;

  bipe_pairing_approve_async (self->pairing, request->digits, "till", SCOPES, 1, result_cb,
                              &result);
  bipe_pairing_close (self->pairing);
  wait_for (&result);
  g_assert_null (bipe_pairing_approve_finish (self->pairing, result, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  assert_outcome (ask, BIPE_PAIRING_REFUSED);

  bipe_registry_list_async (self->registry, result_cb, &listed);
  wait_for (&listed);
  grants = bipe_registry_list_finish (self->registry, listed, NULL);
  g_assert_cmpuint (grants->len, ==, 1);
  g_assert_cmpint (((BipeGrant *)grants->pdata[0])->revoked_at, !=, 0);
}

/* The operator's mistake is his to mend; and without a name it is the device's. */
static void
test_approval (Fixture *self, gconstpointer data)
{
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(BipePairingRequest) request = await (self);
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_null (try_approve (self, request->digits, "", SCOPES, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (try_approve (self, request->digits, "till", 0, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  g_clear_error (&error);
  /* Those of somebody who asked before. */
  request->digits[0] = request->digits[0] == '0' ? '1' : '0';
  g_assert_null (try_approve (self, request->digits, "till", SCOPES, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (ask->result);

  bipe_pairing_request_free (g_steal_pointer (&request));
  request = await (self);
  grant = try_approve (self, request->digits, NULL, SCOPES, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (grant->name, ==, "phone");
  assert_outcome (ask, BIPE_PAIRING_APPROVED);
}

/* Another code in its place: who asks is refused, the operator told. */
static void
test_replaced (Fixture *self, gconstpointer data)
{
  g_autofree char *first = offer (self);
  g_autoptr(Ask) ask = ask_new (self, first, NONCE);
  g_autofree char *second = offer (self);
  g_autofree char *third = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(Ask) last = NULL;

  g_assert_cmpstr (first, !=, second);
  assert_outcome (ask, BIPE_PAIRING_REFUSED);
  assert_refused (self, first, NONCE);
  bipe_pairing_await_async (self->pairing, NULL, result_cb, &result);
  run_idle ();
  g_assert_null (result);
  third = offer (self);
  wait_for (&result);
  g_assert_null (bipe_pairing_await_finish (self->pairing, result, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_FOUND);
  last = ask_new (self, third, NONCE);
  g_assert_null (last->result);
  bipe_pairing_close (self->pairing);
  assert_outcome (last, BIPE_PAIRING_REFUSED);
  assert_nobody_asks (self);
}

static void
test_await_cancelled (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL, early = NULL;
  g_autoptr(GError) error = NULL;
  GAsyncResult *results[8] = { NULL };

  g_free (offer (self));
  bipe_pairing_await_async (self->pairing, cancellable, result_cb, &result);
  run_idle ();
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  g_assert_null (bipe_pairing_await_finish (self->pairing, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  bipe_pairing_await_async (self->pairing, cancellable, result_cb, &early);
  wait_for (&early);
  g_assert_null (bipe_pairing_await_finish (self->pairing, early, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    bipe_pairing_await_async (self->pairing, NULL, result_cb, &results[i]);
  assert_nobody_asks (self); /* one too many is told at once */
  bipe_pairing_close (self->pairing);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      wait_for (&results[i]);
      g_object_unref (results[i]);
    }
}

static void
test_certificate (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) same = new_fingerprint (0x40);
  g_autoptr(GBytes) other = new_fingerprint (0x41);
  g_autofree char *code = offer (self);
  g_autoptr(Ask) ask = ask_new (self, code, NONCE);
  g_autoptr(GError) error = NULL;

  bipe_pairing_set_fingerprint (self->pairing, same);
  run_idle ();
  g_assert_null (ask->result);
  bipe_pairing_set_fingerprint (self->pairing, other);
  assert_outcome (ask, BIPE_PAIRING_REFUSED);
  g_free (offer (self));

  bipe_pairing_set_fingerprint (self->pairing, NULL);
  g_assert_false (bipe_pairing_is_possible (self->pairing));
  g_assert_null (try_offer (self, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE);
  assert_nobody_asks (self);
}

static void
test_links (Fixture *self, gconstpointer data)
{
  static const char *const addresses[]
      = { "http://127.0.0.1:5000", "https://192.0.2.1:5000", "https://[2001:db8::1]:5000",
          "http://[::1]:5000", NULL };
  static const char *const local[] = { "http://127.0.0.1:5000", "http://[::1]:5000", NULL };
  g_auto(GStrv) links = bipe_pairing_dup_links (self->pairing, "c0de");

  g_assert_cmpuint (g_strv_length (links), ==, 0);
  bipe_pairing_set_addresses (self->pairing, (char **)addresses);
  g_clear_pointer (&links, g_strfreev);
  links = bipe_pairing_dup_links (self->pairing, "c0de");
  g_assert_cmpuint (g_strv_length (links), ==, 2);
  g_assert_cmpstr (links[0], ==,
                   "https://192.0.2.1:5000/#pair=c0de&fp="
                   "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f");
  g_assert_true (g_str_has_prefix (links[1], "https://[2001:db8::1]:5000/#pair=c0de&fp="));
  g_assert_false (bipe_pairing_is_local (links[0]) || bipe_pairing_is_local (links[1]));

  bipe_pairing_set_addresses (self->pairing, (char **)local);
  g_clear_pointer (&links, g_strfreev);
  links = bipe_pairing_dup_links (self->pairing, "c0de");
  g_assert_cmpuint (g_strv_length (links), ==, 2);
  g_assert_true (bipe_pairing_is_local (links[0]) && bipe_pairing_is_local (links[1]));
  bipe_pairing_set_fingerprint (self->pairing, NULL);
  g_clear_pointer (&links, g_strfreev);
  links = bipe_pairing_dup_links (self->pairing, "c0de");
  g_assert_cmpuint (g_strv_length (links), ==, 0);
}

/* The window: its callbacks come in its own context. */
static gpointer
operate (gpointer data)
{
  Fixture *self = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  GAsyncResult *result = NULL;
  g_autofree BipePairingOffer *made = NULL;
  g_autoptr(BipePairingRequest) request = NULL;
  g_autoptr(BipeGrant) grant = NULL;
  g_autoptr(GError) error = NULL;

  g_main_context_push_thread_default (context);
  bipe_pairing_offer_async (self->pairing, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  made = bipe_pairing_offer_finish (self->pairing, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);

  /* The device, from yet another place. */
  bipe_pairing_ask_async (self->pairing, made->code, NONCE, "phone", "::1", NULL, NULL, NULL);
  bipe_pairing_await_async (self->pairing, NULL, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  request = bipe_pairing_await_finish (self->pairing, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);

  bipe_pairing_approve_async (self->pairing, request->digits, NULL, SCOPES, 1, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  grant = bipe_pairing_approve_finish (self->pairing, result, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  bipe_pairing_close (self->pairing);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);
  return NULL;
}

static gpointer
operate_and_tell (gpointer data)
{
  Fixture *self = ((gpointer *)data)[0];

  operate (self);
  g_atomic_int_set ((int *)((gpointer *)data)[1], 1);
  g_main_context_wakeup (NULL);
  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  int is_done = 0;
  gpointer both[] = { self, &is_done };
  GThread *thread = g_thread_new ("window", operate_and_tell, both);

  while (!g_atomic_int_get (&is_done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *self, gconstpointer data);
  } tests[] = {
    { "/pairing/way", test_way },
    { "/pairing/digits", test_digits },
    { "/pairing/malformed", test_malformed },
    { "/pairing/tries", test_tries },
    { "/pairing/tries-later", test_tries_later },
    { "/pairing/is-code", test_is_code },
    { "/pairing/time", test_time },
    { "/pairing/time-awaited", test_time_awaited },
    { "/pairing/patience", test_patience },
    { "/pairing/several", test_several },
    { "/pairing/second-device", test_second_device },
    { "/pairing/longer-nonce", test_longer_nonce },
    { "/pairing/broken", test_broken },
    { "/pairing/unfetched", test_unfetched },
    { "/pairing/closed-meanwhile", test_closed_meanwhile },
    { "/pairing/approval", test_approval },
    { "/pairing/replaced", test_replaced },
    { "/pairing/await-cancelled", test_await_cancelled },
    { "/pairing/certificate", test_certificate },
    { "/pairing/links", test_links },
    { "/pairing/threads", test_threads },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
