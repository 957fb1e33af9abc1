/* columns.h: the table `scan` as both dialects have it: which member of a BipeScan is which column,
 * and the condition that a page of the history asks for. */
#pragma once

#include "base/query.h"
#include "base/scan.h"

G_BEGIN_DECLS

typedef enum
{
  BIPE_COLUMN_INTEGER,
  BIPE_COLUMN_UUID,
  BIPE_COLUMN_TEXT,
  BIPE_COLUMN_SOURCE, /* a BipeScanSource, by its name */
  BIPE_COLUMN_TIME,   /* 0 is NULL */
} BipeColumnType;

typedef struct
{
  BipeColumnType type;
  gsize offset;
} BipeColumn;

/* For SQL, in the order of bipe_columns. The first ones are the scan's own; the others are given by
 * the database, or come later. */
#define BIPE_COLUMNS_INSERTED                                                                      \
  "uuid, key, code, aim, symbology, source, device, station, operator, scanned_at, collected_at, " \
  "code_read"
#define BIPE_COLUMNS BIPE_COLUMNS_INSERTED ", id, stored_at, voided_at, reason"
#define BIPE_N_COLUMNS_INSERTED 12
#define BIPE_N_COLUMNS 16

extern const BipeColumn bipe_columns[BIPE_N_COLUMNS];

/* What stands in @scan, of the column's own type; text of a SOURCE, too. */
const char *bipe_column_get_text (const BipeColumn *self, const BipeScan *scan);
gint64 bipe_column_get_integer (const BipeColumn *self, const BipeScan *scan);

/* Put a value read into @fields. @text is borrowed until bipe_columns_make_scan(). */
void bipe_column_set_text (const BipeColumn *self, BipeScan *fields, const char *text);
void bipe_column_set_integer (const BipeColumn *self, BipeScan *fields, gint64 value);

/* The scan of a row whose columns have been put into @fields. Others may have written the row:
 * what is no UTF-8 is made so, a source unknown to us is an import. */
BipeScan *bipe_columns_make_scan (BipeScan *fields) G_GNUC_WARN_UNUSED_RESULT;

/**
 * BipeQueryValue:
 * @type: %BIPE_COLUMN_INTEGER, %BIPE_COLUMN_TIME or %BIPE_COLUMN_TEXT
 *
 * The value of a parameter.
 */
typedef struct
{
  BipeColumnType type;
  gint64 integer;
  char *text;
} BipeQueryValue;

/**
 * bipe_columns_build_page:
 * @like: (nullable): the dialect's operator that ignores letter case; %NULL: its function
 *   contains (code, text) shall
 * @values: gets the values of $1, $2 …
 *
 * Returns: (transfer full): the SELECT of the page that @query asks for
 */
char *bipe_columns_build_page (const BipeQuery *query,
                               const char *like,
                               GArray *values) G_GNUC_WARN_UNUSED_RESULT;

/* An array of BipeQueryValue that owns them. */
GArray *bipe_query_values_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
