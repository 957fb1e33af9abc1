/* prompt-dialog.h: asks for one line of text. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define BIPE_TYPE_PROMPT_DIALOG (bipe_prompt_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BipePromptDialog, bipe_prompt_dialog, BIPE, PROMPT_DIALOG, AdwMessageDialog)

/* Whether the text can be accepted. */
typedef gboolean (*BipePromptCheck) (const char *text);

/**
 * bipe_prompt_dialog_new:
 * @heading: the question
 * @label: names the text
 * @verb: the button that accepts; its response is "accept", the other's "cancel"
 * @check: (nullable): %NULL: any text will do
 */
BipePromptDialog *bipe_prompt_dialog_new (GtkWindow *parent,
                                          const char *heading,
                                          const char *body,
                                          const char *label,
                                          const char *verb,
                                          AdwResponseAppearance appearance,
                                          BipePromptCheck check);

const char *bipe_prompt_dialog_get_text (BipePromptDialog *self);
void bipe_prompt_dialog_set_text (BipePromptDialog *self, const char *text);

G_END_DECLS
