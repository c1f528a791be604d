/* Records what delivery processes that are dead had kept of answers (answers.c), under their tokens, as they would have done themselves. Called by
 * open.c when a process of the channel starts and when it takes the channel, and by the master's clerk for a process that it has reaped.
 *
 * No lease is needed: an outcome is written by its token. Where the channel was taken over meanwhile, what recovery put in doubt is settled
 * by the answer to exactly that attempt; what a person decided, or was claimed anew, stands.
 *
 * A file goes when each of its answers was recorded, or had nothing to change. It stays when the database cannot be asked, and, named .refused,
 * when the database would not take one. What cannot be read, or lies on another machine's disk, only leaves more in doubt, as does a power cut. */
#include "base/log.h"
#include "base/mem.h"
#include "delivery/answers.h"
#include "delivery/delivery.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

struct found {
	int fd;
	char *path;
	const char *token; /* in path */
	struct kept_answer *answers;
	struct outcome outcomes[ANSWERS_MOST];
	size_t count, at, sent;  /* `sent` from `at` on are on their way */
	size_t recorded, refused;
	bool one_by_one, twice;
};

struct left {
	struct delivery_left want; /* texts copied */
	struct store *store;
	struct found *found;       /* the file in hand */
	store_done_fn *fn;
	void *arg;
};

/* ---- one file ---- */

static void found_free(struct found *found)
{
	if (found->fd >= 0)
		close(found->fd);
	free(found->path);
	free(found->answers);
	free(found);
}

/* The words stay in the slots as long as the outcomes are on their way. */
static void read_slots(struct found *found)
{
	for (size_t i = 0; i < ANSWERS_MOST; i++) {
		const struct kept_answer *a = &found->answers[i];
		if (!a->sum || a->sum != kept_answer_sum(a))
			continue;
		found->outcomes[found->count++] = (struct outcome){
			.touch_id = a->touch_id, .lead_id = a->lead_id, .claimed_at = a->claimed_at, .due_at = a->due_at, .attempt = a->attempt,
			.state = (enum touch_state)a->state, .attempt_spent = true, .settles = true, .reason = str_of(a->reason),
			.remote_id = str_of(a->remote_id), .campaign = str_of(a->campaign), .step = str_of(a->step), .kind = str_of(a->kind),
			.template_name = str_of(a->template_name), .channel = str_of(a->channel)};
	}
}

/* NULL: its process lives, or there is nothing in it. Nobody else holds the lock: who wrote it is dead. */
static struct found *look_into(const char *folder, const char *name)
{
	char path[4096];
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return NULL;
	struct found *found = mem_alloc(sizeof *found);
	*found = (struct found){.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), .path = mem_dup(path), .answers = mem_alloc(FILE_SIZE)};
	found->token = strrchr(found->path, '.') + 1;
	bool ours = found->fd >= 0 && !flock(found->fd, LOCK_EX | LOCK_NB);
	if (ours && pread(found->fd, found->answers, FILE_SIZE, 0) == FILE_SIZE)
		read_slots(found);
	if (ours && found->count)
		return found;
	if (ours)
		unlink(path);
	found_free(found);
	return NULL;
}

/* ---- all of them ---- */

static bool is_wanted(const struct delivery_left *want, const char *file)
{
	struct str rest = str_of(file), channel = str_cut(&rest, '.');
	if (!rest.p || !str_is(channel, want->channel) || !rest.n || memchr(rest.p, '.', rest.n))
		return false;
	return want->dead ? str_is(rest, want->dead) : !str_is(rest, want->living);
}

static struct found *next_file(const struct delivery_left *want)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%s/delivery", want->data_dir);
	DIR *dir = opendir(folder);
	struct found *found = NULL;
	for (const struct dirent *entry; dir && !found && (entry = readdir(dir)) != NULL;)
		if (is_wanted(want, entry->d_name))
			found = look_into(folder, entry->d_name);
	if (dir)
		closedir(dir);
	return found;
}

static void finish(struct left *left, const struct error *error)
{
	store_done_fn *fn = left->fn;
	void *arg = left->arg;
	if (left->found)
		found_free(left->found);
	free((char *)left->want.data_dir);
	free((char *)left->want.channel);
	free((char *)left->want.dead);
	free((char *)left->want.living);
	free(left);
	fn(arg, error);
}

static void on_recorded(void *arg, const bool *moved, size_t count, const struct error *error);

static void record(struct left *left)
{
	struct found *found = left->found;
	found->sent = found->one_by_one ? 1 : found->count;
	store_outcomes(left->store, found->token, found->outcomes + found->at, found->sent, left->want.now, on_recorded, left);
}

static void look_on(struct left *left)
{
	left->found = next_file(&left->want);
	if (left->found)
		record(left);
	else
		finish(left, NULL);
}

static void file_done(struct left *left)
{
	struct found *found = left->found;
	log_info("channel.answers.recorded", log_str("channel", left->want.channel), log_int("answers", (int64_t)found->count),
		 log_int("recorded", (int64_t)found->recorded), log_int("refused", (int64_t)found->refused));
	char aside[4200];
	snprintf(aside, sizeof aside, "%s.refused", found->path);
	if ((found->refused ? rename(found->path, aside) : unlink(found->path)) < 0 && errno != ENOENT) { /* it would be found again for ever */
		struct error error = {.code = ERROR_SYSTEM, .message = "a file of answers in data_dir/delivery can be neither removed nor renamed"};
		finish(left, &error);
		return;
	}
	found_free(found);
	left->found = NULL;
	look_on(left);
}

/* The group was refused for what it says: each alone. One that is refused alone is left behind. */
static void take_apart(struct left *left, const struct error *error)
{
	struct found *found = left->found;
	if (found->count == 1 || found->one_by_one) {
		const struct outcome *o = &found->outcomes[found->at++];
		found->refused++;
		log_error("touch.outcome.refused", log_str("channel", left->want.channel), log_int("touch", o->touch_id),
			  log_str("outcome", touch_state_name(o->state)), log_str("message", error->message));
	}
	found->one_by_one = true;
}

static void on_recorded(void *arg, const bool *moved, size_t count, const struct error *error)
{
	struct left *left = arg;
	struct found *found = left->found;
	if (error && error->code != ERROR_INVALID && error->code != ERROR_CONFLICT && error->code != ERROR_LIMIT) {
		finish(left, error);
		return;
	}
	for (size_t i = 0; i < count && moved; i++)
		found->recorded += moved[i];
	if (error)
		take_apart(left, error);
	else
		found->at += count;
	if (found->at >= found->count && !found->twice && found->recorded + found->refused < found->count) {
		found->twice = true; /* recovery elsewhere may have been putting them in doubt at this very moment: now they stand so */
		found->at = found->refused = 0;
	}
	if (found->at < found->count)
		record(left);
	else
		file_done(left);
}

void delivery_record_left(struct store *store, const struct delivery_left *want, store_done_fn *fn, void *arg)
{
	if (!want->data_dir) {
		fn(arg, NULL);
		return;
	}
	struct left *left = mem_alloc(sizeof *left);
	*left = (struct left){.store = store, .fn = fn, .arg = arg, .want = {
		.data_dir = mem_dup(want->data_dir), .channel = mem_dup(want->channel), .dead = want->dead ? mem_dup(want->dead) : NULL,
		.living = want->living ? mem_dup(want->living) : NULL, .now = want->now}};
	look_on(left);
}
