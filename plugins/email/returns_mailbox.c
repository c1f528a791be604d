/* The mailbox: see returns_mailbox.h. What thread and loop share is under `lock`; the thread calls nothing of the host but `post`, and that only under the
 * lock while the mailbox is open, so that nothing comes to the host after close. */
#include "returns_mailbox.h"

#include "letter.h"
#include "returns_tell.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 16, ASIDE_MOST = 10000 };
static const double back_off_most = 900; /* seconds */

struct batch;

struct message {
	struct batch *batch;
	struct box_item item;
	struct came came;
	bool read;
	enum box_fate fate;
};

struct batch {
	struct returns_mailbox *box;
	struct message messages[BATCH];
	int count;
	int waiting; /* under lock: for the host's word */
};

struct counts {
	uint64_t recorded, known, unproven, nobody, nothing, unreadable;
};

struct returns_mailbox {
	const struct nurture_host *host;
	const struct returns_settings *settings;
	struct desk *desk;           /* NULL, or who hears of complaints; of the loop */
	pthread_t thread;
	int stop_fd;
	GHashTable *aside;           /* of the thread: names of messages that a person must look at */

	pthread_mutex_t lock;
	pthread_cond_t answered;
	bool closed, draining;       /* no more of the host; no more messages */
	bool told;                   /* what is not well was told */
	struct counts counts;
	char trouble[DIALOG_WHY];    /* "" = the last look was well */
	uint64_t looks;
};

/* ---- on the loop ---- */

static void answered(struct message *message, enum nurture_return_answer answer)
{
	struct returns_mailbox *box = message->batch->box;
	bool reply = message->came.kind == CAME_REPLY;
	pthread_mutex_lock(&box->lock);
	switch (answer) {
	case NURTURE_RETURN_RECORDED: box->counts.recorded++; break;
	case NURTURE_RETURN_KNOWN: box->counts.known++; break;
	case NURTURE_RETURN_UNPROVEN: box->counts.unproven++; break;
	case NURTURE_RETURN_NOBODY: box->counts.nobody++; break;
	case NURTURE_RETURN_LATER: break;
	}
	/* A person wrote whom we do not know: a person must read it. */
	message->fate = answer == NURTURE_RETURN_LATER ? BOX_LEFT : answer == NURTURE_RETURN_NOBODY && reply ? BOX_ASIDE : BOX_DONE;
	message->batch->waiting--;
	pthread_cond_signal(&box->answered);
	pthread_mutex_unlock(&box->lock);
}

/* It is proven, and new. What it says of whom it is about is not: the host's word for that is `domain`. */
static void tell_desk(struct desk *desk, const struct came *came, const char *domain)
{
	if (came->kind == CAME_COMPLAINT)
		desk_complained(desk, domain);
	else if (came->kind == CAME_REFUSED || came->kind == CAME_HARD)
		desk_came_back(desk, domain, came->code, came->reason);
}

static void on_returned(void *arg, enum nurture_return_answer answer, const char *domain)
{
	struct message *message = arg;
	struct desk *desk = message->batch->box->desk;
	if (desk && domain && answer == NURTURE_RETURN_RECORDED)
		tell_desk(desk, &message->came, domain);
	answered(message, answer);
}

/* Each message's word comes once, perhaps inside: batch lives until the last. */
static void on_batch(void *arg)
{
	struct batch *batch = arg;
	struct returns_mailbox *box = batch->box;
	for (int i = 0; i < batch->count; i++) {
		struct message *m = &batch->messages[i];
		if (m->read && m->came.kind != CAME_NOTHING)
			(void)came_tell(box->host, &m->came, box->settings->soft_most, box->settings->soft_days, on_returned, m);
	}
}

static void on_news(void *arg)
{
	struct returns_mailbox *box = arg;
	char why[DIALOG_WHY], text[DIALOG_WHY + 200];
	pthread_mutex_lock(&box->lock);
	snprintf(why, sizeof why, "%s", box->trouble);
	pthread_mutex_unlock(&box->lock);
	snprintf(text, sizeof text, *why ? "mailbox %s cannot be read: %s" : "mailbox %s is read%s", box->settings->shown, why);
	box->host->log(box->host->data, *why ? NURTURE_LOG_WARN : NURTURE_LOG_INFO, *why ? "email.mailbox.down" : "email.mailbox.up", text);
}

/* ---- on the thread ---- */

/* false: the mailbox is closed, fn will not be called. */
static bool post(struct returns_mailbox *box, nurture_timer_fn *fn, void *arg)
{
	pthread_mutex_lock(&box->lock);
	bool open = !box->closed;
	if (open)
		box->host->post(box->host->data, fn, arg);
	pthread_mutex_unlock(&box->lock);
	return open;
}

static bool goes_on(struct returns_mailbox *box)
{
	pthread_mutex_lock(&box->lock);
	bool on = !box->closed && !box->draining;
	pthread_mutex_unlock(&box->lock);
	return on;
}

static void count_one(struct returns_mailbox *box, uint64_t *counter)
{
	pthread_mutex_lock(&box->lock);
	++*counter;
	pthread_mutex_unlock(&box->lock);
}

/* Reads one and says what it is. false: the conversation failed. */
static bool read_one(struct returns_mailbox *box, const struct box_kind *kind, struct dialog *dialog, struct message *m)
{
	GByteArray *bytes = g_byte_array_new();
	bool good = kind->read(dialog, &m->item, bytes);
	if (good && bytes->len) {
		m->read = came_read((const char *)bytes->data, bytes->len, NULL, &m->came);
		m->fate = m->read ? BOX_DONE : BOX_ASIDE;
		if (!m->read)
			count_one(box, &box->counts.unreadable);
		else if (m->came.kind == CAME_NOTHING)
			count_one(box, &box->counts.nothing);
	}
	g_byte_array_unref(bytes);
	return good;
}

/* Waits until the host has said what became of each. false: the mailbox was closed. */
static bool tell(struct returns_mailbox *box, struct batch *batch)
{
	for (int i = 0; i < batch->count; i++)
		batch->waiting += batch->messages[i].read && batch->messages[i].came.kind != CAME_NOTHING;
	if (!batch->waiting)
		return true;
	if (!post(box, on_batch, batch))
		return false;
	pthread_mutex_lock(&box->lock);
	while (batch->waiting && !box->closed)
		pthread_cond_wait(&box->answered, &box->lock);
	bool all = batch->waiting == 0;
	pthread_mutex_unlock(&box->lock);
	return all;
}

static void settle_names(struct returns_mailbox *box, const struct message *m)
{
	if (m->fate == BOX_ASIDE && g_hash_table_size(box->aside) < ASIDE_MOST)
		g_hash_table_add(box->aside, g_strdup(m->item.name));
}

static bool do_batch(struct returns_mailbox *box, const struct box_kind *kind, struct dialog *dialog, const struct box_item *items, int count)
{
	struct batch *batch = g_new0(struct batch, 1);
	const struct returns_settings *s = box->settings;
	bool good = true;
	batch->box = box;
	for (int i = 0; good && i < count; i++) {
		struct message *m = &batch->messages[batch->count++];
		*m = (struct message){.batch = batch, .item = items[i], .fate = BOX_LEFT};
		good = read_one(box, kind, dialog, m);
	}
	bool told = tell(box, batch);
	for (int i = 0; told && good && i < batch->count; i++) {
		settle_names(box, &batch->messages[i]);
		good = kind->settle(dialog, &batch->messages[i].item, batch->messages[i].fate, s->after, s->to);
	}
	for (int i = 0; i < batch->count; i++)
		came_fini(&batch->messages[i].came);
	g_free(batch);
	return told && good;
}

/* One session. How many messages are there still to be looked at; -1: *why. */
static int look(struct returns_mailbox *box, char why[DIALOG_WHY])
{
	const struct returns_settings *s = box->settings;
	const struct box_kind *kind = s->pop3 ? &box_pop3 : &box_imap;
	struct dialog_to to = {.url = s->url, .user = s->user, .password = s->password, .ca = s->ca, .plain = s->plain, .seconds = s->patience, .stop_fd = box->stop_fd};
	struct dialog *dialog = dialog_open(&to, why);
	if (!dialog)
		return -1;
	struct box_item *items = g_new(struct box_item, BOX_LIST);
	int listed = kind->list(dialog, s->folder, s->after, items), count = 0, done = 0;
	for (int i = 0; i < listed; i++)
		if (!g_hash_table_contains(box->aside, items[i].name))
			items[count++] = items[i];
	bool good = listed >= 0;
	while (good && done < count && goes_on(box)) {
		int n = count - done < BATCH ? count - done : BATCH;
		good = do_batch(box, kind, dialog, items + done, n);
		done += n;
	}
	good = good && kind->end(dialog);
	if (!good)
		snprintf(why, DIALOG_WHY, "%s", dialog_why(dialog));
	g_free(items);
	dialog_close(dialog);
	return good ? listed == BOX_LIST : -1;
}

static void sleep_for(struct returns_mailbox *box, double seconds)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	until.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&box->lock);
	while (!box->closed && !box->draining && pthread_cond_timedwait(&box->answered, &box->lock, &until) == 0)
		;
	pthread_mutex_unlock(&box->lock);
}

/* Tells a change, once. */
static void note(struct returns_mailbox *box, const char *why)
{
	pthread_mutex_lock(&box->lock);
	bool news = !box->told || (*why != '\0') != (box->trouble[0] != '\0');
	box->told = true;
	box->looks++;
	snprintf(box->trouble, sizeof box->trouble, "%s", why);
	pthread_mutex_unlock(&box->lock);
	if (news)
		(void)post(box, on_news, box);
}

static void *run(void *arg)
{
	struct returns_mailbox *box = arg;
	double pause = box->settings->every;
	while (goes_on(box)) {
		char why[DIALOG_WHY] = "";
		int more = look(box, why);
		if (!goes_on(box))
			break;
		note(box, more < 0 && !*why ? "it failed" : why);
		pause = more >= 0 ? box->settings->every : pause * 2 < back_off_most ? pause * 2 : back_off_most;
		if (more <= 0)
			sleep_for(box, pause);
	}
	return NULL;
}

/* ---- life ---- */

struct returns_mailbox *returns_mailbox_new(const struct nurture_host *host, const struct returns_settings *settings)
{
	struct returns_mailbox *box = g_new0(struct returns_mailbox, 1);
	pthread_condattr_t attr;
	g_mime_init();
	box->host = host;
	box->settings = settings;
	box->aside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	box->stop_fd = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&box->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&box->answered, &attr);
	pthread_condattr_destroy(&attr);
	if (box->stop_fd < 0 || pthread_create(&box->thread, NULL, run, box))
		g_error("no thread for the mailbox");
	return box;
}

void returns_mailbox_drain(struct returns_mailbox *box)
{
	if (!box)
		return;
	pthread_mutex_lock(&box->lock);
	box->draining = true;
	pthread_cond_broadcast(&box->answered);
	pthread_mutex_unlock(&box->lock);
}

void returns_mailbox_free(struct returns_mailbox *box)
{
	if (!box)
		return;
	pthread_mutex_lock(&box->lock);
	box->closed = true;
	pthread_cond_broadcast(&box->answered);
	pthread_mutex_unlock(&box->lock);
	(void)eventfd_write(box->stop_fd, 1);
	pthread_join(box->thread, NULL);
	close(box->stop_fd);
	pthread_mutex_destroy(&box->lock);
	pthread_cond_destroy(&box->answered);
	g_hash_table_destroy(box->aside);
	g_free(box);
}

void returns_mailbox_stand(const struct returns_mailbox *box, json_t *lines, json_t *troubles, json_t *figures)
{
	struct returns_mailbox *b = (struct returns_mailbox *)box;
	pthread_mutex_lock(&b->lock);
	struct counts c = b->counts;
	json_array_append_new(lines, json_sprintf("mailbox %s: %llu looks, %llu recorded, %llu known before, %llu that prove nothing, %llu of people unknown, %llu unreadable", box->settings->shown,
						  (unsigned long long)b->looks, (unsigned long long)c.recorded, (unsigned long long)c.known, (unsigned long long)c.unproven,
						  (unsigned long long)c.nobody, (unsigned long long)c.unreadable));
	if (b->trouble[0])
		json_array_append_new(troubles, json_sprintf("mailbox %s cannot be read: %s", box->settings->shown, b->trouble));
	json_array_append_new(figures, json_pack("{s:s, s:{}, s:i}", "name", "mailbox_up", "labels", "value", b->looks && !b->trouble[0]));
	pthread_mutex_unlock(&b->lock);
}

static void stand(void *mailbox, json_t *lines, json_t *troubles, json_t *figures)
{
	returns_mailbox_stand(mailbox, lines, troubles, figures);
}

void returns_mailbox_desk(struct returns_mailbox *mailbox, struct desk *desk)
{
	if (!mailbox)
		return;
	mailbox->desk = desk;
	desk->stand = stand;
	desk->stand_arg = mailbox;
}
