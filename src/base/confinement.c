#include "config.h"

#include "base/confinement.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define NICENESS 5

#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED TRUE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED TRUE
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED FALSE
#endif

gboolean
bipe_confinement_is_started_by_the_station (void)
{
  int type = 0;
  socklen_t size = sizeof type;

  return getsockopt (STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0
         && type == SOCK_SEQPACKET;
}

static void
limit (int resource, rlim_t most)
{
  struct rlimit limits;

  if (getrlimit (resource, &limits) < 0)
    return;
  limits.rlim_cur = MIN (most, limits.rlim_max);
  limits.rlim_max = limits.rlim_cur;
  setrlimit (resource, &limits);
}

void
bipe_confinement_enter (guint files, gsize memory)
{
  if (setpriority (PRIO_PROCESS, 0, NICENESS) < 0)
    g_debug ("niceness: %s", g_strerror (errno));
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_NOFILE, files);
  if (memory > 0 && !IS_SANITIZED)
    limit (RLIMIT_AS, memory);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
