/* fixed.h: settings that can't be changed in the window, since the environment or the command line
 * has them. */
#pragma once

#include "base/types.h"

G_BEGIN_DECLS

/* Where @setting, which can't be changed here, comes from: a variable's name, or "command line".
 * NULL: it can. */
const char *bipe_fixed_get (BipeSettings *settings, const char *setting);

/* The same in words; NULL where it is. @fixed: (nullable): as of bipe_fixed_get() */
char *bipe_fixed_describe (const char *fixed);

G_END_DECLS
