/* What the outside said of touches, kept on this machine until the database has it: a file of slots in memory that is shared with the kernel, so it
 * outlives this process, whatever kills it. Called by outcome.c for each answer to a touch that had permission, and by open.c before recovery.
 *
 * Outcomes go to the database in wide groups; without this, all that waits for the next group would be in doubt after a crash. So the next process
 * that opens the channel here first records what the dead one knew, under that one's token, as it would have done itself. A file belongs
 * to the process that holds its lock; what cannot be read, or comes from another machine's disk, only leaves more in doubt, as does a power cut.
 *
 *   data_dir/delivery/CHANNEL.TOKEN: slots of struct kept_answer; 0 = free, the sum is written last */
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "delivery/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MOST = 96, SAID_MOST = 240, REMOTE_MOST = 160 };

struct kept_answer {
	uint64_t sum; /* of all behind it */
	int64_t touch_id, lead_id, claimed_at, due_at;
	int32_t attempt, state;
	char reason[SAID_MOST], remote_id[REMOTE_MOST], campaign[NAME_MOST], step[NAME_MOST], kind[NAME_MOST], template_name[NAME_MOST], channel[NAME_MOST];
};

struct answers {
	char *path;
	int fd;
	struct kept_answer *slots; /* ANSWERS_MOST */
	uint16_t free[CHANNEL_CAPACITY_MAX];
	size_t free_count;
};
enum { ANSWERS_MOST = CHANNEL_CAPACITY_MAX, FILE_SIZE = ANSWERS_MOST * sizeof(struct kept_answer) };

static uint64_t sum_of(const struct kept_answer *a)
{
	size_t from = offsetof(struct kept_answer, touch_id);
	return hash_stable((struct str){(const char *)a + from, sizeof *a - from}) | 1;
}

/* ---- our own ---- */

void answers_open(struct delivery *d)
{
	const char *data_dir = d->worker->config->data_dir;
	if (!data_dir)
		return;
	const char *folder = arena_printf(d->scratch, "%s/delivery", data_dir);
	struct answers *answers = mem_alloc(sizeof *answers);
	void *slots = MAP_FAILED;
	answers->path = mem_dup(arena_printf(d->scratch, "%s/%s.%s", folder, d->name, d->worker->owner));
	bool there = mkdir(folder, 0700) == 0 || errno == EEXIST;
	answers->fd = there ? open(answers->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (answers->fd >= 0 && !flock(answers->fd, LOCK_EX | LOCK_NB) && !posix_fallocate(answers->fd, 0, FILE_SIZE))
		slots = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, answers->fd, 0);
	if (slots == MAP_FAILED) {
		log_warn("channel.answers", log_str("channel", d->name), log_str("message", "answers cannot be kept in data_dir/delivery; a crash leaves more in doubt"));
		if (answers->fd >= 0) {
			unlink(answers->path);
			close(answers->fd);
		}
		free(answers->path);
		free(answers);
		return;
	}
	answers->slots = slots;
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
	munmap(answers->slots, FILE_SIZE);
	close(answers->fd);
	free(answers->path);
	free(answers);
	d->answers = NULL;
}

static bool put(char *room, size_t size, struct str text)
{
	size_t n = text.n < size ? text.n : size - 1;
	memcpy(room, text.p ? text.p : "", n);
	return n == text.n;
}

void answers_note(struct item *item)
{
	struct answers *answers = item->delivery->answers;
	const struct outcome *o = &item->outcome;
	if (!answers || item->permit != PERMIT_GIVEN || o->doubt || !o->attempt_spent || !answers->free_count)
		return;
	struct kept_answer a = {.touch_id = o->touch_id, .lead_id = o->lead_id, .claimed_at = o->claimed_at, .due_at = o->due_at, .attempt = o->attempt, .state = (int32_t)o->state};
	(void)put(a.reason, sizeof a.reason, o->reason);
	if (!put(a.remote_id, sizeof a.remote_id, o->remote_id) || !put(a.campaign, sizeof a.campaign, o->campaign) || !put(a.step, sizeof a.step, o->step) ||
	    !put(a.kind, sizeof a.kind, o->kind) || !put(a.template_name, sizeof a.template_name, o->template_name) || !put(a.channel, sizeof a.channel, o->channel))
		return;
	uint64_t sum = sum_of(&a);
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

/* ---- those of processes that are gone ---- */

struct found {
	struct delivery *delivery;
	answers_done_fn *fn;
	int fd;
	char *path;
	struct kept_answer *answers;
	struct outcome outcomes[ANSWERS_MOST];
	size_t count;
};

static void found_free(struct found *found, bool gone)
{
	if (gone)
		unlink(found->path);
	close(found->fd);
	free(found->path);
	free(found->answers);
	free(found);
}

static void on_recorded(void *arg, const bool *moved, size_t count, const struct error *error)
{
	struct found *found = arg;
	struct delivery *d = found->delivery;
	answers_done_fn *fn = found->fn;
	int64_t recorded = 0;
	for (size_t i = 0; i < count && moved; i++)
		recorded += moved[i];
	bool lasting = error && (error->code == ERROR_UNAVAILABLE || error->code == ERROR_SYSTEM);
	if (error && !d->stopping)
		delivery_trouble(d, "answers", error);
	else if (!error)
		log_info("channel.answers.recorded", log_str("channel", d->name), log_int("answers", (int64_t)count), log_int("recorded", recorded));
	found_free(found, !lasting);
	if (d->stopping)
		return;
	if (lasting)
		fn(d, error);
	else
		answers_recover(d, fn);
}

/* The words stay in the slots as long as the outcomes are on their way. */
static void read_slots(struct found *found)
{
	for (size_t i = 0; i < ANSWERS_MOST; i++) {
		const struct kept_answer *a = &found->answers[i];
		if (!a->sum || a->sum != sum_of(a))
			continue;
		found->outcomes[found->count++] = (struct outcome){
			.touch_id = a->touch_id, .lead_id = a->lead_id, .claimed_at = a->claimed_at, .due_at = a->due_at, .attempt = a->attempt,
			.state = (enum touch_state)a->state, .attempt_spent = true, .reason = str_of(a->reason), .remote_id = str_of(a->remote_id),
			.campaign = str_of(a->campaign), .step = str_of(a->step), .kind = str_of(a->kind), .template_name = str_of(a->template_name),
			.channel = str_of(a->channel)};
	}
}

/* Nobody else holds the lock: who wrote it is dead. */
static struct found *look_into(struct delivery *d, const char *path)
{
	struct found *found = mem_alloc(sizeof *found);
	*found = (struct found){.delivery = d, .fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), .path = mem_dup(path), .answers = mem_alloc(FILE_SIZE)};
	if (found->fd < 0 || flock(found->fd, LOCK_EX | LOCK_NB)) {
		found_free(found, false);
		return NULL;
	}
	if (pread(found->fd, found->answers, FILE_SIZE, 0) == FILE_SIZE)
		read_slots(found);
	if (!found->count) {
		found_free(found, true);
		return NULL;
	}
	return found;
}

void answers_recover(struct delivery *d, answers_done_fn *fn)
{
	const char *data_dir = d->worker->config->data_dir;
	if (!data_dir) {
		fn(d, NULL);
		return;
	}
	const char *folder = arena_printf(d->scratch, "%s/delivery", data_dir);
	struct str begin = str_of(arena_printf(d->scratch, "%s.", d->name));
	DIR *dir = opendir(folder);
	struct found *found = NULL;
	const char *token = NULL;
	for (const struct dirent *entry; dir && !found && (entry = readdir(dir)) != NULL;) {
		struct str file = str_of(entry->d_name);
		if (!str_starts(file, begin) || strchr(entry->d_name + begin.n, '.') || strcmp(entry->d_name + begin.n, d->worker->owner) == 0)
			continue;
		token = arena_dup(d->scratch, entry->d_name + begin.n);
		found = look_into(d, arena_printf(d->scratch, "%s/%s", folder, entry->d_name));
	}
	if (dir)
		closedir(dir);
	if (!found) {
		fn(d, NULL);
		return;
	}
	found->fn = fn;
	store_outcomes(d->writes, token, found->outcomes, found->count, delivery_now(d), on_recorded, found);
}
