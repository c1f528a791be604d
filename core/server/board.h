/* The board: memory that master and workers share across fork and exec. One slot a worker: its heartbeat, how far its
 * start came, what it is doing just now. Workers write their own slot only; the master reads all. */
#ifndef NURTURE_SERVER_BOARD_H
#define NURTURE_SERVER_BOARD_H

#include "base/clock.h"
#include "base/worker.h"

#include <stdatomic.h>

enum { BOARD_SLOTS = 512, BOARD_PROBLEM = 1024 };

enum board_state { BOARD_STARTING, BOARD_RUNNING, BOARD_FAILED };

struct board_slot {
	_Atomic int64_t beat;        /* mono_now() of the last heartbeat */
	_Atomic int state;           /* enum board_state */
	_Atomic int works;           /* of a channel: 1 = opened, -1 = it does not open, 0 = not known */
	_Atomic int trial;           /* the master's: started beside a generation that is live */
	char owner[WORKER_OWNER];    /* of its leases: given back when it has died */
	char note[WORKER_NOTE];
	char problem[BOARD_PROBLEM]; /* why the start failed; read after the process has ended */
};

struct board {
	char trouble[WORKER_TROUBLE]; /* of the last reload; the master writes it, the jobs worker tells it */
	struct board_slot slots[BOARD_SLOTS];
};

struct board *board_new(int *fd, struct error *error) MUST_USE;
struct board *board_open(int fd); /* NULL: errno says why */
/* The note names a rule, a step, a segment or a campaign. */
bool board_note_place(const char note[WORKER_NOTE]);
/* The lead whose turn the note names ("lead 4711 …"), or 0. */
int64_t board_note_lead(const char note[WORKER_NOTE]);

#endif
