/* What a process knew of its touches when it was killed is recorded by the next one on this machine. */
#include "unit/outbox.h"

#include "base/arena.h"
#include "base/log.h"
#include "delivery/parts.h"

#include <sys/stat.h>

static struct config config;
static struct worker dead = {.config = &config, .owner = "me"}, next = {.config = &config, .owner = "next"};
static int recovered;

static void on_recovered(struct delivery *d, const struct error *error)
{
	(void)d;
	ck_assert_msg(!error, "%s", error ? error->message : "");
	recovered++;
}

static struct delivery delivery_of(struct worker *worker)
{
	return (struct delivery){.worker = worker, .name = "email", .writes = store, .scratch = arena_new(), .clock = {.scale = 1}};
}

/* In a process of its own, which ends without a word: answers to the first `count` of its claims have come. */
static void answer_and_die(size_t count, bool doubt)
{
	pid_t child = fork();
	if (child == 0) {
		struct delivery d = delivery_of(&dead);
		struct item items[4] = {0};
		answers_open(&d);
		for (size_t i = 0; i < count; i++) {
			const struct touch *t = &claimed->items[i].touch;
			items[i] = (struct item){.delivery = &d, .claim = &claimed->items[i], .permit = PERMIT_GIVEN};
			items[i].outcome = (struct outcome){
				.touch_id = t->id, .lead_id = t->lead_id, .attempt = claimed->items[i].attempt, .claimed_at = claimed->now, .state = TOUCH_SENT,
				.reason = STR("250 ok"), .remote_id = STR("q7"), .campaign = t->campaign, .step = t->step, .kind = t->kind,
				.template_name = t->template_name, .channel = t->channel, .attempt_spent = true, .doubt = doubt};
			answers_note(&items[i]);
		}
		if (count > 1)
			answers_forget(&items[count - 1]);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static void recover(void)
{
	struct delivery d = delivery_of(&next);
	recovered = 0;
	answers_recover(&d, on_recovered);
	for (mono_t end = mono_now() + 60 * MOMENT_SECOND; !recovered && mono_now() < end;)
		loop_once(loop, 100000);
	ck_assert_int_eq(recovered, 1);
	arena_free(d.scratch);
}

static const char *file_of(const char *token)
{
	static char path[256];
	snprintf(path, sizeof path, "%s/delivery/email.%s", config.data_dir, token);
	return path;
}

static int64_t ids[4];

static void begin_with_permitted(void)
{
	config.data_dir = database.folder;
	begin();
	for (int i = 1; i <= 4; i++)
		ids[i - 1] = touch(i, "planned", "2027-01-02Z");
	ck_assert_uint_eq(claim("me", 10), 4);
	permit(ids, 4);
}

static void end_all(void)
{
	store_claims_free(claimed);
	end();
}

START_TEST(what_was_answered_before_a_crash_is_recorded_and_what_was_not_is_left)
{
	begin_with_permitted();
	answer_and_die(3, false); /* the third is recorded already, as far as it knew */
	ck_assert_int_eq(access(file_of("me"), F_OK), 0);
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'sent' and remote_id = 'q7'"), 2);
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 2);
	ck_assert_int_eq(database_count(name, "event where verb = 'email.send'"), 2);
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
	recover(); /* nothing is left, and it does no harm */
	ck_assert_int_eq(database_count(name, "event"), 2);
	end_all();
}
END_TEST

START_TEST(what_a_person_or_recovery_decided_meanwhile_stands)
{
	begin_with_permitted();
	answer_and_die(1, false);
	database_ask(name, "update touch set state = 'in_doubt', token = null where state = 'permitted'");
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'in_doubt'"), 4);
	ck_assert_int_eq(database_count(name, "event"), 0);
	end_all();
}
END_TEST

START_TEST(what_a_living_process_noted_is_left_to_it)
{
	begin_with_permitted();
	struct delivery alive = delivery_of(&dead);
	answers_open(&alive);
	recover();
	ck_assert_int_eq(access(file_of("me"), F_OK), 0);
	answers_close(&alive);
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
	arena_free(alive.scratch);
	end_all();
}
END_TEST

START_TEST(a_torn_or_forged_file_records_nothing)
{
	begin_with_permitted();
	answer_and_die(1, false);
	FILE *file = fopen(file_of("me"), "r+");
	ck_assert_ptr_nonnull(file);
	for (int c = 0, at = 0; (c = getc(file)) != EOF; at++)
		if (c == 'q') { /* of its remote id */
			ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
			putc('Q', file);
			ck_assert_int_eq(fseek(file, at + 1, SEEK_SET), 0);
		}
	fclose(file);
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 4);
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
	end_all();
}
END_TEST

START_TEST(an_answer_that_says_it_is_not_known_is_no_answer)
{
	begin_with_permitted();
	answer_and_die(1, true);
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 4);
	end_all();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_was_answered_before_a_crash_is_recorded_and_what_was_not_is_left),
	UNIT(what_a_person_or_recovery_decided_meanwhile_stands),
	UNIT(what_a_living_process_noted_is_left_to_it),
	UNIT(a_torn_or_forged_file_records_nothing),
	UNIT(an_answer_that_says_it_is_not_known_is_no_answer),
};
UNIT_MAIN_WITH("delivery/answers", cases, database_begin(false))
