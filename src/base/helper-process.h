/* helper-process.h: a process of another program of ours, which does for the station what may end
 * the one that does it. Its standard input is a socket (SOCK_SEQPACKET), on which it also answers.
 * The mechanism alone: what is said, and for how long it may think, is its user's matter. May be
 * used by any one thread at a time. How such a program begins: base/confinement.h. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BipeHelperProgram:
 * @file: the program's name
 * @room: whose folder `helper` it is built in
 * @variable: of the environment: names another program, a test's
 * @failure: what is said where it can't be started, marked for translation
 */
typedef struct
{
  const char *file;
  const char *room;
  const char *variable;
  const char *failure;
} BipeHelperProgram;

typedef struct _BipeHelperProcess BipeHelperProcess;

/**
 * bipe_helper_process_new:
 * @given: a descriptor that it gets beside the socket, and as which @number; −1: none
 *
 * Returns: (nullable): NULL with BIPE_ERROR_UNAVAILABLE where it can't be started
 */
BipeHelperProcess *bipe_helper_process_new (const BipeHelperProgram *program,
                                            int given,
                                            int number,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Ends it, whatever it does, and does not wait until it is gone: for a thread that may not. */
void bipe_helper_process_free (BipeHelperProcess *self);

/* Likewise, and nothing of it is left afterwards. */
void bipe_helper_process_free_and_wait (BipeHelperProcess *self);

/* FALSE: it does not listen: it has died, or is about to. Never waits. */
gboolean bipe_helper_process_send (BipeHelperProcess *self, const void *bytes, gsize length);

/* The length of a message; 0: it has died, or said more than @size; −1: it has said nothing yet.
 * Never waits. */
gssize bipe_helper_process_receive (BipeHelperProcess *self, guint8 *bytes, gsize size);

/* To wait for what it says. */
int bipe_helper_process_get_socket (BipeHelperProcess *self);

/* For a log or a test. */
int bipe_helper_process_get_number (BipeHelperProcess *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeHelperProcess, bipe_helper_process_free)

G_END_DECLS
