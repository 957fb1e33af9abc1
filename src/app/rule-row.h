/* rule-row.h: one rule of what is said of which codes, in the list of them. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * BipeRuleRow:pattern: of the codes
 * BipeRuleRow:text: that is said
 * BipeRuleRow:is-first: there is none above
 */

/**
 * BipeRuleRow::removed: the operator wants it no more
 * BipeRuleRow::raised: the operator wants it before the one above
 */
#define BIPE_TYPE_RULE_ROW (bipe_rule_row_get_type ())
G_DECLARE_FINAL_TYPE (BipeRuleRow, bipe_rule_row, BIPE, RULE_ROW, AdwExpanderRow)

GtkWidget *bipe_rule_row_new (const char *pattern, const char *text);

void bipe_rule_row_set (BipeRuleRow *self, const char *pattern, const char *text);

/* Opens it, for the pattern to be typed. */
void bipe_rule_row_edit (BipeRuleRow *self);

G_END_DECLS
