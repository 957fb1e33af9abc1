/* frame-scanner.c: the thread owns a lookout and the context that it lives in. Frames and rules
 * come to it by inboxes, codes and flaws go back by one, and figures are atomic. */
#include "config.h"

#include "capture/frame-scanner.h"

#include "base/inbox.h"
#include "capture/lookout.h"

struct _BipeFrameScanner
{
  GObject parent_instance;

  GThread *thread;
  GMainContext *context; /* the thread's */
  gboolean is_stopping;  /* atomic */
  BipeFrameBox *box;
  BipeInbox *rules;
  BipeInbox *news;
  struct
  {
    guint n_looks;
    guint n_second;
    guint n_deaths;
  } figures; /* atomic */

  BipeLookout *lookout; /* the thread's */
};

enum
{
  SCANNED,
  FLAWED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BipeFrameScanner, bipe_frame_scanner, G_TYPE_OBJECT)

/* From the thread to the creator. */
typedef struct
{
  BipeReading *reading; /* NULL: it is about the flaw */
  BipeSight *sight;
  BipeFlaw flaw;
} News;

static void
news_free (gpointer data)
{
  News *news = data;

  g_clear_pointer (&news->reading, bipe_reading_unref);
  g_clear_pointer (&news->sight, bipe_sight_unref);
  g_free (news);
}

static void
news_cb (GPtrArray *items, gboolean has_gap, gpointer user_data)
{
  g_autoptr(BipeFrameScanner) self = g_object_ref (user_data);

  if (has_gap)
    g_warning ("codes are lost: more than %d waited", BIPE_FRAME_SCANNER_CODES_MAX);
  for (guint i = 0; i < items->len; i++)
    {
      News *news = items->pdata[i];

      if (news->reading != NULL)
        g_signal_emit (self, signals[SCANNED], 0, news->reading, news->sight);
      else
        g_signal_emit (self, signals[FLAWED], 0, news->flaw);
    }
}

static void
scanned (BipeReading *reading, BipeSight *sight, gpointer user_data)
{
  BipeFrameScanner *self = user_data;
  News *news = g_new0 (News, 1);

  news->reading = bipe_reading_ref (reading);
  news->sight = bipe_sight_ref (sight);
  bipe_inbox_post (self->news, news);
}

static void
flawed (BipeFlaw flaw, gpointer user_data)
{
  BipeFrameScanner *self = user_data;
  News *news = g_new0 (News, 1);

  news->flaw = flaw;
  bipe_inbox_post (self->news, news);
}

static void
frame_cb (BipeFrame *frame, gpointer user_data)
{
  BipeFrameScanner *self = user_data;

  bipe_lookout_feed (self->lookout, frame);
  g_atomic_int_set (&self->figures.n_looks, bipe_lookout_get_n_looks (self->lookout));
  g_atomic_int_set (&self->figures.n_second, bipe_lookout_get_n_second (self->lookout));
  g_atomic_int_set (&self->figures.n_deaths, bipe_lookout_get_n_deaths (self->lookout));
}

typedef struct
{
  BipeSymbologies symbologies;
  gint64 absence;
} Rules;

static void
rules_cb (GPtrArray *items, gboolean has_gap, gpointer user_data)
{
  BipeFrameScanner *self = user_data;
  const Rules *rules = items->pdata[items->len - 1];

  bipe_lookout_set_rules (self->lookout, rules->symbologies, rules->absence);
}

static gpointer
run (gpointer data)
{
  static const BipeLookoutFuncs funcs = { .scanned = scanned, .flawed = flawed };
  BipeFrameScanner *self = data;

  g_main_context_push_thread_default (self->context);
  self->lookout = bipe_lookout_new (&funcs, self);
  while (!g_atomic_int_get (&self->is_stopping))
    g_main_context_iteration (self->context, TRUE);
  bipe_inbox_close (self->rules);
  bipe_frame_box_close (self->box);
  g_clear_pointer (&self->lookout, bipe_lookout_free);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
stop (BipeFrameScanner *self)
{
  if (self->thread == NULL)
    return;
  g_atomic_int_set (&self->is_stopping, TRUE);
  g_main_context_wakeup (self->context);
  g_thread_join (g_steal_pointer (&self->thread));
  bipe_inbox_close (self->news);
}

static void
bipe_frame_scanner_dispose (GObject *object)
{
  BipeFrameScanner *self = BIPE_FRAME_SCANNER (object);

  stop (self);
  g_clear_pointer (&self->news, bipe_inbox_unref);
  g_clear_pointer (&self->rules, bipe_inbox_unref);
  g_clear_pointer (&self->box, bipe_frame_box_unref);
  g_clear_pointer (&self->context, g_main_context_unref);

  G_OBJECT_CLASS (bipe_frame_scanner_parent_class)->dispose (object);
}

static void
bipe_frame_scanner_class_init (BipeFrameScannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bipe_frame_scanner_dispose;

  signals[SCANNED] = g_signal_new ("scanned", BIPE_TYPE_FRAME_SCANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_POINTER);
  signals[FLAWED] = g_signal_new ("flawed", BIPE_TYPE_FRAME_SCANNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
bipe_frame_scanner_init (BipeFrameScanner *self)
{
  g_autoptr(GMainContext) mine = g_main_context_ref_thread_default ();

  self->context = g_main_context_new ();
  self->box = bipe_frame_box_new (self->context, frame_cb, self);
  self->rules = bipe_inbox_new (self->context, G_PRIORITY_DEFAULT, 1, g_free, rules_cb, self);
  self->news = bipe_inbox_new (mine, G_PRIORITY_DEFAULT, BIPE_FRAME_SCANNER_CODES_MAX, news_free,
                               news_cb, self);
  self->thread = g_thread_new ("decoder", run, self);
}

BipeFrameScanner *
bipe_frame_scanner_new (void)
{
  return g_object_new (BIPE_TYPE_FRAME_SCANNER, NULL);
}

BipeFrameBox *
bipe_frame_scanner_get_box (BipeFrameScanner *self)
{
  return self->box;
}

void
bipe_frame_scanner_set_rules (BipeFrameScanner *self, BipeSymbologies symbologies, gint64 absence)
{
  const Rules rules = { .symbologies = symbologies, .absence = absence };

  bipe_inbox_post (self->rules, g_memdup2 (&rules, sizeof rules));
}

void
bipe_frame_scanner_get_figures (BipeFrameScanner *self, BipeFrameFigures *figures)
{
  figures->n_frames = bipe_frame_box_get_n_frames (self->box);
  figures->n_looks = (guint)g_atomic_int_get (&self->figures.n_looks);
  figures->n_second = (guint)g_atomic_int_get (&self->figures.n_second);
  figures->n_deaths = (guint)g_atomic_int_get (&self->figures.n_deaths);
}
