#include "config.h"

#include "app/speak-rules.h"

#include <string.h>

typedef struct
{
  GPatternSpec *pattern;
  char *text;
} Rule;

struct _BipeSpeakRules
{
  GArray *rules; /* of Rule */
};

static void
clear_rule (gpointer data)
{
  Rule *rule = data;

  g_pattern_spec_free (rule->pattern);
  g_free (rule->text);
}

static gboolean
is_rule (const char *pattern, const char *text)
{
  return pattern[0] != '\0' && g_utf8_strlen (pattern, -1) <= BIPE_SPEAK_RULE_LENGTH_MAX
         && g_utf8_strlen (text, -1) <= BIPE_SPEAK_RULE_LENGTH_MAX;
}

BipeSpeakRules *
bipe_speak_rules_new (GVariant *rules)
{
  BipeSpeakRules *self = g_new0 (BipeSpeakRules, 1);
  const char *pattern, *text;
  GVariantIter iter;

  self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  g_array_set_clear_func (self->rules, clear_rule);
  if (rules == NULL)
    return self;
  g_variant_iter_init (&iter, rules);
  while (self->rules->len < BIPE_SPEAK_RULES_MAX
         && g_variant_iter_next (&iter, "(&s&s)", &pattern, &text))
    if (is_rule (pattern, text))
      {
        Rule rule = { .pattern = g_pattern_spec_new (pattern), .text = g_strdup (text) };

        g_array_append_val (self->rules, rule);
      }
  return self;
}

void
bipe_speak_rules_free (BipeSpeakRules *self)
{
  g_array_unref (self->rules);
  g_free (self);
}

const char *
bipe_speak_rules_find (const BipeSpeakRules *self, const char *code)
{
  gsize length = strlen (code);
  g_autofree char *reversed = g_utf8_strreverse (code, (gssize)length);

  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = &g_array_index (self->rules, Rule, i);

      if (g_pattern_spec_match (rule->pattern, length, code, reversed))
        return rule->text;
    }
  return NULL;
}
