#include "config.h"

#include "server/event-feed.h"

#include <string.h>

#include "base/timestamp.h"

#define PAGE_SIZE 500

/* Past this a reader that catches up waits for its client, and is asked again after a while. */
#define BACKLOG_PAUSE (256 * 1024)
#define PAUSE_MS 20

/* What all readers together may leave untaken; but each this much, so that a stutter drops nobody.
 */
#define BACKLOG_OF_ALL (64 * 1024 * 1024)
#define BACKLOG_LEAST (256 * 1024)

struct _BipeEventFeed
{
  BipeStation *station;
  guint subscription;
  GPtrArray *readers; /* of BipeEventFeedReader, with a reference each */
};

struct _BipeEventFeedReader
{
  guint n_refs;        /* the owner's, the feed's, and that of a page on its way */
  BipeEventFeed *feed; /* NULL once it has left, or was dropped */
  const BipeEventFeedListener *listener;
  gpointer user_data;
  gint64 last;
  gboolean is_live;
  gboolean is_abreast; /* has taken, since it is live, what it had left untaken before */
  GSource *pause;
};

static void catch_up (BipeEventFeedReader *reader);

/* The forms. */

static void
append_record (GString *out, const BipeEvent *event)
{
  char at[BIPE_TIMESTAMP_SIZE];

  bipe_timestamp_format (event->at, at);
  g_string_append (out, "{\"seq\":");
  bipe_json_append_integer (out, event->seq);
  g_string_append_printf (
      out, ",\"event\":\"%s\",\"at\":\"%s\",\"scan\":", bipe_event_kind_name (event->kind), at);
  bipe_scan_append_json (event->scan, out);
  g_string_append_c (out, '}');
}

static GBytes *
wrap (BipeEventFeedForm form, gint64 seq, const char *kind, const char *record)
{
  GString *out = g_string_sized_new (strlen (record) + 64);

  switch (form)
    {
    case BIPE_EVENT_FEED_SSE:
      g_string_append_printf (out, "id: %" G_GINT64_FORMAT "\nevent: %s\ndata: %s\n\n", seq, kind,
                              record);
      break;
    case BIPE_EVENT_FEED_SOCKETIO:
      g_string_append_printf (out, "42/events,[\"event\",%s]", record);
      break;
    case BIPE_EVENT_FEED_JSON:
    default:
      g_string_append (out, record);
      break;
    }
  return g_string_free_to_bytes (out);
}

/* An event's forms, made when the first reader wants one. */
typedef struct
{
  const BipeEvent *event;
  GString *record;
  GBytes *forms[BIPE_EVENT_FEED_N_FORMS];
} Encoded;

static void
clear_encoded (Encoded *self)
{
  if (self->record != NULL)
    g_string_free (self->record, TRUE);
  for (guint i = 0; i < BIPE_EVENT_FEED_N_FORMS; i++)
    g_clear_pointer (&self->forms[i], g_bytes_unref);
}

static GBytes *
get_form (Encoded *self, BipeEventFeedForm form)
{
  if (self->record == NULL)
    {
      self->record = g_string_sized_new (640);
      append_record (self->record, self->event);
    }
  if (self->forms[form] == NULL)
    self->forms[form] = wrap (form, self->event->seq, bipe_event_kind_name (self->event->kind),
                              self->record->str);
  return self->forms[form];
}

/* The readers. */

static void
unref_reader (BipeEventFeedReader *self)
{
  if (--self->n_refs > 0)
    return;
  g_free (self);
}

static BipeEventFeedReader *
ref_reader (BipeEventFeedReader *self)
{
  self->n_refs++;
  return self;
}

static void
stop_pause (BipeEventFeedReader *self)
{
  if (self->pause == NULL)
    return;
  g_source_destroy (self->pause);
  g_clear_pointer (&self->pause, g_source_unref);
}

static void
remove_reader (BipeEventFeedReader *self)
{
  BipeEventFeed *feed = g_steal_pointer (&self->feed);

  if (feed == NULL)
    return;
  stop_pause (self);
  g_ptr_array_remove_fast (feed->readers, self);
}

static void
drop (BipeEventFeedReader *self)
{
  remove_reader (self);
  self->listener->dropped (self->user_data);
}

/* A page of old events comes at once: it counts only when there was time to take it. */
static gboolean
lags (BipeEventFeedReader *self)
{
  gsize share = CLAMP (BACKLOG_OF_ALL / self->feed->readers->len, BACKLOG_LEAST,
                       BIPE_EVENT_FEED_BACKLOG_MAX);
  gsize backlog = self->listener->get_backlog (self->user_data);

  if (self->is_live && backlog <= share)
    self->is_abreast = TRUE;
  return backlog > (self->is_abreast ? share : BIPE_EVENT_FEED_BACKLOG_MAX);
}

static void
give (BipeEventFeedReader *self, Encoded *encoded)
{
  self->last = encoded->event->seq;
  self->listener->event (get_form (encoded, self->listener->form), self->user_data);
  if (self->feed != NULL && lags (self))
    drop (self);
}

static void
give_reset (BipeEventFeedReader *self, gint64 last)
{
  g_autofree char *record
      = g_strdup_printf ("{\"seq\":%" G_GINT64_FORMAT ",\"event\":\"reset\"}", last);
  g_autoptr(GBytes) bytes = wrap (self->listener->form, last, "reset", record);

  self->listener->event (bytes, self->user_data);
}

static gboolean
pause_cb (gpointer user_data)
{
  BipeEventFeedReader *self = user_data;

  if (self->listener->get_backlog (self->user_data) > BACKLOG_PAUSE)
    return G_SOURCE_CONTINUE;
  stop_pause (self);
  catch_up (self);
  return G_SOURCE_REMOVE;
}

static void
take_page (BipeEventFeedReader *self, const BipeEventPage *page)
{
  if (page->has_gap)
    give_reset (self, page->events->len > 0 ? ((const BipeEvent *)page->events->pdata[0])->seq - 1
                                            : page->last);
  for (guint i = 0; i < page->events->len && self->feed != NULL; i++)
    {
      Encoded encoded = { .event = page->events->pdata[i] };

      give (self, &encoded);
      clear_encoded (&encoded);
    }
  self->last = page->last;
  self->is_live = page->is_last;
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeEventFeedReader *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeEventPage) page
             = bipe_records_list_events_finish (BIPE_RECORDS (source), result, &error);

  if (self->feed != NULL && page == NULL)
    {
      g_warning ("cannot read events again: %s", error->message);
      drop (self);
    }
  else if (self->feed != NULL)
    {
      take_page (self, page);
      if (self->feed != NULL && !self->is_live)
        catch_up (self);
    }
  unref_reader (self);
}

/* Page after page, as fast as the reader takes them, until it is where the station is. */
static void
catch_up (BipeEventFeedReader *self)
{
  if (self->listener->get_backlog (self->user_data) > BACKLOG_PAUSE)
    {
      self->pause = g_timeout_source_new (PAUSE_MS);
      g_source_set_callback (self->pause, pause_cb, self, NULL);
      g_source_attach (self->pause, g_main_context_get_thread_default ());
      return;
    }
  bipe_records_list_events_async (bipe_station_get_records (self->feed->station), self->last,
                                  PAGE_SIZE, page_cb, ref_reader (self));
}

/* The readers are counted from the end: one that leaves changes places with the last. */
static void
give_all (BipeEventFeed *self, const BipeEvent *event)
{
  Encoded encoded = { .event = event };

  for (guint i = self->readers->len; i > 0; i--)
    {
      BipeEventFeedReader *reader;

      if (i > self->readers->len)
        continue;
      reader = ref_reader (self->readers->pdata[i - 1]);
      if (reader->is_live && event->seq > reader->last)
        give (reader, &encoded);
      unref_reader (reader);
    }
  clear_encoded (&encoded);
}

/* Events were lost on the way here, not in the journal: it tells them again. A reader that has had
 * none yet knows no number to go on from; its connection ends, so that it knows. */
static void
fall_back (BipeEventFeed *self)
{
  for (guint i = self->readers->len; i > 0; i--)
    {
      BipeEventFeedReader *reader = self->readers->pdata[i - 1];

      if (!reader->is_live)
        continue;
      reader->is_live = FALSE;
      reader->is_abreast = FALSE;
      if (reader->last == 0)
        drop (reader);
      else
        catch_up (reader);
    }
}

static void
events_cb (GPtrArray *events, gboolean has_gap, gpointer user_data)
{
  BipeEventFeed *self = user_data;

  if (has_gap)
    fall_back (self);
  for (guint i = 0; i < events->len; i++)
    if (((const BipeEvent *)events->pdata[i])->kind != BIPE_EVENT_STATUS)
      give_all (self, events->pdata[i]);
}

BipeEventFeed *
bipe_event_feed_new (BipeStation *station)
{
  BipeEventFeed *self = g_new0 (BipeEventFeed, 1);

  self->station = g_object_ref (station);
  self->readers = g_ptr_array_new_with_free_func ((GDestroyNotify)unref_reader);
  self->subscription = bipe_events_subscribe (
      bipe_station_get_events (station), g_main_context_get_thread_default (), events_cb, self);
  return self;
}

void
bipe_event_feed_free (BipeEventFeed *self)
{
  bipe_events_unsubscribe (bipe_station_get_events (self->station), self->subscription);
  g_ptr_array_unref (self->readers);
  g_object_unref (self->station);
  g_free (self);
}

BipeEventFeedReader *
bipe_event_feed_join (BipeEventFeed *self,
                      gint64 after,
                      const BipeEventFeedListener *listener,
                      gpointer user_data)
{
  BipeEventFeedReader *reader = g_new0 (BipeEventFeedReader, 1);

  reader->n_refs = 2;
  reader->feed = self;
  reader->listener = listener;
  reader->user_data = user_data;
  reader->last = MAX (after, 0);
  reader->is_live = after < 0;
  g_ptr_array_add (self->readers, reader);
  if (!reader->is_live)
    catch_up (reader);
  return reader;
}

void
bipe_event_feed_leave (BipeEventFeedReader *reader)
{
  remove_reader (reader);
  unref_reader (reader);
}

void
bipe_event_feed_drop_all (BipeEventFeed *self)
{
  while (self->readers->len > 0)
    drop (self->readers->pdata[self->readers->len - 1]);
}
