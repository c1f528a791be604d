/* A round: what is bad about one lead never holds the others up, and what failed is saved as failed. The store and the turn are
 * fakes that this program defines itself, so that any lead can fail in any way. */
#include "base/log.h"
#include "base/mem.h"
#include "engine/parts.h"
#include "unit/check_main.h"

#include <fcntl.h>
#include <unistd.h>

enum { LEADS = 500 };

static struct {
	int64_t bad_turn;               /* the lead whose turn fails */
	int64_t bad_data[3];            /* leads that the database refuses */
	bool refuse_failures;           /* even as failures */
	int64_t late[3];                /* leads that came too late for a place of their account */
	bool again;                     /* the round said that some are to be loaded again */
	enum error_code all;            /* every save fails with this */
	struct { bool saved, failed; } leads[LEADS];
	int saves, over, troubles;
	size_t events;                  /* of each turn */
	int64_t ids_end;                /* where the ids end; 0 = far away */
	int micros;                     /* that each turn takes */
} fake;

int turn_run(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct turn_changes *out, struct error *error)
{
	(void)playbook;
	if (fake.micros)
		usleep((useconds_t)fake.micros);
	if (facts->lead.id == fake.bad_turn)
		return error_set(error, ERROR_INVALID, "scoring/fit.lua:7", "attempt to index nil");
	out->event_count = fake.events;
	out->events = arena_array(arena, fake.events + 1, sizeof *out->events);
	for (size_t i = 0; i < fake.events; i++) {
		out->events[i] = (struct turn_event){.verb = STR("score.change")};
		struct event e = {.verb = STR("score.change"), .at = facts->now};
		history_add(&facts->history, &e, arena);
	}
	out->history_changed = true;
	return 0;
}

static bool is_late(const struct batch_save *save, const struct save_lead *lead, void *arg)
{
	static const struct campaign_claim claim = {.campaign = {"hot", 3}, .lead_id = 64, .enrollment_id = 7};
	for (size_t i = 0; i < sizeof fake.late / sizeof *fake.late; i++) {
		if (!fake.late[i] || fake.late[i] != lead->before->facts.lead.id)
			continue;
		save->taken(arg, lead->before->facts.lead.id, &claim);
		return true;
	}
	return false;
}

static bool is_bad(const struct save_lead *lead)
{
	for (size_t i = 0; i < sizeof fake.bad_data / sizeof *fake.bad_data; i++)
		if (fake.bad_data[i] && fake.bad_data[i] == lead->before->facts.lead.id)
			return !lead->failure || fake.refuse_failures;
	return false;
}

void store_batch_save(struct store *store, const struct batch_save *save, store_done_fn *fn, void *arg)
{
	struct error error = {0};
	(void)store;
	fake.saves++;
	if (fake.all)
		error_set(&error, fake.all, "store", "as the test wants it");
	for (size_t i = 0; i < save->count; i++)
		if (is_late(save, &save->leads[i], arg))
			error_set(&error, ERROR_CONFLICT, "account_claim", "too late");
	for (size_t i = 0; i < save->count && !error.code; i++)
		if (is_bad(&save->leads[i]))
			error_set(&error, ERROR_INVALID, "lead_check", "refused");
	for (size_t i = 0; i < save->count && !error.code; i++) {
		size_t n = (size_t)(save->leads[i].before->facts.lead.id >> 6) - 1;
		ck_assert(!fake.leads[n].saved);
		fake.leads[n].saved = true;
		fake.leads[n].failed = save->leads[i].failure != NULL;
	}
	fn(arg, error.code ? &error : NULL);
}

void store_batch_free(struct batch *batch)
{
	arena_free(batch->arena);
}

struct edition *edition_ref(struct edition *edition)
{
	edition->refs++;
	return edition;
}

void edition_unref(struct edition *edition)
{
	ck_assert_int_gt(--edition->refs, 0);
}

void engine_saved(struct engine *engine, struct round *round)
{
	(void)engine;
	fake.over++;
	fake.again = round->again;
	round_free(round);
}

void engine_trouble(struct engine *engine, const char *what, const struct error *error)
{
	(void)engine, (void)what, (void)error;
	fake.troubles++;
}

static struct engine engine;
static struct worker worker;

static struct round *begin(void)
{
	static struct playbook playbook = {.revision = "abc"};
	static struct edition edition = {.playbook = &playbook, .refs = 1};
	struct arena *arena = arena_new();
	struct batch *batch = arena_alloc(arena, sizeof *batch);
	log_set_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
	*batch = (struct batch){.arena = arena, .shard = 5, .count = LEADS, .now = 1000};
	batch->leads = arena_array(arena, LEADS, sizeof *batch->leads);
	for (int i = 0; i < LEADS; i++)
		batch->leads[i].facts.lead.id = ((int64_t)(i + 1) << 6) | 5;
	engine = (struct engine){.worker = &worker, .edition = &edition, .held = 1 << 5, 
				 .ids = {.next = 1000, .end = fake.ids_end ? fake.ids_end : 100000}};
	static struct line line = {.engine = &engine};
	struct round *round = round_new(&engine, batch);
	if (round)
		round->line = &line;
	return round;
}

static int64_t id_of(int n)
{
	return ((int64_t)(n + 1) << 6) | 5;
}

static void ck_saved_all_but(int failed)
{
	int count = 0;
	for (int i = 0; i < LEADS; i++) {
		ck_assert_msg(fake.leads[i].saved, "lead %d was not saved", i);
		count += fake.leads[i].failed;
	}
	ck_assert_int_eq(count, failed);
	ck_assert_int_eq(fake.over, 1);
}

START_TEST(a_turn_that_fails_is_saved_as_failed_and_the_others_as_they_are)
{
	fake.bad_turn = id_of(17);
	round_save(begin());
	ck_saved_all_but(1);
	ck_assert(fake.leads[17].failed);
	ck_assert_int_eq(fake.saves, 1);
}
END_TEST

START_TEST(leads_that_the_database_refuses_fail_alone)
{
	fake.bad_data[0] = id_of(0);
	fake.bad_data[1] = id_of(250);
	fake.bad_data[2] = id_of(499);
	round_save(begin());
	ck_saved_all_but(3);
	ck_assert(fake.leads[0].failed && fake.leads[250].failed && fake.leads[499].failed);
}
END_TEST

START_TEST(who_came_too_late_is_set_aside_and_the_others_are_saved)
{
	fake.late[0] = id_of(0), fake.late[1] = id_of(250), fake.late[2] = id_of(499);
	fake.bad_data[0] = id_of(7);
	round_save(begin());
	ck_assert_int_eq(fake.over, 1);
	ck_assert(fake.again);
	for (int i = 0; i < LEADS; i++) {
		ck_assert(fake.leads[i].saved == (i != 0 && i != 250 && i != 499));
		ck_assert(fake.leads[i].failed == (i == 7));
	}
	ck_assert_uint_eq(engine.taken.count, 3); /* until they are saved knowing it */
	struct arena *arena = arena_new();
	struct turn_facts facts = {.lead = {.id = id_of(250)}}, others = {.lead = {.id = id_of(251)}}, joined = {.lead = {.id = id_of(0), .account_id = 64}};
	taken_add(&engine, &facts, arena);
	taken_add(&engine, &others, arena);
	taken_add(&engine, &joined, arena);
	ck_assert(facts.claim_count == 1 && str_is(facts.claims[0].campaign, "hot") && facts.claims[0].enrollment_id == 7);
	ck_assert_uint_eq(others.claim_count + joined.claim_count, 0);
	arena_free(arena);
	memset(fake.late, 0, sizeof fake.late);
	memset(fake.leads, 0, sizeof fake.leads);
	struct taken *items = engine.taken.items;
	struct arena *kept = engine.taken.arena;
	struct round *round = begin();
	engine.taken.items = items, engine.taken.count = 3, engine.taken.arena = kept;
	round_save(round);
	ck_assert_uint_eq(engine.taken.count, 0);
	ck_assert_ptr_null(engine.taken.arena);
}
END_TEST

START_TEST(what_a_save_told_is_let_go_of_when_nobody_comes_for_it)
{
	static const struct campaign_claim claim = {.campaign = {"hot", 3}, .lead_id = 64, .enrollment_id = 7};
	struct round *round = begin();
	for (int i = 0; i < 3; i++)
		taken_note(round, id_of(i), &claim);
	ck_assert_uint_eq(engine.taken.count, 3);
	engine.taken.items[0].since -= 3600 * MOMENT_SECOND; /* its turn did not come */
	engine.taken.items[1].lead_id += 1;                  /* its shard is in other hands */
	taken_note(round, id_of(3), &claim);
	ck_assert_uint_eq(engine.taken.count, 2);
	ck_assert(engine.taken.items[0].lead_id == id_of(2) && engine.taken.items[1].lead_id == id_of(3));
	ck_assert(str_is(engine.taken.items[0].claim.campaign, "hot"));
	for (int i = 0; i < 5000; i++) {
		taken_note(round, id_of(LEADS + i), &claim);
		ck_assert_uint_le(engine.taken.count, 500);
		ck_assert(engine.taken.items[engine.taken.count - 1].lead_id == id_of(LEADS + i));
	}
	taken_fini(&engine);
	round_free(round);
}
END_TEST

START_TEST(a_failure_that_cannot_be_written_holds_nobody_up)
{
	fake.bad_data[0] = id_of(3);
	fake.refuse_failures = true;
	round_save(begin());
	for (int i = 0; i < LEADS; i++)
		ck_assert(fake.leads[i].saved == (i != 3));
	ck_assert_int_eq(fake.over, 1);
	ck_assert_int_gt(engine.quiet_until[5], mono_now());
}
END_TEST

START_TEST(a_lost_lease_drops_the_shard_and_writes_nothing)
{
	fake.all = ERROR_DENIED;
	round_save(begin());
	ck_assert_int_eq(fake.saves, 1);
	ck_assert_int_eq(fake.over, 1);
	ck_assert_uint_eq(engine.held, 0);
}
END_TEST

START_TEST(a_database_that_is_away_is_trouble_and_not_the_leads_fault)
{
	fake.all = ERROR_UNAVAILABLE;
	round_save(begin());
	ck_assert_int_eq(fake.saves, 1);
	ck_assert_int_eq(fake.over, 1);
	ck_assert_int_eq(fake.troubles, 1);
	ck_assert_uint_eq(engine.held, 1 << 5);
}
END_TEST

START_TEST(events_of_a_turn_have_the_same_ids_in_the_table_and_in_the_history)
{
	struct ids ids = {.next = 77, .end = 100};
	struct batch_lead before = {.facts.lead.id = id_of(1)};
	struct arena *arena = arena_new();
	struct turn_facts facts = {.lead = before.facts.lead, .now = 5};
	struct turn_changes changes = {0};
	struct save_lead save;
	struct history history = {0};
	fake.events = 2;
	ck_assert_int_eq(turn_run(NULL, &facts, arena, &changes, NULL), 0);
	ck_assert(translate(&ids, &before, &facts, &changes, arena, &save));
	ck_assert_uint_eq(save.event_count, 2);
	ck_assert_int_eq(history_read(&history, save.packed, arena, NULL), 0);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(save.events[i].id, (int64_t)(77 + i) << 6 | 5);
		ck_assert_int_eq(history.events[i].id, save.events[i].id);
	}
	arena_free(arena);
}
END_TEST

START_TEST(a_round_ends_where_ids_run_out)
{
	fake.events = 3;
	fake.ids_end = 1000 + 4 * 3 + 2; /* four leads and not quite a fifth: no machine is too slow for so few */
	struct round *round = begin();
	ck_assert_uint_eq(round->count, 4);
	round_free(round);
}
END_TEST

START_TEST(slow_scripts_make_a_short_batch_and_not_a_deaf_worker)
{
	fake.micros = 20000;
	struct round *round = begin();
	ck_assert_uint_ge(round->count, 1);
	ck_assert_uint_le(round->count, 30);
	size_t turned = round->count;
	round_save(round);
	for (size_t i = 0; i < LEADS; i++)
		ck_assert(fake.leads[i].saved == (i < turned));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_turn_that_fails_is_saved_as_failed_and_the_others_as_they_are),
	UNIT(leads_that_the_database_refuses_fail_alone),
	UNIT(what_a_save_told_is_let_go_of_when_nobody_comes_for_it),
	UNIT(who_came_too_late_is_set_aside_and_the_others_are_saved),
	UNIT(a_failure_that_cannot_be_written_holds_nobody_up),
	UNIT(a_lost_lease_drops_the_shard_and_writes_nothing),
	UNIT(a_database_that_is_away_is_trouble_and_not_the_leads_fault),
	UNIT(events_of_a_turn_have_the_same_ids_in_the_table_and_in_the_history),
	UNIT(a_round_ends_where_ids_run_out),
	UNIT(slow_scripts_make_a_short_batch_and_not_a_deaf_worker),
};
UNIT_MAIN("engine/round", cases)
