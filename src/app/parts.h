/* parts.h: what the window is made of, for the dialogs that it opens. Borrowed. */
#pragma once

#include "access/pairing.h"
#include "app/announcer.h"
#include "app/board.h"
#include "app/camera-controller.h"
#include "app/network.h"
#include "app/station-setup.h"

G_BEGIN_DECLS

typedef struct
{
  BipeSettings *settings; /* outlive all windows */
  GSettings *saved;       /* NULL: nothing is saved */
  BipeStationSetup *setup;
  BipeBoard *board;
  BipeNetwork *network;
  BipePairing *pairing;
  BipeCameraController *camera;
  BipeAnnouncer *announcer;
} BipeParts;

G_END_DECLS
