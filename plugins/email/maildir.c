/* The Maildir outbox as a relay: one thread does all disk work, in batches, so that the loop never waits for a disk.
 *
 *   send ──► WRITE ──► permit asked ──► given ──► MOVE ──► sent (also if it was there already, from an attempt before)
 *              │                          └ denied, or cancelled ──► DROP ──► cancelled
 *              └ failed ──► channel_down
 *
 * A batch is what came in while the thread was at the disk, BATCH_MAX jobs at most: all its files are written, then all
 * fsynced, then all moved and new/ fsynced once. Jobs go over by a queue under a mutex and come back by the host's `post`, the one function that
 * the thread may call; it never sees a letter, only its handle. Whether a batch is on its way back when the relay closes
 * is told by `away`: then the last to come home frees. */
#include "maildir.h"

#include "relay.h"

#include <pthread.h>
#include <sys/queue.h>
#include <stdio.h>
#include <string.h>

enum { BATCH_MAX = 64 };
enum step { STEP_WRITE, STEP_MOVE, STEP_DROP };

struct job {
	struct job *next;
	enum step step;
	enum maildir_result result;
	struct nurture_handle handle;
	struct maildir_mail mail;
	GString *message; /* until it has come home from being written */
};

struct maildir {
	struct relay relay;
	struct desk *desk;
	struct maildir_disk *disk; /* the thread's */
	pthread_t thread;
	bool started;
	pthread_mutex_t mutex;     /* guards the three below */
	pthread_cond_t wake;
	struct job *todo, **todo_end;
	LIST_HEAD(, batch) posted; /* on their way home: after close the host runs none of them */
	bool stop;
};

struct batch {
	LIST_ENTRY(batch) entry;
	struct maildir *maildir;
	struct job *jobs;
};

static void job_free(struct job *job)
{
	if (job->message)
		g_string_free(job->message, TRUE);
	g_free(job);
}

/* Thread: first all writes, so that the file system can bring them to disk together. */
static void work_write(struct maildir_disk *disk, struct job *jobs)
{
	for (struct job *job = jobs; job; job = job->next)
		if (job->step == STEP_WRITE)
			job->result = maildir_write(disk, &job->mail, job->message);
	for (struct job *job = jobs; job; job = job->next)
		if (job->step == STEP_WRITE && job->result == MAILDIR_DONE)
			job->result = maildir_sync(disk, &job->mail);
}

static void work_move(struct maildir_disk *disk, struct job *jobs)
{
	unsigned moved = 0;
	char why[MAILDIR_WHY];
	for (struct job *job = jobs; job; job = job->next) {
		if (job->step == STEP_DROP)
			maildir_drop(disk, &job->mail);
		if (job->step == STEP_MOVE)
			moved += (job->result = maildir_move(disk, &job->mail)) == MAILDIR_DONE;
	}
	if (!moved || maildir_settle(disk, why) == MAILDIR_DONE)
		return;
	for (struct job *job = jobs; job; job = job->next)
		if (job->step == STEP_MOVE && job->result == MAILDIR_DONE) {
			job->result = MAILDIR_DOUBT;
			memcpy(job->mail.why, why, sizeof why);
		}
}

static void on_home(void *arg);

/* Thread, under the mutex: the first jobs of the queue. */
static struct job *take_batch(struct maildir *m)
{
	struct job *first = m->todo, **end = &m->todo;
	for (int i = 0; i < BATCH_MAX && *end; i++)
		end = &(*end)->next;
	m->todo = *end;
	if (!m->todo)
		m->todo_end = &m->todo;
	if (first)
		*end = NULL;
	return first;
}

static void *thread_main(void *arg)
{
	struct maildir *m = arg;
	const struct nurture_host *host = m->desk->host;
	for (;;) {
		pthread_mutex_lock(&m->mutex);
		while (!m->todo && !m->stop)
			pthread_cond_wait(&m->wake, &m->mutex);
		struct job *jobs = take_batch(m);
		pthread_mutex_unlock(&m->mutex);
		if (!jobs)
			return NULL;
		work_write(m->disk, jobs);
		work_move(m->disk, jobs);
		struct batch *batch = g_new(struct batch, 1);
		*batch = (struct batch){.maildir = m, .jobs = jobs};
		pthread_mutex_lock(&m->mutex);
		LIST_INSERT_HEAD(&m->posted, batch, entry);
		pthread_mutex_unlock(&m->mutex);
		host->post(host->data, on_home, batch);
	}
}

/* Loop: one job to the thread. */
static void submit(struct maildir *m, struct job *job, enum step step)
{
	job->step = step;
	job->next = NULL;
	pthread_mutex_lock(&m->mutex);
	*m->todo_end = job;
	m->todo_end = &job->next;
	pthread_cond_signal(&m->wake);
	pthread_mutex_unlock(&m->mutex);
}

static void drop(struct maildir *m, struct letter *letter, const char *reason)
{
	submit(m, letter->owner, STEP_DROP);
	letter_end(letter, NURTURE_CANCELLED, reason, NULL, 0);
}

static void after_write(struct maildir *m, struct job *job, struct letter *letter)
{
	g_string_free(job->message, TRUE);
	job->message = NULL;
	if (letter && (job->result == MAILDIR_DONE || job->result == MAILDIR_THERE)) {
		letter->owner = job; /* also a repeat asks: nothing is recorded as sent without permission */
		if (letter->cancelled)
			drop(m, letter, NULL);
		else
			letter_ask(letter);
		return;
	}
	if (letter)
		letter_end(letter, NURTURE_CHANNEL_DOWN, job->mail.why, NULL, 0);
	if (!letter && job->result == MAILDIR_DONE)
		submit(m, job, STEP_DROP);
	else
		job_free(job);
}

static void after_move(struct job *job, struct letter *letter)
{
	switch (letter ? job->result : MAILDIR_DONE) {
	case MAILDIR_DONE:
		if (letter)
			letter_end(letter, NURTURE_SENT, NULL, job->mail.name, 0);
		break;
	case MAILDIR_THERE:
		letter_end(letter, NURTURE_SENT, "it was in the outbox already", job->mail.name, 0);
		break;
	case MAILDIR_FAILED:
		letter_end(letter, NURTURE_CHANNEL_DOWN, job->mail.why, NULL, 0);
		break;
	case MAILDIR_DOUBT:
		letter_end(letter, NURTURE_UNKNOWN, job->mail.why, job->mail.name, 0);
		break;
	}
	job_free(job);
}

static void maildir_free(struct maildir *m)
{
	pthread_cond_destroy(&m->wake);
	pthread_mutex_destroy(&m->mutex);
	maildir_disk_free(m->disk);
	g_free(m);
}

/* Loop: a batch came back from the disk. */
static void on_home(void *arg)
{
	struct batch *batch = arg;
	struct maildir *m = batch->maildir;
	pthread_mutex_lock(&m->mutex);
	LIST_REMOVE(batch, entry);
	pthread_mutex_unlock(&m->mutex);
	for (struct job *job = batch->jobs, *next; job; job = next) {
		next = job->next;
		struct letter *letter = desk_find(m->desk, job->handle);
		if (job->step == STEP_WRITE)
			after_write(m, job, letter);
		else if (job->step == STEP_MOVE)
			after_move(job, letter);
		else
			job_free(job);
	}
	g_free(batch);
}

static void on_permitted(void *relay, struct letter *letter)
{
	struct maildir *m = relay;
	if (letter->cancelled || letter->permission == PERMISSION_DENIED)
		drop(m, letter, letter->cancelled ? NULL : "permission was refused");
	else
		submit(m, letter->owner, STEP_MOVE);
}

/* While the disk has it, the answer waits; between the two steps it can go at once. */
static void on_cancel(void *relay, struct letter *letter)
{
	struct maildir *m = relay;
	if (letter->permission == PERMISSION_ASKED)
		drop(m, letter, NULL);
}

static void maildir_send(struct relay *relay, struct letter *letter)
{
	struct maildir *m = (struct maildir *)relay;
	struct job *job = g_new0(struct job, 1);
	job->handle = letter->handle;
	job->mail.fd = -1;
	job->message = letter->message;
	letter->message = NULL;
	maildir_name(job->mail.name, letter->touch_id);
	submit(m, job, STEP_WRITE);
}

static void maildir_drain(struct relay *relay)
{
	(void)relay; /* a disk's queue is short: all of it is finished */
}

/* After the thread has ended: removes what waited in tmp/ for a permission. */
static void drop_waiting(struct maildir *m)
{
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, m->desk->letters);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		struct letter *letter = value;
		struct job *job = letter->owner;
		if (!job || letter->permission != PERMISSION_ASKED)
			continue;
		maildir_drop(m->disk, &job->mail);
		job_free(job);
	}
}

static void maildir_close(struct relay *relay)
{
	struct maildir *m = (struct maildir *)relay;
	pthread_mutex_lock(&m->mutex);
	m->stop = true;
	pthread_cond_signal(&m->wake);
	pthread_mutex_unlock(&m->mutex);
	if (m->started)
		pthread_join(m->thread, NULL);
	drop_waiting(m);
	for (struct batch *batch; (batch = LIST_FIRST(&m->posted));) {
		LIST_REMOVE(batch, entry);
		for (struct job *job = batch->jobs, *next; job; job = next) {
			next = job->next;
			job_free(job);
		}
		g_free(batch);
	}
	maildir_free(m);
}

static const struct relay_kind maildir_kind = {
	.send = maildir_send,
	.drain = maildir_drain,
	.close = maildir_close,
};

struct relay *maildir_new(struct desk *desk, const struct settings *settings)
{
	struct maildir *m = g_new0(struct maildir, 1);
	m->relay.kind = &maildir_kind;
	m->desk = desk;
	m->disk = maildir_disk_new(settings->path);
	m->todo_end = &m->todo;
	pthread_mutex_init(&m->mutex, NULL);
	pthread_cond_init(&m->wake, NULL);
	desk->relay = m;
	desk->permitted = on_permitted;
	desk->cancel = on_cancel;
	m->started = pthread_create(&m->thread, NULL, thread_main, m) == 0;
	if (!m->started)
		g_error("a thread cannot be started");
	return &m->relay;
}
