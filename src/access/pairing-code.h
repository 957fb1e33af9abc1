/* pairing-code.h: the life of one code, which goes one way:
 *
 *   OFFERED → ASKED → ISSUING → APPROVED → FETCHED
 *
 * It can be over at any time, and is with FETCHED. It is told the time, and waits for nobody: who
 * hears of it is pairing.h's. On one thread; the last reference may go on another. */
#pragma once

#include "access/grant.h"
#include "access/pairing-digits.h"

G_BEGIN_DECLS

/* How long a code lives, and the wrong ones that end it. */
#define BIPE_PAIRING_SECONDS 120
#define BIPE_PAIRING_TRIES 5

typedef enum
{
  BIPE_PAIRING_CODE_OFFERED,
  BIPE_PAIRING_CODE_ASKED,
  BIPE_PAIRING_CODE_ISSUING, /* the operator agrees, and the registry makes the token */
  BIPE_PAIRING_CODE_APPROVED,
  BIPE_PAIRING_CODE_FETCHED,
} BipePairingStage;

/**
 * BipePairingCode:
 * @why: it is over; %NULL: it is not
 * @expires_at: by the wall clock, microseconds since 1970
 * @nonce, @name, @address, @digits: of who asks, from ASKED on
 * @token, @grant: what was given, from APPROVED on
 *
 * To be read from outside only. Its secrets are wiped with it.
 */
typedef struct
{
  BipePairingStage stage;
  const char *why;
  guint8 bytes[BIPE_PAIRING_CODE_SIZE];
  GBytes *fingerprint;
  gint64 ends_at; /* monotonic */
  gint64 expires_at;
  guint n_wrong;

  GBytes *nonce;
  char *name;
  char *address;
  char digits[7];

  char *token;
  BipeGrant *grant;
} BipePairingCode;

/* @bytes: BIPE_PAIRING_CODE_SIZE of them; @fingerprint: of the certificate that devices see */
BipePairingCode *bipe_pairing_code_new (const guint8 *bytes,
                                        GBytes *fingerprint,
                                        gint64 monotonic,
                                        gint64 real) G_GNUC_WARN_UNUSED_RESULT;
BipePairingCode *bipe_pairing_code_ref (BipePairingCode *self) G_GNUC_WARN_UNUSED_RESULT;
void bipe_pairing_code_unref (BipePairingCode *self);

/* @why: static; what ended it first counts. */
void bipe_pairing_code_end (BipePairingCode *self, const char *why);

/* Ends it when its time has come, by whichever clock is ahead: one stands still while the machine
 * sleeps, the other can be set back. */
void bipe_pairing_code_look_at (BipePairingCode *self, gint64 monotonic, gint64 real);

/* A device asks, with BIPE_PAIRING_CODE_SIZE @bytes. FALSE: it is refused. The wrong bytes too
 * often, or the right ones with two nonces, end the code. */
gboolean bipe_pairing_code_admit (BipePairingCode *self,
                                  const guint8 *bytes,
                                  GBytes *nonce,
                                  const char *name,
                                  const char *address);

/* The operator agrees to who asks with these @digits. FALSE: nobody does, or not any more. */
gboolean bipe_pairing_code_begin_issue (BipePairingCode *self, const char *digits);

/* There is no token after all: the operator may agree again. */
void bipe_pairing_code_fail_issue (BipePairingCode *self);

/* Behind a begin, of a code that is not over. @token: (transfer full) */
void bipe_pairing_code_finish_issue (BipePairingCode *self, char *token, BipeGrant *grant);

/* An APPROVED one's token goes out, which ends the code. */
void bipe_pairing_code_fetch (BipePairingCode *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePairingCode, bipe_pairing_code_unref)

/* Overwrites a secret, and frees it. @text: (nullable) */
void bipe_pairing_wipe (char *text);

G_END_DECLS
