/* choice-row.h: one of several values to choose; however narrow, the one that is chosen is read. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_CHOICE_ROW (bipe_choice_row_get_type ())
G_DECLARE_FINAL_TYPE (BipeChoiceRow, bipe_choice_row, BIPE, CHOICE_ROW, AdwComboRow)

G_END_DECLS
