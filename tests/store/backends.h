/* backends.h: the two stores, and an administrator who works behind their backs. */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

/**
 * Backend:
 * @open: an empty store
 * @clean: to be called once it is closed
 * @run: SQL, past the store
 * @refuse_poison: SQL: codes that begin with "poison" are refused: "no poison"
 * @swallow: SQL: the code "swallowed" is left out without a word
 */
typedef struct
{
  const char *name;
  BipeStore *(*open) (void);
  void (*clean) (void);
  void (*run) (const char *sql);
  const char *refuse_poison;
  const char *swallow;
} Backend;

#define N_BACKENDS 2
extern const Backend backends[N_BACKENDS];

void backends_start (void);
void backends_stop (void);

G_END_DECLS
