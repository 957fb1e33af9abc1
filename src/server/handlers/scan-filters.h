/* scan-filters.h: the parameters by which scans are asked for. */
#pragma once

#include "base/query.h"

G_BEGIN_DECLS

/**
 * bipe_scan_filters_parse:
 * @parameters: names and values in turn. Unknown ones are ignored
 * @limit: where nobody says
 * @limit_max: what may be said
 *
 * Returns: (nullable): %NULL: a known one has a bad value or is given twice: BIPE_ERROR_INVALID,
 * which names it
 */
BipeQuery *bipe_scan_filters_parse (GPtrArray *parameters,
                                    guint limit,
                                    guint limit_max,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
