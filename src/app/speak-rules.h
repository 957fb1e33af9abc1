/* speak-rules.h: which text is said of which codes, as the operator has set it: the first rule
 * whose pattern fits a code counts. A value, not changed once it is made. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of the setting; what is past them does not count. */
#define BIPE_SPEAK_RULES_MAX 200
#define BIPE_SPEAK_RULE_LENGTH_MAX 200 /* characters of a pattern, and of a text */

/* As the setting has them: a pattern, in which * is any text and ? any character, and a text. */
#define BIPE_SPEAK_RULES_TYPE "a(ss)"

typedef struct _BipeSpeakRules BipeSpeakRules;

/* @rules: (nullable): of BIPE_SPEAK_RULES_TYPE; one without a pattern does not count */
BipeSpeakRules *bipe_speak_rules_new (GVariant *rules) G_GNUC_WARN_UNUSED_RESULT;
void bipe_speak_rules_free (BipeSpeakRules *self);

/* The text for @code; "": nothing is said. NULL: there is no rule for it. */
const char *bipe_speak_rules_find (const BipeSpeakRules *self, const char *code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeSpeakRules, bipe_speak_rules_free)

G_END_DECLS
