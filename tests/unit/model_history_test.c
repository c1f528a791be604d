/* The packed history: what goes in comes out, late events land where they belong, old ones are counted, damage is told. */
#include "model/history.h"
#include "unit/check_main.h"

static const char *const verbs[] = {"page.view", "asset.download", "email.click", "webinar.attend", "demo.request"};
static const char *const subjects[] = {"", "/pricing", "security-guide", "bank-case", "a-rather-long-subject-name-that-takes-space"};

static uint64_t seed;
static uint64_t next(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 33;
}

static struct event random_event(int64_t id)
{
	struct event event = {.id = id, .at = (moment_t)(next() % 100000) * MOMENT_MINUTE, .verb = str_of(verbs[next() % 5]),
			      .subject = str_of(subjects[next() % 5]), .machine = next() % 10 == 0};
	event.has_value = next() % 2;
	if (event.has_value)
		event.value = next() % 2 ? (double)(next() % 100) : (double)(next() % 1000) / 7;
	if (next() % 4 == 0)
		event.data = STR("{\"step\": \"offer\"}");
	return event;
}

static bool same_event(const struct history_event *a, const struct history_event *b)
{
	return a->id == b->id && a->at == b->at && str_same(a->verb, b->verb) && str_same(a->subject, b->subject) && a->value == b->value &&
	       a->has_value == b->has_value && a->machine == b->machine && str_same(a->data, b->data);
}

static void assert_same(const struct history *a, const struct history *b)
{
	ck_assert_int_eq(a->seen_at, b->seen_at);
	ck_assert_uint_eq(a->seen_by, b->seen_by);
	ck_assert_uint_eq(a->held_count, b->held_count);
	for (size_t i = 0; i < a->held_count; i++)
		ck_assert(str_same(a->held[i], b->held[i]));
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->fold_count, b->fold_count);
	for (size_t i = 0; i < a->count; i++)
		ck_assert(same_event(&a->events[i], &b->events[i]));
	for (size_t i = 0; i < a->fold_count; i++) {
		const struct history_fold *x = &a->folds[i], *y = &b->folds[i];
		ck_assert(str_same(x->verb, y->verb) && str_same(x->subject, y->subject));
		ck_assert(x->count == y->count && x->sum == y->sum && x->first == y->first && x->last == y->last);
	}
}

/* Counts of a verb, however they are kept. */
static int64_t count_of(const struct history *history, struct str verb)
{
	int64_t n = 0;
	for (size_t i = 0; i < history->count; i++)
		n += str_same(history->events[i].verb, verb) && !history->events[i].machine;
	for (size_t i = 0; i < history->fold_count; i++)
		n += str_same(history->folds[i].verb, verb) ? history->folds[i].count : 0;
	return n;
}

START_TEST(what_was_written_is_read_back_for_any_history)
{
	for (seed = 1; seed < 300; seed += 7) {
		struct arena *arena = arena_new();
		struct str held[] = {STR("drip"), STR("page.view")};
		struct history history = {.seen_at = (moment_t)next(), .seen_by = next() << 33 | next(), .held = held, .held_count = next() % 3}, again;
		size_t n = next() % 450;
		for (size_t i = 0; i < n; i++) {
			struct event event = random_event((int64_t)i + 1);
			ck_assert(history_add(&history, &event, arena));
			if (i % 50 == 0) {
				struct str packed = history_write(&history, arena);
				ck_assert_int_eq(history_read(&again, packed, arena, NULL), 0);
				assert_same(&history, &again);
				history = again;
			}
		}
		arena_free(arena);
	}
}
END_TEST

START_TEST(nothing_is_lost_and_the_newest_stay_exact_in_order)
{
	for (uint64_t round = 1; round < 20; round++) {
		struct arena *arena = arena_new();
		struct history history = {0};
		int64_t counts[5] = {0};
		seed = round;
		moment_t newest[900];
		for (int i = 0; i < 900; i++) {
			struct event event = random_event(i + 1);
			newest[i] = event.at;
			for (int v = 0; v < 5; v++)
				counts[v] += str_is(event.verb, verbs[v]) && !event.machine;
			ck_assert(history_add(&history, &event, arena));
		}
		ck_assert_uint_eq(history.count, HISTORY_EXACT);
		for (int v = 0; v < 5; v++)
			ck_assert_int_eq(count_of(&history, str_of(verbs[v])), counts[v]);
		size_t newer = 0;
		for (size_t i = 1; i < history.count; i++)
			ck_assert_int_le(history.events[i - 1].at, history.events[i].at);
		for (int i = 0; i < 900; i++)
			newer += newest[i] > history.events[0].at;
		ck_assert_uint_lt(newer, HISTORY_EXACT);
		for (size_t i = 0; i < history.fold_count; i++)
			ck_assert_int_le(history.folds[i].last, history.events[0].at);
		arena_free(arena);
	}
}
END_TEST

START_TEST(the_same_event_counts_once_and_a_late_one_lands_in_its_place)
{
	struct arena *arena = arena_new();
	struct history history = {0};
	struct event a = {.id = 1, .at = 100, .verb = STR("page.view")}, b = {.id = 2, .at = 50, .verb = STR("page.view")};
	ck_assert(history_add(&history, &a, arena));
	ck_assert(history_add(&history, &b, arena));
	ck_assert(!history_add(&history, &a, arena));
	ck_assert_uint_eq(history.count, 2);
	ck_assert_int_eq(history.events[0].id, 2);
	struct event ours = {.id = 0, .at = 60, .verb = STR("grade.change")};
	ck_assert(history_add(&history, &ours, arena));
	ck_assert(history_add(&history, &ours, arena));
	ck_assert_uint_eq(history.count, 4);
	arena_free(arena);
}
END_TEST

START_TEST(many_subjects_of_one_verb_are_gathered_and_still_counted)
{
	struct arena *arena = arena_new();
	struct history history = {0}, again;
	for (int i = 0; i < 2000; i++) {
		struct event event = {.id = i + 1, .at = i, .verb = i % 3 ? STR("page.view") : STR("asset.download"), .subject = str_of(arena_printf(arena, "/page-%d", i))};
		ck_assert(history_add(&history, &event, arena));
	}
	ck_assert_uint_le(history.fold_count, HISTORY_FOLDS);
	ck_assert_int_eq(count_of(&history, STR("page.view")), 1333);
	ck_assert_int_eq(count_of(&history, STR("asset.download")), 667);
	ck_assert_int_eq(history_read(&again, history_write(&history, arena), arena, NULL), 0);
	assert_same(&history, &again);
	arena_free(arena);
}
END_TEST

START_TEST(long_data_and_machine_events_do_not_fill_the_history)
{
	struct arena *arena = arena_new();
	struct history history = {0};
	char data[HISTORY_DATA + 2];
	memset(data, 'x', sizeof data);
	struct event event = {.id = 1, .at = 1, .verb = STR("form.submit"), .data = {data, sizeof data - 1}};
	ck_assert(history_add(&history, &event, arena));
	ck_assert_uint_eq(history.events[0].data.n, 0);
	for (int i = 0; i < HISTORY_EXACT + 10; i++) {
		struct event machine = {.id = i + 2, .at = i + 2, .verb = STR("email.open"), .machine = true};
		ck_assert(history_add(&history, &machine, arena));
	}
	ck_assert_uint_eq(history.fold_count, 1); /* the form alone */
	arena_free(arena);
}
END_TEST

START_TEST(huge_values_do_not_make_a_history_unreadable)
{
	struct arena *arena = arena_new();
	struct history history = {0}, again;
	for (int i = 0; i < HISTORY_EXACT + 50; i++) {
		struct event event = {.id = i + 1, .at = i, .verb = STR("page.view"), .has_value = true, .value = 1.7e308};
		ck_assert(history_add(&history, &event, arena));
	}
	ck_assert_int_eq(history_read(&again, history_write(&history, arena), arena, NULL), 0);
	assert_same(&history, &again);
	arena_free(arena);
}
END_TEST

/* Every byte changed, every length cut: an error or a history that holds its promises, never a crash. */
START_TEST(damaged_bytes_are_an_error_or_a_sound_history_never_a_crash)
{
	struct arena *arena = arena_new();
	struct history history = {0};
	seed = 42;
	for (int i = 0; i < 260; i++) {
		struct event event = random_event(i + 1);
		ck_assert(history_add(&history, &event, arena));
	}
	struct str packed = history_write(&history, arena);
	for (size_t i = 0; i < packed.n; i++) {
		struct arena *scratch = arena_new();
		struct history again;
		struct error error = {0};
		char *bytes = malloc(packed.n); /* exact size, so that a sanitizer sees reads past the end */
		memcpy(bytes, packed.p, packed.n);
		bytes[i] = (char)(bytes[i] ^ (1 + next() % 255));
		if (history_read(&again, (struct str){bytes, packed.n}, scratch, &error) == 0) {
			for (size_t k = 1; k < again.count; k++)
				ck_assert_int_le(again.events[k - 1].at, again.events[k].at);
			(void)history_write(&again, scratch);
		} else {
			ck_assert_uint_eq(again.count, 0);
			ck_assert_str_eq(error.where, "lead_history");
		}
		free(bytes);
		bytes = malloc(i + 1);
		memcpy(bytes, packed.p, i);
		if (i > 0)
			ck_assert_int_eq(history_read(&again, (struct str){bytes, i}, scratch, &error), -1);
		free(bytes);
		arena_free(scratch);
	}
	arena_free(arena);
}
END_TEST

START_TEST(another_version_is_refused_by_number)
{
	struct arena *arena = arena_new();
	struct history history;
	struct error error = {0};
	ck_assert_int_eq(history_read(&history, STR("\x09zzz"), arena, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "version 9"));
	ck_assert_int_eq(history_read(&history, STR(""), arena, &error), 0);
	ck_assert_uint_eq(history.count, 0);
	arena_free(arena);
}
END_TEST

/* In another order of arrival, written and read again: the same past. One value, one verb, one missing: another. */
START_TEST(two_histories_are_the_same_when_they_tell_the_same)
{
	struct arena *arena = arena_new();
	struct history forth = {0}, back = {0}, other = {0};
	static struct event events[240];
	struct error error = {0};
	seed = 7;
	for (int i = 0; i < 240; i++) {
		events[i] = random_event(i + 1);
		events[i].at = i / 4 * MOMENT_HOUR; /* four of each moment */
		events[i].data = STR("{\"a\": 1, \"b\": [true]}");
	}
	for (int i = 0; i < 240; i++) {
		struct event changed = events[i];
		(void)history_add(&forth, &changed, arena);
		changed = events[i / 4 * 4 + 3 - i % 4];
		changed.data = STR("{\"b\":[true],\"a\":1}");
		(void)history_add(&back, &changed, arena);
		changed.verb = i == 230 ? STR("page.other") : changed.verb;
		(void)history_add(&other, &changed, arena);
	}
	ck_assert(history_same(&forth, &forth) && history_same(&forth, &back) && history_same(&back, &forth));
	ck_assert(!history_same(&forth, &other));
	ck_assert_int_eq(history_read(&other, history_write(&back, arena), arena, &error), 0);
	ck_assert(history_same(&forth, &other));
	other.count--;
	ck_assert(!history_same(&forth, &other));
	arena_free(arena);
}
END_TEST

START_TEST(what_only_moves_walks_is_not_kept_and_updates_without_their_data)
{
	struct event update = {.verb = STR("lead.update"), .data = STR("{\"set\": {}}")}, over = {.verb = STR("touch.over")};
	struct event page = {.verb = STR("page.view"), .data = STR("{\"x\": 1}")};
	ck_assert(history_keeps(&update) && update.data.n == 0);
	ck_assert(history_keeps(&page) && page.data.n > 0);
	ck_assert(!history_keeps(&over));
}
END_TEST

START_TEST(what_is_taken_back_is_as_if_it_had_never_been)
{
	struct arena *arena = arena_new();
	struct history history = {0}, without = {0};
	struct event word = {.verb = STR("email.click_withdrawn")};
	for (int i = 1; i <= 5; i++) {
		struct event event = {.id = i, .at = i * 10, .verb = STR("email.click")};
		ck_assert(history_add(&history, &event, arena));
		if (i != 3)
			ck_assert(history_add(&without, &event, arena));
	}
	ck_assert(history_take_back(&history, 3));
	ck_assert(history_same(&history, &without));
	ck_assert(!history_take_back(&history, 3) && !history_take_back(&history, 0) && !history_take_back(&history, 99));
	ck_assert(!history_keeps(&word));
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_taken_back_is_as_if_it_had_never_been),
	UNIT(two_histories_are_the_same_when_they_tell_the_same),
	UNIT(what_only_moves_walks_is_not_kept_and_updates_without_their_data),
	UNIT(what_was_written_is_read_back_for_any_history),
	UNIT(nothing_is_lost_and_the_newest_stay_exact_in_order),
	UNIT(the_same_event_counts_once_and_a_late_one_lands_in_its_place),
	UNIT(many_subjects_of_one_verb_are_gathered_and_still_counted),
	UNIT(long_data_and_machine_events_do_not_fill_the_history),
	UNIT(huge_values_do_not_make_a_history_unreadable),
	UNIT(damaged_bytes_are_an_error_or_a_sound_history_never_a_crash),
	UNIT(another_version_is_refused_by_number),
};
UNIT_MAIN("model/history", cases)
