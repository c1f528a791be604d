/* The conformance kit's checks of the end: draining, closing, and what is left behind after many openings. */
#include "channel/check_kit.h"

#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#if defined __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void); /* its header comes with clang only */
#endif

enum { WARM_UP = 10, WINDOWS = 4, ROUNDS = 12, KEPT_MIN = 24 }; /* the smallest piece that malloc gives */

static const char plain[] = "Conformance";

static enum verdict finishes_when_drained(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = kit->answer = true;
	check_deliver(kit, 64, NULL, plain);
	check_drain(kit);
	if ((verdict = check_wait_over(kit, 1)) != CHECK_OK)
		return verdict;
	check_close(kit);
	check_run(kit, MOMENT_SECOND / 10);
	return CHECK_OK;
}

typedef void tell_fn(struct channel *channel, struct nurture_forget *forget);

/* Asks for it and waits for the answer. */
static enum verdict forget_one(struct kit *kit, tell_fn *tell, const char *name, int64_t id, int64_t lead, int64_t into)
{
	struct lent *lent = lent_new("nurture_forget", "forget had returned");
	struct nurture_forget *forget = lent_take(lent, sizeof *forget);
	*forget = (struct nurture_forget){.id = id, .lead_id = lead, .into = into, .now = real_now()};
	kit->forget_id = id;
	check_doing(kit, name);
	tell(kit->channel, forget);
	lent_away(lent);
	check_doing(kit, "a callback of its own");
	for (mono_t end = mono_now() + TOUCH_SECONDS * MOMENT_SECOND; kit->forget_id && mono_now() < end;)
		check_turn(kit, 20000);
	if (kit->forget_id)
		return check_fail(kit, "it did not answer %s within %d seconds", name, TOUCH_SECONDS);
	/* who keeps people in the database, which is away, says so: it is asked again */
	return kit->forget_failed && !kit->queries
		       ? check_fail(kit, "it says that it cannot forget somebody whom it does not know, or forgot before, or take them apart: %.200s", kit->said)
		       : CHECK_OK;
}

static enum verdict forgets(struct kit *kit)
{
	static const struct { int64_t id, lead, into; bool apart; } asked[] = {
		{1, 7, 0, false}, {1, 7, 0, false}, {2, 71, 135, false}, {5, 71, 135, true}, {5, 71, 135, true}, {3, 135, 0, false}, {6, 199, 135, true}, {4, 64, 0, false}};
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	if (!channel_forgets(kit->plugin)) {
		check_close(kit);
		return check_skip(kit, "it has no forget: it must keep nothing of people beyond the touches in its hands");
	}
	check_deliver(kit, 64, NULL, plain); /* somebody's touch is in its hands */
	for (size_t i = 0; i < sizeof asked / sizeof *asked && verdict == CHECK_OK; i++)
		if (!asked[i].apart || channel_parts(kit->plugin))
			verdict = forget_one(kit, asked[i].apart ? channel_part : channel_forget, asked[i].apart ? "part" : "forget", asked[i].id, asked[i].lead,
					     asked[i].into);
	if (verdict == CHECK_OK) {
		check_run(kit, MOMENT_SECOND / 5);
		if (kit->forgot_odd)
			verdict = check_fail(kit, "it answered forget or part twice, or for somebody who was not asked about");
	}
	check_cancel_all(kit);
	check_close(kit);
	return verdict;
}

static int entries(const char *path)
{
	int count = 0;
	DIR *dir = opendir(path);
	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/* Events of the loop that wait or are about to run, once all that is due is done. */
static int events(struct kit *kit)
{
	check_run(kit, 1000);
	return event_base_get_num_events(loop_base(kit->loop), EVENT_BASE_COUNT_ADDED | EVENT_BASE_COUNT_ACTIVE);
}

static enum verdict leaves_nothing(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_close(kit); /* what its libraries keep for good is there now */
	int before = events(kit), threads = entries("/proc/self/task");
	if ((verdict = check_open_again(kit)) != CHECK_OK)
		return verdict;
	for (int i = 0; i < 3; i++)
		check_deliver(kit, 64 * (i + 1), NULL, plain);
	check_run(kit, MOMENT_SECOND / 5);
	size_t timers = check_close(kit);
	if (timers)
		return check_fail(kit, "it was closed with touches in hand and left %d timers behind", (int)timers);
	int left = events(kit) - before;
	if (left > 0)
		return check_fail(kit, "it was closed with touches in hand and left %d events on the loop", left);
	if (entries("/proc/self/task") > threads)
		return check_fail(kit, "it was closed and threads of its own still run");
	check_run(kit, MOMENT_SECOND / 5); /* what it forgot would fire now, in memory that is gone */
	return CHECK_OK;
}

static int64_t memory(void)
{
#if defined __SANITIZE_ADDRESS__
	return (int64_t)__sanitizer_get_current_allocated_bytes();
#else
	struct mallinfo2 m = mallinfo2();
	return (int64_t)(m.uordblks + m.hblkhd);
#endif
}

/* One life: open, a touch that is taken back (every other time while it waits for permission), close. */
static enum verdict live_once(struct kit *kit, int round)
{
	enum verdict verdict = check_open_again(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->over = kit->ask_count = 0;
	check_deliver(kit, 64, NULL, plain);
	for (int i = 0; round % 2 && i < 10 && !kit->ask_count && !kit->over; i++)
		check_turn(kit, 5000);
	check_cancel_all(kit);
	check_drain(kit);
	for (mono_t end = mono_now() + MOMENT_SECOND; !kit->over && mono_now() < end;)
		check_turn(kit, 5000);
	check_close(kit);
	check_run(kit, 1000);
	return CHECK_OK;
}

/* Settings that are refused must not leave anything either. */
static void be_refused(struct kit *kit)
{
	struct nurture_problem problem = {.size = sizeof problem};
	json_t *settings = json_deep_copy(kit->settings);
	json_object_set_new(settings, "no_such_setting", json_true());
	check_doing(kit, "open, with a setting that it does not know");
	(void)kit->plugin->channel->open(NULL, settings, kit->dir, NULL, &problem);
	json_decref(settings);
}

/* Some lives in a thread of their own: with it go the caches in which malloc holds back what was freed, and memory() is exact. */
struct lives {
	struct kit *kit;
	int rounds;
	enum verdict verdict;
};

static void *live(void *arg)
{
	struct lives *lives = arg;
	for (int round = 0; round < lives->rounds && lives->verdict == CHECK_OK; round++) {
		lives->verdict = live_once(lives->kit, round);
		be_refused(lives->kit);
	}
	return NULL;
}

static enum verdict live_apart(struct kit *kit, int rounds)
{
	struct lives lives = {.kit = kit, .rounds = rounds, .verdict = CHECK_OK};
	pthread_t thread;
	if (pthread_create(&thread, NULL, live, &lives))
		return check_fail(kit, "there is no thread to be had for this check");
	pthread_join(thread, NULL);
	return lives.verdict;
}

static enum verdict keeps_nothing(struct kit *kit)
{
	int64_t least = INT64_MAX;
	mallopt(M_ARENA_MAX, 1); /* all threads take from one place */
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_close(kit);
	if ((verdict = live_apart(kit, WARM_UP)) != CHECK_OK)
		return verdict;
	int files = entries("/proc/self/fd");
	for (int window = 0; window < WINDOWS; window++) { /* what is kept shows in each */
		int64_t before = memory();
		if ((verdict = live_apart(kit, ROUNDS)) != CHECK_OK)
			return verdict;
		int64_t kept = memory() - before;
		least = kept < least ? kept : least;
	}
	int more = entries("/proc/self/fd") - files;
	if (more > 0)
		return check_fail(kit, "after %d openings it has %d descriptors more", WINDOWS * ROUNDS, more);
	if (least >= ROUNDS * KEPT_MIN)
		return check_fail(kit, "each opening keeps at least %lld bytes of memory", (long long)least / ROUNDS);
	return CHECK_OK;
}

const struct check check_of_ends[] = {
	{"it finishes what it has when it is drained", finishes_when_drained},
	{"it forgets whom it is told to forget, again and again, and while a touch is in hand", forgets},
	{"it closes with touches in hand and leaves nothing behind", leaves_nothing},
	{"it opens and closes again and again and keeps nothing", keeps_nothing},
	{0},
};
