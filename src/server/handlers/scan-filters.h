/* scan-filters.h: the parameters of GET /v1/scans. */
#pragma once

#include "base/query.h"

G_BEGIN_DECLS

/* @parameters: names and values in turn. Unknown ones are ignored; a known one with a bad value, or
 * given twice, is BIPE_ERROR_INVALID, and named. */
BipeQuery *bipe_scan_filters_parse (GPtrArray *parameters,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
