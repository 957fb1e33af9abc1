#include "config.h"

#include "base/error.h"

G_DEFINE_QUARK (BipeError, bipe_error)
