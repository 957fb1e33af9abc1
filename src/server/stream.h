/* stream.h: a list of any length as one answer. A page of the store is asked for when the one
 * before has been written, so memory does not grow with the list, and a slow client slows the
 * reading. */
#pragma once

#include "base/query.h"
#include "server/exchange.h"

G_BEGIN_DECLS

typedef struct
{
  const char *content_type;
  const char *head;
  const char *separator; /* between two rows */
  const char *tail;
  void (*append) (const BipeScan *scan, GString *out);
} BipeStreamFormat;

/* Takes @query; its limit is the page. The first page is fetched before anything is sent, so that a
 * store that can't be reached is told as any failure; one that goes away later breaks the answer
 * off. */
void bipe_stream_start (BipeExchange *exchange, const BipeStreamFormat *format, BipeQuery *query);

G_END_DECLS
