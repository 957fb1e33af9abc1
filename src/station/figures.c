#include "config.h"

#include "station/figures.h"

void
bipe_figures_note_commit (BipeFigures *self, GPtrArray *events, const BipeJournalCounts *counts)
{
  bipe_histogram_add (&self->commits, counts->commit_time);
  for (guint i = 0; i < events->len; i++)
    {
      const BipeEvent *event = events->pdata[i];

      if (event->kind == BIPE_EVENT_STORED)
        {
          self->n_stored++;
          bipe_histogram_add (&self->stores, event->at - bipe_uuid_get_time (&event->scan->uuid));
        }
      else if (event->kind == BIPE_EVENT_REJECTED
               || (event->kind == BIPE_EVENT_QUEUED && event->scan->state == BIPE_SCAN_REJECTED))
        self->n_rejected++;
      else if (event->kind == BIPE_EVENT_QUEUED)
        self->n_accepted++;
    }
}
