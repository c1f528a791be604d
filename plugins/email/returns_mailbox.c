/* The mailbox on the loop: its life, what the host says of each message, how it stands. See returns_mailbox.h; its thread is returns_reader.c's. */
#include "returns_reader.h"

#include "letter.h"
#include "returns_tell.h"

#include <gmime/gmime.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

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
void returns_on_batch(void *arg)
{
	struct batch *batch = arg;
	struct returns_mailbox *box = batch->box;
	for (int i = 0; i < batch->count; i++) {
		struct message *m = &batch->messages[i];
		if (m->read && m->came.kind != CAME_NOTHING)
			(void)came_tell(box->host, &m->came, box->returns->soft_most, box->returns->soft_days, on_returned, m);
	}
	pthread_mutex_lock(&box->lock);
	one_over(batch);
	pthread_mutex_unlock(&box->lock);
}

/* Where no relay tells how it stands, the mailboxes do. */
static void tell_standing(struct returns_mailbox *box)
{
	if (box->desk && box->desk->changed) {
		box->desk->changed(box->desk->relay);
		return;
	}
	json_t *lines = json_array(), *troubles = json_array(), *figures = json_array();
	if (box->desk && box->desk->stand)
		box->desk->stand(box->desk->stand_arg, lines, troubles, figures);
	json_t *standing = json_pack("{s:o, s:o, s:o}", "lines", lines, "troubles", troubles, "figures", figures);
	box->host->tell(box->host->data, standing);
	json_decref(standing);
}

void returns_on_look(void *arg)
{
	struct returns_mailbox *box = arg;
	tell_standing(box);
}

void returns_on_news(void *arg)
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

/* ---- life ---- */

static void on_asks(void *arg)
{
	struct returns_mailbox *box = arg;
	atomic_store(&box->ours, box->host->held(box->host->data));
	box->host->timer_set(box->asks, 1000000);
}

/* Of the loop, as all that asks the host. */
static void ask_whose(struct returns_mailbox *box)
{
	atomic_store(&box->ours, true);
	if (!box->host->held)
		return;
	box->asks = box->host->timer_new(box->host->data, on_asks, box);
	on_asks(box);
}

struct returns_mailbox *returns_mailbox_new(const struct nurture_host *host, const struct returns_settings *returns, const struct box_settings *settings, struct desk *desk)
{
	struct returns_mailbox *box = g_new0(struct returns_mailbox, 1);
	pthread_condattr_t attr;
	g_mime_init();
	box->host = host;
	box->returns = returns;
	box->settings = settings;
	box->desk = desk;
	box->aside = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	box->tries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	box->stop_fd = eventfd(0, EFD_CLOEXEC);
	ask_whose(box);
	pthread_mutex_init(&box->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&box->answered, &attr);
	pthread_condattr_destroy(&attr);
	if (box->stop_fd < 0 || pthread_create(&box->thread, NULL, returns_read, box))
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
	if (box->asks)
		box->host->timer_free(box->asks);
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
	json_array_append_new(figures, json_pack("{s:s, s:{s:s}, s:i}", "name", "mailbox_up", "labels", "mailbox", shown, "value", b->looks && !b->trouble[0]));
	pthread_mutex_unlock(&b->lock);
}
