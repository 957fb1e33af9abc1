/* stream.h: a list of any length as one answer. A page of the store is asked for when the one
 * before has been written, so memory does not grow with the list, and a slow client slows the
 * reading. */
#pragma once

#include "base/query.h"
#include "server/exchange.h"

G_BEGIN_DECLS

/* As a query's limit. */
#define BIPE_STREAM_ALL G_MAXUINT

/**
 * BipeStreamFormat:
 * @disposition: (nullable): the header Content-Disposition
 * @separator: between two rows
 *
 * How the list is written down. All but @disposition are static.
 */
typedef struct
{
  const char *content_type;
  const char *disposition;
  const char *head;
  const char *separator;
  const char *tail;
  void (*append) (const BipeScan *scan, GString *out);
} BipeStreamFormat;

/* Copies @format and takes @query; its limit is that of the list, and may be BIPE_STREAM_ALL. The
 * first page is fetched before anything is sent, so that a store that can't be reached is told as
 * any failure; one that goes away later breaks the answer off. */
void bipe_stream_start (BipeExchange *exchange, const BipeStreamFormat *format, BipeQuery *query);

G_END_DECLS
