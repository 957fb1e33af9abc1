/* keyring.h: short texts in the session's secret service. D-Bus may be slow or stuck in more ways
 * than a cancellable reaches, so each call is made on a thread of its own, which is left to itself
 * when its time is over. Nobody is ever asked to unlock anything; but in a sandbox the desktop may,
 * before it gives what opens our file of secrets. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeKeyringItem:
 * @schema: the kind of secret, for people who look into their keyring
 * @label: its title there, likewise
 * @attribute: the name of what tells it from others of the kind
 * @value: that
 */
typedef struct
{
  const char *schema;
  const char *label;
  const char *attribute;
  const char *value;
} BipeKeyringItem;

typedef enum
{
  BIPE_KEYRING_DONE,
  BIPE_KEYRING_LOCKED, /* it has the secret, and does not give it */
  BIPE_KEYRING_NONE,   /* it has none, and can't keep one: absent, locked, broken */
  BIPE_KEYRING_SILENT, /* no answer within the time */
} BipeKeyringOutcome;

/* Each blocks for @timeout_ms at most. */
BipeKeyringOutcome bipe_keyring_load (const BipeKeyringItem *item, guint timeout_ms, char **secret);

/* In place of what was there. */
BipeKeyringOutcome
bipe_keyring_keep (const BipeKeyringItem *item, const char *secret, guint timeout_ms);
BipeKeyringOutcome bipe_keyring_forget (const BipeKeyringItem *item, guint timeout_ms);

/* Overwrites it first; for secrets. */
void bipe_keyring_wipe_and_free (char *secret);

G_END_DECLS
