/* Between returns_mailbox.c (the loop's side) and returns_reader.c (the thread's) only. What both share is under `lock`; the thread calls nothing of the host but `post`,
 * and that only under the lock while the mailbox is open, so that nothing comes to the host after close. */
#ifndef NURTURE_EMAIL_RETURNS_READER_H
#define NURTURE_EMAIL_RETURNS_READER_H

#include "returns_box.h"
#include "returns_came.h"
#include "returns_dialog.h"
#include "returns_mailbox.h"

#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	BATCH = 16,
	ASIDE_MOST = 100000, /* names are remembered; more stay in the way */
	ASIDE_MANY = 1000,   /* from then on it is a trouble */
};

struct batch;

struct message {
	struct batch *batch;
	struct box_item item;
	struct came came;
	bool read;
	enum box_got got;
	enum box_fate fate;
};

struct batch {
	struct returns_mailbox *box;
	struct message messages[BATCH];
	int count;
	int waiting; /* under lock: for the host's word, and for the telling itself; 0: the thread has it again */
};

struct counts {
	uint64_t recorded, known, unproven, nobody, nothing, unreadable;
};

struct returns_mailbox {
	const struct nurture_host *host;
	const struct box_settings *settings;
	const struct returns_settings *returns; /* of all mailboxes */
	struct desk *desk;           /* NULL, or who hears of complaints; of the loop */
	pthread_t thread;
	int stop_fd;
	struct nurture_timer *asks;  /* of the loop, each second: whether the channel is ours */
	atomic_bool ours;            /* only then a look begins: another process reads the mailbox else */
	GHashTable *aside;           /* of the thread: names of messages that a person must look at, */
	GHashTable *tries;           /* and of those that could not be read: how often */
	uint64_t settled;            /* of the thread: messages that are out of the way, by this look */

	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool closed, draining;       /* no more of the host; no more messages */
	bool told;                   /* what is not well was told */
	struct counts counts;
	char trouble[DIALOG_WHY];    /* "" = the last look was well */
	uint64_t looks;
	uint64_t passed_over;        /* names in `aside` */
	struct counts shown;         /* as told last */
	uint64_t shown_passed_over;
};

/* The thread: looks again and again until the mailbox is closed or drains. arg: a returns_mailbox. */
void *returns_read(void *arg);

/* Of the loop, posted by the thread. */
void returns_on_batch(void *batch); /* tells the host of each; `waiting` is 0 when it has answered all */
void returns_on_look(void *mailbox);
void returns_on_news(void *mailbox);

#endif
