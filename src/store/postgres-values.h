/* postgres-values.h: values in PostgreSQL's binary form, which is a row's and a parameter's alike:
 * integers in network order, times as microseconds since 2000-01-01, arrays with a head. */
#pragma once

#include <libpq-fe.h>

#include "base/scan.h"
#include "store/columns.h"

G_BEGIN_DECLS

/* Room for a column's array each, or for a page's conditions. */
#define BIPE_PARAMETERS_MAX 20

/**
 * BipeParameters:
 *
 * What stands for $1, $2 … in a statement; the members are as PQsendQueryParams() wants them. To be
 * declared as `g_auto(BipeParameters) parameters = { 0 };`.
 */
typedef struct
{
  int n;
  Oid types[BIPE_PARAMETERS_MAX];
  const char *values[BIPE_PARAMETERS_MAX];
  int lengths[BIPE_PARAMETERS_MAX];
  int formats[BIPE_PARAMETERS_MAX];
  GByteArray *owned[BIPE_PARAMETERS_MAX];
} BipeParameters;

void bipe_parameters_clear (BipeParameters *self);

/* NULL is NULL. */
void bipe_parameters_add_text (BipeParameters *self, const char *text);
void bipe_parameters_add_integer (BipeParameters *self, gint64 value);
/* 0 is NULL. */
void bipe_parameters_add_time (BipeParameters *self, gint64 time);
void bipe_parameters_add_uuid (BipeParameters *self, const BipeUuid *uuid);

/* An array with that column of each of @scans. */
void bipe_parameters_add_column (BipeParameters *self, const BipeColumn *column, GPtrArray *scans);

/* Arrays of values. */
void bipe_parameters_add_integers (BipeParameters *self, const gint64 *values, guint n_values);
void bipe_parameters_add_uuids (BipeParameters *self, const BipeUuid *uuids, guint n_uuids);

/* What a result has there, of a type that the caller knows. */
gint64 bipe_result_get_integer (const PGresult *result, int row, int column);
gint64 bipe_result_get_time (const PGresult *result, int row, int column);
const BipeUuid *bipe_result_get_uuid (const PGresult *result, int row, int column);

/* A row of a result whose columns are BIPE_COLUMNS. */
BipeScan *bipe_result_make_scan (const PGresult *result, int row) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BipeParameters, bipe_parameters_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGresult, PQclear)

G_END_DECLS
