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

enum {
	BATCH = 16,
	ASIDE_MOST = 100000, /* names are remembered; more stay in the way */
	ASIDE_MANY = 1000,   /* from then on it is a trouble */
	TRIES = 3,           /* of a message that the server does not give, or at which it ends the conversation; */
	TRIES_NONE = 20,     /* while it gives no other either */
};
static const double back_off_most = 900, back_off_host = 60; /* seconds: while the mailbox, while the host cannot */

enum look { LOOK_FAILED, LOOK_ALL, LOOK_MORE, LOOK_HELD_UP /* the host could take none */ };

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
	const struct returns_settings *settings;
	struct desk *desk;           /* NULL, or who hears of complaints; of the loop */
	pthread_t thread;
	int stop_fd;
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

/* ---- on the loop ---- */

static void one_over(struct batch *batch)
{
	batch->waiting--;
	pthread_cond_signal(&batch->box->answered);
}

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
	one_over(message->batch);
	pthread_mutex_unlock(&box->lock);
}

static void on_returned(void *arg, enum nurture_return_answer answer, const char *sent_to)
{
	struct message *message = arg;
	if (answer == NURTURE_RETURN_RECORDED)
		came_recorded(message->batch->box->desk, &message->came, sent_to);
	answered(message, answer);
}

/* Each message's word comes once, perhaps inside: the batch is ours until the end of the telling. */
static void on_batch(void *arg)
{
	struct batch *batch = arg;
	struct returns_mailbox *box = batch->box;
	for (int i = 0; i < batch->count; i++) {
		struct message *m = &batch->messages[i];
		if (m->read && m->came.kind != CAME_NOTHING)
			(void)came_tell(box->host, &m->came, box->settings->soft_most, box->settings->soft_days, on_returned, m);
	}
	pthread_mutex_lock(&box->lock);
	one_over(batch);
	pthread_mutex_unlock(&box->lock);
}

/* Where no relay tells how it stands, the mailbox does. */
static void tell_standing(struct returns_mailbox *box)
{
	if (box->desk && box->desk->changed) {
		box->desk->changed(box->desk->relay);
		return;
	}
	json_t *lines = json_array(), *troubles = json_array(), *figures = json_array();
	returns_mailbox_stand(box, lines, troubles, figures);
	json_t *standing = json_pack("{s:o, s:o, s:o}", "lines", lines, "troubles", troubles, "figures", figures);
	box->host->tell(box->host->data, standing);
	json_decref(standing);
}

static void on_look(void *arg)
{
	struct returns_mailbox *box = arg;
	tell_standing(box);
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
	tell_standing(box);
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
	m->got = kind->read(dialog, &m->item, bytes);
	if (m->got == BOX_GOT && bytes->len) {
		m->read = came_read((const char *)bytes->data, bytes->len, NULL, &m->came);
		m->fate = m->read ? BOX_DONE : BOX_ASIDE;
		if (!m->read)
			count_one(box, &box->counts.unreadable);
		else if (m->came.kind == CAME_NOTHING)
			count_one(box, &box->counts.nothing);
	}
	g_byte_array_unref(bytes);
	return m->got != BOX_BROKEN;
}

/* Waits until the host has said what became of each. false: the mailbox was closed. */
static bool tell(struct returns_mailbox *box, struct batch *batch)
{
	for (int i = 0; i < batch->count; i++)
		batch->waiting += batch->messages[i].read && batch->messages[i].came.kind != CAME_NOTHING;
	if (!batch->waiting++)
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

/* false: there is no room for its name. */
static bool pass_over(struct returns_mailbox *box, const char *name)
{
	if (g_hash_table_size(box->aside) >= ASIDE_MOST)
		return false;
	g_hash_table_add(box->aside, g_strdup(name));
	pthread_mutex_lock(&box->lock);
	box->passed_over = g_hash_table_size(box->aside);
	pthread_mutex_unlock(&box->lock);
	return true;
}

/* One more time that it could not be read. true: it is in everybody's way for long enough. */
static bool is_given_up(struct returns_mailbox *box, const char *name, int most)
{
	int tries = 1 + GPOINTER_TO_INT(g_hash_table_lookup(box->tries, name));
	if (tries < most && g_hash_table_size(box->tries) < ASIDE_MOST) {
		g_hash_table_replace(box->tries, g_strdup(name), GINT_TO_POINTER(tries));
		return false;
	}
	g_hash_table_remove(box->tries, name);
	count_one(box, &box->counts.unreadable);
	return true;
}

/* What the server does not give while it gives others, and where it ends the conversation again and again: the message's matter, not the server's. */
static void judge_unread(struct returns_mailbox *box, struct batch *batch)
{
	bool gives = false, broken = batch->count && batch->messages[batch->count - 1].got == BOX_BROKEN;
	for (int i = 0; i < batch->count; i++)
		gives = gives || batch->messages[i].got == BOX_GOT;
	for (int i = 0; i < batch->count; i++) {
		struct message *m = &batch->messages[i];
		if (m->got == BOX_GOT || (broken && m->got != BOX_BROKEN) || !goes_on(box) || !is_given_up(box, m->item.name, gives || broken ? TRIES : TRIES_NONE))
			continue;
		m->fate = BOX_ASIDE;
		if (broken)
			(void)pass_over(box, m->item.name);
	}
}

static bool settle_one(struct returns_mailbox *box, const struct box_kind *kind, struct dialog *dialog, const struct message *m)
{
	bool gone = m->got == BOX_GOT && m->fate == BOX_LEFT && !m->read;
	if (gone || m->fate == BOX_DONE || (m->fate == BOX_ASIDE && pass_over(box, m->item.name)))
		box->settled++;
	return kind->settle(dialog, &m->item, m->fate, box->settings->after, box->settings->to);
}

static bool do_batch(struct returns_mailbox *box, const struct box_kind *kind, struct dialog *dialog, const struct box_item *items, int count)
{
	struct batch *batch = g_new0(struct batch, 1);
	bool good = true;
	batch->box = box;
	for (int i = 0; good && i < count; i++) {
		struct message *m = &batch->messages[batch->count++];
		*m = (struct message){.batch = batch, .item = items[i], .fate = BOX_LEFT};
		good = read_one(box, kind, dialog, m);
	}
	judge_unread(box, batch);
	bool told = tell(box, batch);
	for (int i = 0; told && good && i < batch->count; i++)
		good = settle_one(box, kind, dialog, &batch->messages[i]);
	for (int i = 0; i < batch->count; i++)
		came_fini(&batch->messages[i].came);
	g_free(batch);
	return told && good;
}

/* One session. LOOK_FAILED: *why. Where none of a batch could be settled the others could not either: they are not fetched. */
static enum look look(struct returns_mailbox *box, char why[DIALOG_WHY])
{
	const struct returns_settings *s = box->settings;
	const struct box_kind *kind = s->pop3 ? &box_pop3 : &box_imap;
	struct dialog_to to = {.url = s->url, .user = s->user, .password = s->password, .ca = s->ca, .plain = s->plain, .seconds = s->patience, .stop_fd = box->stop_fd};
	struct dialog *dialog = dialog_open(&to, why);
	if (!dialog)
		return LOOK_FAILED;
	struct box_item *items = g_new(struct box_item, BOX_LIST);
	int count = kind->list(dialog, s->folder, s->after, box->aside, items);
	bool good = count >= 0, held_up = false;
	box->settled = 0;
	for (int done = 0; good && !held_up && done < count && goes_on(box); done += BATCH) {
		uint64_t before = box->settled;
		good = do_batch(box, kind, dialog, items + done, count - done < BATCH ? count - done : BATCH);
		held_up = box->settled == before;
	}
	good = good && kind->end(dialog);
	if (!good)
		snprintf(why, DIALOG_WHY, "%s", dialog_why(dialog));
	g_free(items);
	dialog_close(dialog);
	return !good ? LOOK_FAILED : held_up ? LOOK_HELD_UP : count == BOX_LIST ? LOOK_MORE : LOOK_ALL;
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

/* Tells a change, once; and how it stands, when that is another. */
static void note(struct returns_mailbox *box, const char *why)
{
	pthread_mutex_lock(&box->lock);
	bool news = !box->told || (*why != '\0') != (box->trouble[0] != '\0');
	bool moved = memcmp(&box->shown, &box->counts, sizeof box->counts) != 0 || box->shown_passed_over != box->passed_over;
	box->told = true;
	box->looks++;
	box->shown = box->counts;
	box->shown_passed_over = box->passed_over;
	snprintf(box->trouble, sizeof box->trouble, "%s", why);
	pthread_mutex_unlock(&box->lock);
	if (news || moved)
		(void)post(box, news ? on_news : on_look, box);
}

static double next_pause(const struct returns_mailbox *box, enum look look, double pause)
{
	double every = box->settings->every, most = look == LOOK_FAILED ? back_off_most : back_off_host;
	if (look == LOOK_ALL || look == LOOK_MORE)
		return every;
	return pause * 2 < most ? pause * 2 : most > every ? most : every;
}

static void *run(void *arg)
{
	struct returns_mailbox *box = arg;
	double pause = box->settings->every;
	while (goes_on(box)) {
		char why[DIALOG_WHY] = "";
		enum look seen = look(box, why);
		if (!goes_on(box))
			break;
		note(box, seen == LOOK_FAILED && !*why ? "it failed" : why);
		pause = next_pause(box, seen, pause);
		if (seen != LOOK_MORE)
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
	box->tries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
	g_hash_table_destroy(box->tries);
	g_free(box);
}

void returns_mailbox_stand(const struct returns_mailbox *box, json_t *lines, json_t *troubles, json_t *figures)
{
	struct returns_mailbox *b = (struct returns_mailbox *)box;
	const char *shown = box->settings->shown;
	pthread_mutex_lock(&b->lock);
	struct counts c = b->counts;
	json_array_append_new(lines, json_sprintf("mailbox %.200s: %llu recorded, %llu known before, %llu that prove nothing, %llu of people unknown, %llu unreadable, "
						  "%llu set aside for a person", shown, (unsigned long long)c.recorded, (unsigned long long)c.known,
						  (unsigned long long)c.unproven, (unsigned long long)c.nobody, (unsigned long long)c.unreadable,
						  (unsigned long long)b->passed_over));
	if (b->trouble[0])
		json_array_append_new(troubles, json_sprintf("mailbox %.200s cannot be read: %s", shown, b->trouble));
	if (b->passed_over >= ASIDE_MANY)
		json_array_append_new(troubles, json_sprintf("mailbox %.200s: %llu messages were set aside for a person: look at them, and clear it%s", shown,
							     (unsigned long long)b->passed_over, b->passed_over < ASIDE_MOST ? "" : "; newer ones are not read"));
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
