#include "config.h"

#include "app/prompt-dialog.h"

struct _BipePromptDialog
{
  AdwMessageDialog parent_instance;

  BipePromptCheck check;
  GtkEditable *row;
};

G_DEFINE_FINAL_TYPE (BipePromptDialog, bipe_prompt_dialog, ADW_TYPE_MESSAGE_DIALOG)

static void
changed_cb (BipePromptDialog *self)
{
  if (self->check != NULL)
    adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "accept",
                                             self->check (gtk_editable_get_text (self->row)));
}

static void
bipe_prompt_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), BIPE_TYPE_PROMPT_DIALOG);
  G_OBJECT_CLASS (bipe_prompt_dialog_parent_class)->dispose (object);
}

static void
bipe_prompt_dialog_class_init (BipePromptDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = bipe_prompt_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/bipe/Bipe/prompt-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, BipePromptDialog, row);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
}

static void
bipe_prompt_dialog_init (BipePromptDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

BipePromptDialog *
bipe_prompt_dialog_new (GtkWindow *parent,
                        const char *heading,
                        const char *body,
                        const char *label,
                        const char *verb,
                        AdwResponseAppearance appearance,
                        BipePromptCheck check)
{
  BipePromptDialog *self = g_object_new (BIPE_TYPE_PROMPT_DIALOG, "transient-for", parent,
                                         "heading", heading, "body", body, NULL);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (self);

  self->check = check;
  adw_message_dialog_add_response (dialog, "accept", verb);
  adw_message_dialog_set_response_appearance (dialog, "accept", appearance);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), label);
  changed_cb (self);
  return self;
}

const char *
bipe_prompt_dialog_get_text (BipePromptDialog *self)
{
  return gtk_editable_get_text (self->row);
}

void
bipe_prompt_dialog_set_text (BipePromptDialog *self, const char *text)
{
  gtk_editable_set_text (self->row, text);
}
