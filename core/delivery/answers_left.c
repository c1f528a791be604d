/* Records what delivery processes that are dead had kept of answers (answers.c), under their tokens, as they would have done themselves. Called by
 * open.c when a process of the channel starts and when it takes the channel, and by the master's clerk for a process that it has reaped.
 *
 * No lease is needed: an outcome is written by its token. Where the channel was taken over meanwhile, what recovery put in doubt is settled
 * by the answer to exactly that attempt; what a person decided, or was claimed anew, stands.
 *
 * A file goes when each of its answers was recorded, or had nothing to change. It stays when the database cannot be asked, or when a later version wrote it
 * in a way that we cannot read: that is told each time. Where the database would not take one, it is named .refused: each process of the channel
 * tries it again at its start, and after thirty days it goes, with a word. What is torn, or lies on another machine's disk, only leaves more in
 * doubt, as does a power cut. */
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
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char REFUSED[] = ".refused";
enum { REFUSED_DAYS = 30, FILE_MOST = 64 * 1024 * 1024 };

struct found {
	int fd;
	char *path, *token;
	bool was_refused;
	struct kept_answer *answers; /* those that are whole */
	struct outcome outcomes[ANSWERS_MOST];
	size_t count, at, sent;  /* `sent` from `at` on are on their way */
	size_t recorded, refused;
	bool one_by_one, twice;
};

struct left {
	struct delivery_left want; /* texts copied */
	struct store *store;
	DIR *folder;               /* each of its files once */
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
	free(found->token);
	free(found->answers);
	free(found);
}

/* The words stay in `answers` as long as the outcomes are on their way. */
static void add(struct found *found, const char *slot, size_t size)
{
	struct kept_answer *a = &found->answers[found->count];
	enum touch_state state;
	*a = (struct kept_answer){0};
	memcpy(a, slot, size < sizeof *a ? size : sizeof *a);
	if (!a->sum || a->sum != kept_answer_sum(slot, size) || !touch_state_from(str_of(a->state), &state))
		return;
	found->outcomes[found->count++] = (struct outcome){
		.touch_id = a->touch_id, .lead_id = a->lead_id, .claimed_at = a->claimed_at, .due_at = a->due_at, .attempt = (int)a->attempt,
		.state = state, .attempt_spent = true, .settles = true, .reason = str_of(a->reason),
		.remote_id = str_of(a->remote_id), .campaign = str_of(a->campaign), .step = str_of(a->step), .kind = str_of(a->kind),
		.template_name = str_of(a->template_name), .channel = str_of(a->channel)};
}

enum layout { LAYOUT_OURS, LAYOUT_EMPTY, LAYOUT_OTHER };

static bool is_blank(const char *bytes, size_t n)
{
	return !n || (!*bytes && memcmp(bytes, bytes + 1, n - 1) == 0);
}

static enum layout layout_of(const struct answers_head *head, const char *bytes, size_t file)
{
	bool marked = memcmp(head->magic, ANSWERS_MAGIC, sizeof ANSWERS_MAGIC) == 0;
	if (file < sizeof *head || (!marked && is_blank(bytes + sizeof *head, file - sizeof *head)))
		return LAYOUT_EMPTY; /* its process ended before it could note anything */
	if (!marked)
		return LAYOUT_OTHER;
	bool sound = head->head_size >= sizeof *head && head->head_size < file && head->slots <= ANSWERS_MOST && head->slot_size >= offsetof(struct kept_answer, channel) + 1 &&
		     head->slot_size <= (file - head->head_size) / (head->slots ? head->slots : 1);
	return sound && head->since <= ANSWERS_VERSION && head->version >= ANSWERS_SINCE ? LAYOUT_OURS : LAYOUT_OTHER;
}

/* Its bytes, to be freed; NULL: it cannot be read. */
static char *read_file(int fd, size_t *size)
{
	struct stat stat;
	if (fstat(fd, &stat) || stat.st_size < 0 || stat.st_size > FILE_MOST)
		return NULL;
	char *bytes = mem_alloc((size_t)stat.st_size + sizeof(struct answers_head));
	*size = (size_t)stat.st_size;
	if (pread(fd, bytes, *size, 0) == (ssize_t)*size)
		return bytes;
	free(bytes);
	return NULL;
}

/* Whether the file may be of use: what is in it that is whole is in `found`. */
static bool read_answers(struct found *found)
{
	struct answers_head head;
	size_t size = 0;
	char *bytes = read_file(found->fd, &size);
	if (!bytes)
		return true;
	memcpy(&head, bytes, sizeof head);
	enum layout layout = layout_of(&head, bytes, size);
	if (layout == LAYOUT_OTHER)
		log_warn("channel.answers.version", log_str("file", found->path), log_int("version", head.version),
			 log_str("message", "answers that another version of Nurture kept cannot be read by this one: what is in doubt stays so until that one runs here; the file is kept"));
	for (size_t i = 0; layout == LAYOUT_OURS && i < head.slots; i++)
		add(found, bytes + head.head_size + i * head.slot_size, head.slot_size);
	free(bytes);
	return layout == LAYOUT_OTHER || found->count;
}

static bool is_old(const struct found *found)
{
	struct stat stat;
	return found->was_refused && fstat(found->fd, &stat) == 0 && time(NULL) - stat.st_mtime > REFUSED_DAYS * 86400;
}

/* NULL: its process lives, or there is nothing in it for us. Nobody else holds the lock: who wrote it is dead. */
static struct found *look_into(const char *folder, const char *name)
{
	char path[4096];
	struct str rest = str_of(name);
	(void)str_cut(&rest, '.');
	struct str token = str_cut(&rest, '.');
	if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
		return NULL;
	struct found *found = mem_alloc(sizeof *found);
	*found = (struct found){.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), .path = mem_dup(path), .token = mem_dup_n(token.p, token.n),
				.was_refused = rest.n > 0, .answers = mem_array(ANSWERS_MOST, sizeof *found->answers)};
	bool ours = found->fd >= 0 && !flock(found->fd, LOCK_EX | LOCK_NB), keep = !ours || read_answers(found);
	if (ours && found->count && is_old(found)) {
		log_warn("channel.answers.dropped", log_str("file", path), log_int("answers", (int64_t)found->count), log_str("message", "the database would not take them for thirty days"));
		keep = false;
	} else if (ours && found->count) {
		return found;
	}
	if (!keep)
		unlink(path);
	found_free(found);
	return NULL;
}

/* ---- all of them ---- */

static bool is_wanted(const struct delivery_left *want, const char *file)
{
	struct str rest = str_of(file), channel = str_cut(&rest, '.'), token = rest.p ? str_cut(&rest, '.') : rest;
	if (!token.n || !str_is(channel, want->channel))
		return false;
	if (rest.p)
		return !want->dead && str_is(rest, REFUSED + 1);
	return want->dead ? str_is(token, want->dead) : !str_is(token, want->living);
}

static struct found *next_file(struct left *left)
{
	char folder[4096];
	snprintf(folder, sizeof folder, "%s/delivery", left->want.data_dir);
	if (!left->folder)
		left->folder = opendir(folder);
	struct found *found = NULL;
	for (const struct dirent *entry; left->folder && !found && (entry = readdir(left->folder)) != NULL;)
		if (is_wanted(&left->want, entry->d_name))
			found = look_into(folder, entry->d_name);
	return found;
}

static void finish(struct left *left, const struct error *error)
{
	store_done_fn *fn = left->fn;
	void *arg = left->arg;
	if (left->found)
		found_free(left->found);
	if (left->folder)
		closedir(left->folder);
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
	left->found = next_file(left);
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
	snprintf(aside, sizeof aside, "%s%s", found->path, found->was_refused ? "" : REFUSED);
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
