/* What the outside said of touches, kept on this machine until the database has it: a file of slots in memory that is shared with the kernel, so it
 * outlives this process, whatever kills it. Called by outcome.c for each answer to a touch that had permission.
 *
 * Outcomes go to the database in wide groups; without this, all that waits for the next group would be in doubt after a crash. answers_left.c
 * records what a dead process kept. A file belongs to the process that holds its lock. Never is a text kept that the database would refuse. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct answers {
	char *path;
	int fd;
	struct answers_head *head;
	struct kept_answer *slots; /* ANSWERS_MOST, behind the head */
	uint16_t free[CHANNEL_CAPACITY_MAX];
	size_t free_count;
};

static void write_head(struct answers_head *head)
{
	*head = (struct answers_head){.version = ANSWERS_VERSION, .since = ANSWERS_SINCE, .head_size = sizeof *head, .slot_size = sizeof(struct kept_answer), .slots = ANSWERS_MOST};
	atomic_signal_fence(memory_order_seq_cst);
	memcpy(head->magic, ANSWERS_MAGIC, sizeof ANSWERS_MAGIC);
}

void answers_open(struct delivery *d)
{
	const char *data_dir = d->worker->config->data_dir;
	if (!data_dir)
		return;
	const char *folder = arena_printf(d->scratch, "%s/delivery", data_dir);
	struct answers *answers = mem_alloc(sizeof *answers);
	void *file = MAP_FAILED;
	answers->path = mem_dup(arena_printf(d->scratch, "%s/%s.%s", folder, d->name, d->worker->owner));
	const char *made = arena_printf(d->scratch, "%s.new", answers->path);
	bool there = mkdir(folder, 0700) == 0 || errno == EEXIST;
	answers->fd = there ? open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (answers->fd >= 0 && !flock(answers->fd, LOCK_EX | LOCK_NB) && !posix_fallocate(answers->fd, 0, FILE_SIZE))
		file = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, answers->fd, 0);
	if (file != MAP_FAILED)
		write_head(file);
	/* Under its own name only when it is locked and has its head: who looks for what dead processes left takes an empty one without a lock for one of theirs. */
	if (file != MAP_FAILED && rename(made, answers->path)) {
		munmap(file, FILE_SIZE);
		file = MAP_FAILED;
	}
	if (file == MAP_FAILED) {
		log_warn("channel.answers", log_str("channel", d->name), log_str("message", "answers cannot be kept in data_dir/delivery; a crash leaves more in doubt"));
		if (answers->fd >= 0) {
			unlink(made);
			close(answers->fd);
		}
		free(answers->path);
		free(answers);
		return;
	}
	answers->head = file;
	answers->slots = (struct kept_answer *)(answers->head + 1);
	for (int i = 0; i < ANSWERS_MOST; i++)
		answers->free[answers->free_count++] = (uint16_t)i;
	d->answers = answers;
}

/* `gone`: all of it is recorded. */
void answers_close(struct delivery *d)
{
	struct answers *answers = d->answers;
	if (!answers)
		return;
	if (answers->free_count == ANSWERS_MOST)
		unlink(answers->path);
	munmap(answers->head, FILE_SIZE);
	close(answers->fd);
	free(answers->path);
	free(answers);
	d->answers = NULL;
}

/* What does not fit is cut between two characters. */
static bool put(char *room, size_t size, struct str text)
{
	size_t n = text.n < size ? text.n : size - 1;
	while (n < text.n && n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	memcpy(room, text.p ? text.p : "", n);
	return n == text.n;
}

void answers_note(struct item *item)
{
	struct answers *answers = item->delivery->answers;
	const struct outcome *o = &item->outcome;
	if (!answers || item->permit != PERMIT_GIVEN || o->doubt || !o->attempt_spent || !answers->free_count)
		return;
	struct kept_answer a = {.touch_id = o->touch_id, .lead_id = o->lead_id, .claimed_at = o->claimed_at, .due_at = o->due_at, .attempt = o->attempt};
	(void)put(a.state, sizeof a.state, str_of(touch_state_name(o->state)));
	(void)put(a.reason, sizeof a.reason, o->reason);
	if (!put(a.remote_id, sizeof a.remote_id, o->remote_id) || !put(a.campaign, sizeof a.campaign, o->campaign) || !put(a.step, sizeof a.step, o->step) ||
	    !put(a.kind, sizeof a.kind, o->kind) || !put(a.template_name, sizeof a.template_name, o->template_name) || !put(a.channel, sizeof a.channel, o->channel))
		return;
	uint64_t sum = kept_answer_sum(&a, sizeof a);
	uint16_t slot = answers->free[--answers->free_count];
	answers->slots[slot] = a;
	atomic_signal_fence(memory_order_seq_cst);
	answers->slots[slot].sum = sum;
	item->answer = slot + 1;
}

void answers_forget(struct item *item)
{
	struct answers *answers = item->delivery->answers;
	if (!item->answer || !answers)
		return;
	answers->slots[item->answer - 1].sum = 0;
	answers->free[answers->free_count++] = (uint16_t)(item->answer - 1);
	item->answer = 0;
}
