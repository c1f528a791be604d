/* The mailbox's thread: connects, lists, reads some, hands them to the loop, waits for its word and settles each; pauses. See returns_mailbox.h. */
#include "returns_reader.h"

#include <stdio.h>
#include <time.h>

enum {
	TRIES = 3,       /* of a message that the server does not give, or at which it ends the conversation; */
	TRIES_NONE = 20, /* while it gives no other either */
};
static const double back_off_most = 900, back_off_host = 60; /* seconds: while the mailbox, while the host cannot */

enum look { LOOK_FAILED, LOOK_ALL, LOOK_MORE, LOOK_HELD_UP /* the host could take none */ };

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
	if (!post(box, returns_on_batch, batch))
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
	const struct box_settings *s = box->settings;
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
		(void)post(box, news ? returns_on_news : returns_on_look, box);
}

static double next_pause(const struct returns_mailbox *box, enum look look, double pause)
{
	double every = box->settings->every, most = look == LOOK_FAILED ? back_off_most : back_off_host;
	if (look == LOOK_ALL || look == LOOK_MORE)
		return every;
	return pause * 2 < most ? pause * 2 : most > every ? most : every;
}

void *returns_read(void *arg)
{
	struct returns_mailbox *box = arg;
	double pause = box->settings->every;
	while (goes_on(box)) {
		if (!atomic_load(&box->ours)) {
			sleep_for(box, 1);
			continue;
		}
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
