/* What a process knew of its touches when it was killed is recorded by the next one on this machine. */
#include "unit/outbox.h"

#include "base/arena.h"
#include "base/log.h"
#include "delivery/answers.h"
#include "delivery/delivery.h"

#include <sys/stat.h>
#include <utime.h>

static struct config config;
static struct worker dead = {.config = &config, .owner = "me"};
static int recovered;

static void on_recovered(void *arg, const struct error *error)
{
	(void)arg;
	ck_assert_msg(!error, "%s", error ? error->message : "");
	recovered++;
}

static struct delivery delivery_of(struct worker *worker)
{
	return (struct delivery){.worker = worker, .name = "email", .writes = store, .scratch = arena_new(), .clock = {.scale = 1}};
}

/* In a process of its own, which ends without a word: answers to the first `count` of its claims have come. */
static const char *said = "250 ok", *first_said;

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
				.reason = str_of(first_said && i == 0 ? first_said : said), .remote_id = STR("q7"), .campaign = t->campaign, .step = t->step, .kind = t->kind,
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
	struct delivery_left left = {.data_dir = config.data_dir, .channel = "email", .living = "next", .now = now};
	recovered = 0;
	delivery_record_left(store, &left, on_recovered, NULL);
	for (mono_t end = mono_now() + 60 * MOMENT_SECOND; !recovered && mono_now() < end;)
		loop_once(loop, 100000);
	ck_assert_int_eq(recovered, 1);
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
	end_store();
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

static void on_taken_over(void *arg, int returned, int in_doubt, int left, const struct error *error)
{
	(void)left;
	ck_assert_int_eq(returned + in_doubt, 4);
	database_done(arg, error);
}

static void wait_for(struct waited *waited)
{
	store_wait(loop, &waited->done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited->ok, "%s", waited->error.message);
	*waited = (struct waited){0};
}

/* A process on another machine, which has none of the dead one's files, takes the channel. */
static void another_node_takes_over(bool resend)
{
	struct waited waited = {0};
	store_lease_orphan(store, "me", database_done, &waited);
	wait_for(&waited);
	store_lease_tick(store, "channel:email", "far", 1, on_lease, &waited);
	wait_for(&waited);
	store_recover(store, "far", "email", "far", resend, now, on_taken_over, &waited);
	wait_for(&waited);
}

START_TEST(what_another_node_put_in_doubt_is_settled_by_the_answer)
{
	for (int resend = 0; resend < 2; resend++) {
		begin_with_permitted();
		answer_and_die(2, false); /* one of them is free again */
		another_node_takes_over(resend);
		recover();
		ck_assert_int_eq(database_count(name, "touch where state = 'sent' and remote_id = 'q7' and over_at is not null"), 1);
		ck_assert_int_eq(database_count(name, resend ? "touch where state = 'planned'" : "touch where state = 'in_doubt'"), 3);
		ck_assert_int_eq(database_count(name, "attempt where outcome = 'sent'"), 1);
		ck_assert_int_eq(database_count(name, "attempt where outcome = 'in_doubt'"), 3);
		ck_assert_int_eq(database_count(name, "event where verb = 'email.send'"), 1);
		ck_assert_int_ne(access(file_of("me"), F_OK), 0);
		end_all();
	}
}
END_TEST

static void on_decided(void *arg, const enum touch_state *was, size_t count, const struct error *error)
{
	(void)was, (void)count;
	database_done(arg, error);
}

START_TEST(what_a_person_decided_or_was_claimed_anew_meanwhile_stands)
{
	struct waited waited = {0};
	begin_with_permitted();
	answer_and_die(4, false);
	another_node_takes_over(false);
	store_touch_decide(store, ids, 1, true, now, on_decided, &waited);
	wait_for(&waited);
	store_touch_decide(store, ids + 1, 1, false, now, on_decided, &waited);
	wait_for(&waited);
	database_ask(name, "update touch set state = 'permitted', token = 'far', attempts = attempts + 1 where touch_id = %lld", (long long)ids[2]);
	recover();
	ck_assert_str_eq(state_of(ids[0]), "planned");
	ck_assert_str_eq(state_of(ids[1]), "cancelled");
	ck_assert_str_eq(state_of(ids[2]), "permitted");
	ck_assert_int_eq(database_count(name, "event where verb = 'email.send'"), 0);
	end_all();
}
END_TEST

START_TEST(an_answer_to_another_attempt_settles_nothing)
{
	static const char *const others[] = {"token = 'other'", "at = at - interval '1 s'", "outcome = 'deferred'", "reason = 'no answer to the message in time'"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		begin_with_permitted();
		answer_and_die(1, false);
		another_node_takes_over(false);
		database_ask(name, "update attempt set %s", others[i]);
		recover();
		ck_assert_int_eq(database_count(name, "touch where state = 'in_doubt'"), 4);
		ck_assert_int_eq(database_count(name, "attempt where outcome = 'sent'"), 0);
		end_all();
	}
}
END_TEST

/* A text of the longest kind, with a character of two, three or four bytes across each place where it could be cut. */
START_TEST(a_long_reason_is_cut_between_characters)
{
	static const char *const letters[] = {"\u00e4", "\u20ac", "\U0001f4ee"};
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		for (int shift = 0; shift < 4; shift++) {
			char text[CHANNEL_REASON_MAX + 1] = "250 ";
			memset(text + 4, 'x', (size_t)shift);
			for (size_t n = 4 + (size_t)shift; n + strlen(letters[i]) < 400; n += strlen(letters[i]))
				memcpy(text + n, letters[i], strlen(letters[i]) + 1);
			if (i == 0 && shift == 0)
				begin_with_permitted();
			said = text;
			answer_and_die(1, false);
			said = "250 ok";
			recover();
			ck_assert_msg(database_count(name, "touch where state = 'sent' and length(reason) > 50") == 1, "%zu %d", i, shift);
			database_ask(name, "update touch set state = 'permitted', token = 'me', reason = null");
			database_ask(name, "update attempt set ended_at = null, outcome = null");
		}
	end_all();
}
END_TEST

/* What the database refuses, for whatever reason, is left behind alone; the others are recorded. */
START_TEST(one_that_is_refused_does_not_take_the_others_with_it)
{
	begin_with_permitted();
	first_said = "250 \xc3";
	answer_and_die(4, false); /* the fourth is free again */
	first_said = NULL;
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'sent'"), 2);
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 2);
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
	ck_assert_int_eq(access(file_of("me.refused"), F_OK), 0);
	recover(); /* it is tried again, and stays */
	ck_assert_int_eq(access(file_of("me.refused"), F_OK), 0);
	ck_assert_int_eq(database_count(name, "touch where state = 'sent'"), 2);
	struct utimbuf long_ago = {.modtime = time(NULL) - 31 * 86400};
	ck_assert_int_eq(utime(file_of("me.refused"), &long_ago), 0);
	recover(); /* a month is enough */
	ck_assert_int_ne(access(file_of("me.refused"), F_OK), 0);
	end_all();
}
END_TEST

/* What was refused once may be taken another time: by a version that knows better. */
START_TEST(what_was_refused_is_recorded_once_the_database_takes_it)
{
	begin_with_permitted();
	answer_and_die(2, false);
	char refused[300];
	snprintf(refused, sizeof refused, "%s.refused", file_of("me"));
	ck_assert_int_eq(rename(file_of("me"), refused), 0);
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'sent' and remote_id = 'q7'"), 1);
	ck_assert_int_ne(access(refused, F_OK), 0);
	end_all();
}
END_TEST

/* Writes the dead process's file anew as another version would: slots that are longer by `more`. */
static void rewrite(uint32_t version, uint32_t since, size_t more)
{
	static char slot[sizeof(struct kept_answer) + 64];
	struct answers_head head;
	size_t size = sizeof(struct kept_answer) + more;
	FILE *from = fopen(file_of("me"), "r");
	ck_assert_ptr_nonnull(from);
	ck_assert_uint_eq(fread(&head, sizeof head, 1, from), 1);
	unlink(file_of("me"));
	FILE *to = fopen(file_of("me"), "w");
	ck_assert_ptr_nonnull(to);
	head.version = version, head.since = since, head.slot_size = (uint32_t)size;
	ck_assert_uint_eq(fwrite(&head, sizeof head, 1, to), 1);
	for (uint32_t i = 0; i < head.slots; i++) {
		memset(slot, 'n', sizeof slot); /* what we know nothing of */
		ck_assert_uint_eq(fread(slot, sizeof(struct kept_answer), 1, from), 1);
		uint64_t sum = 0;
		memcpy(&sum, slot, sizeof sum);
		if (sum)
			sum = kept_answer_sum(slot, size);
		memcpy(slot, &sum, sizeof sum);
		ck_assert_uint_eq(fwrite(slot, size, 1, to), 1);
	}
	fclose(from);
	fclose(to);
}

START_TEST(a_file_of_a_later_version_is_read_if_it_says_that_it_can_be)
{
	begin_with_permitted();
	answer_and_die(3, false);
	rewrite(ANSWERS_VERSION + 1, ANSWERS_SINCE, 64);
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'sent' and remote_id = 'q7'"), 2);
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
	end_all();
}
END_TEST

START_TEST(a_file_that_only_another_version_reads_is_kept_for_it)
{
	begin_with_permitted();
	answer_and_die(3, false);
	rewrite(ANSWERS_VERSION + 1, ANSWERS_VERSION + 1, 0);
	recover();
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 4);
	ck_assert_int_eq(access(file_of("me"), F_OK), 0);
	rewrite(ANSWERS_VERSION, ANSWERS_SINCE, 0);
	recover(); /* that one has come */
	ck_assert_int_eq(database_count(name, "touch where state = 'sent' and remote_id = 'q7'"), 2);
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
	end_all();
}
END_TEST

/* One byte of a head that is of no version. */
START_TEST(a_file_without_a_head_is_kept_and_an_empty_one_goes)
{
	begin_with_permitted();
	answer_and_die(3, false);
	FILE *file = fopen(file_of("me"), "r+");
	ck_assert_ptr_nonnull(file);
	putc('N', file);
	fclose(file);
	recover();
	ck_assert_int_eq(database_count(name, "touch where state = 'permitted'"), 4);
	ck_assert_int_eq(access(file_of("me"), F_OK), 0);
	ck_assert_int_eq(truncate(file_of("me"), 0), 0);
	ck_assert_int_eq(truncate(file_of("me"), FILE_SIZE), 0);
	recover();
	ck_assert_int_ne(access(file_of("me"), F_OK), 0);
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
	UNIT(what_another_node_put_in_doubt_is_settled_by_the_answer),
	UNIT(what_a_person_decided_or_was_claimed_anew_meanwhile_stands),
	UNIT(an_answer_to_another_attempt_settles_nothing),
	UNIT(a_long_reason_is_cut_between_characters),
	UNIT(one_that_is_refused_does_not_take_the_others_with_it),
	UNIT(what_was_refused_is_recorded_once_the_database_takes_it),
	UNIT(a_file_of_a_later_version_is_read_if_it_says_that_it_can_be),
	UNIT(a_file_that_only_another_version_reads_is_kept_for_it),
	UNIT(a_file_without_a_head_is_kept_and_an_empty_one_goes),
	UNIT(what_a_living_process_noted_is_left_to_it),
	UNIT(a_torn_or_forged_file_records_nothing),
	UNIT(an_answer_that_says_it_is_not_known_is_no_answer),
};
UNIT_MAIN_WITH("delivery/answers", cases, database_begin(false))
