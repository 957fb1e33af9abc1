#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "access/pairing-code.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
bipe_pairing_wipe (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

BipePairingCode *
bipe_pairing_code_new (const guint8 *bytes, GBytes *fingerprint, gint64 monotonic, gint64 real)
{
  BipePairingCode *self = g_atomic_rc_box_new0 (BipePairingCode);

  memcpy (self->bytes, bytes, BIPE_PAIRING_CODE_SIZE);
  self->fingerprint = g_bytes_ref (fingerprint);
  self->ends_at = monotonic + BIPE_PAIRING_SECONDS * G_USEC_PER_SEC;
  self->expires_at = real + BIPE_PAIRING_SECONDS * G_USEC_PER_SEC;
  return self;
}

BipePairingCode *
bipe_pairing_code_ref (BipePairingCode *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_code (gpointer data)
{
  BipePairingCode *self = data;

  g_clear_pointer (&self->grant, bipe_grant_unref);
  bipe_pairing_wipe (self->token);
  g_free (self->address);
  g_free (self->name);
  g_clear_pointer (&self->nonce, g_bytes_unref);
  g_bytes_unref (self->fingerprint);
  explicit_bzero (self->bytes, sizeof self->bytes);
}

void
bipe_pairing_code_unref (BipePairingCode *self)
{
  g_atomic_rc_box_release_full (self, clear_code);
}

void
bipe_pairing_code_end (BipePairingCode *self, const char *why)
{
  if (self->why == NULL)
    self->why = why;
}

void
bipe_pairing_code_look_at (BipePairingCode *self, gint64 monotonic, gint64 real)
{
  if (monotonic >= self->ends_at || real >= self->expires_at)
    bipe_pairing_code_end (self, N_ ("the code's two minutes are over"));
}

static gboolean
is_same_nonce (GBytes *a, GBytes *b)
{
  gsize size, other_size;
  const guint8 *bytes = g_bytes_get_data (a, &size);
  const guint8 *other = g_bytes_get_data (b, &other_size);

  return size == other_size && bipe_pairing_is_equal (bytes, other, size);
}

gboolean
bipe_pairing_code_admit (BipePairingCode *self,
                         const guint8 *bytes,
                         GBytes *nonce,
                         const char *name,
                         const char *address)
{
  if (self->why != NULL)
    return FALSE;
  if (!bipe_pairing_is_equal (bytes, self->bytes, BIPE_PAIRING_CODE_SIZE))
    {
      if (++self->n_wrong == BIPE_PAIRING_TRIES)
        bipe_pairing_code_end (self, N_ ("too many wrong codes were tried"));
      return FALSE;
    }
  if (self->stage == BIPE_PAIRING_CODE_OFFERED)
    {
      self->stage = BIPE_PAIRING_CODE_ASKED;
      self->nonce = g_bytes_ref (nonce);
      self->name = g_strdup (name);
      self->address = g_strdup (address);
      bipe_pairing_compute_digits (self->bytes, nonce, self->fingerprint, self->digits);
    }
  if (is_same_nonce (nonce, self->nonce))
    return TRUE;
  bipe_pairing_code_end (self, N_ ("two devices asked with the same code"));
  return FALSE;
}

gboolean
bipe_pairing_code_begin_issue (BipePairingCode *self, const char *digits)
{
  if (self->why != NULL || self->stage != BIPE_PAIRING_CODE_ASKED
      || strcmp (self->digits, digits) != 0)
    return FALSE;
  self->stage = BIPE_PAIRING_CODE_ISSUING;
  return TRUE;
}

void
bipe_pairing_code_fail_issue (BipePairingCode *self)
{
  g_return_if_fail (self->stage == BIPE_PAIRING_CODE_ISSUING);

  self->stage = BIPE_PAIRING_CODE_ASKED;
}

void
bipe_pairing_code_finish_issue (BipePairingCode *self, char *token, BipeGrant *grant)
{
  g_return_if_fail (self->stage == BIPE_PAIRING_CODE_ISSUING && self->why == NULL);

  self->stage = BIPE_PAIRING_CODE_APPROVED;
  self->token = token;
  self->grant = bipe_grant_ref (grant);
}

void
bipe_pairing_code_fetch (BipePairingCode *self)
{
  g_return_if_fail (self->stage == BIPE_PAIRING_CODE_APPROVED && self->why == NULL);

  self->stage = BIPE_PAIRING_CODE_FETCHED;
  bipe_pairing_code_end (self, N_ ("the code has been used"));
}
