/* types.h: forward names of the types that headers speak of, so that no header includes another
 * only for a pointer. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct _BipeChange BipeChange;
typedef struct _BipeClock BipeClock;
typedef struct _BipeDataDir BipeDataDir;
typedef struct _BipeEvent BipeEvent;
typedef struct _BipeQuery BipeQuery;
typedef struct _BipeScan BipeScan;
typedef struct _BipeSettings BipeSettings;
typedef struct _BipeStatus BipeStatus;
typedef struct _BipeUuidSource BipeUuidSource;
typedef struct _BipeWorker BipeWorker;

typedef struct _BipeEvents BipeEvents;
typedef struct _BipeForwarder BipeForwarder;
typedef struct _BipeJournal BipeJournal;
typedef struct _BipeStation BipeStation;
typedef struct _BipeStore BipeStore;

G_END_DECLS
