/* One turn: 20 rules over 20 events of history, one step advanced, one touch planned; beside what it must at least cost: copying
 * its facts, and the same 20 rules written by hand in C over the same events. Made of plain structs, so no Lua runs. */
#include "turn/gate.h"
#include "turn/turn.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 100000, RULES = 20, EVENTS = 20 };

static volatile double sink;

static struct campaign campaign;

/* What the room playbook would need a Lua state for. */
bool playbook_verb_by_lead(const struct playbook *playbook, struct str verb)
{
	(void)playbook;
	const struct verb *found = verb_find(verb);
	return found && found->by_lead;
}
const char *playbook_channel_of(const struct playbook *playbook, struct str kind)
{
	(void)playbook;
	return str_is(kind, "email") ? "email" : NULL;
}
int playbook_call(struct playbook *playbook, int handle, const struct playbook_view *view, struct script_result *out, struct error *error)
{
	(void)playbook;
	(void)handle;
	(void)view;
	(void)out;
	return error_set(error, ERROR_INVALID, NULL, "no functions here");
}

static const char *const verbs[] = {"page.view", "asset.download", "email.click", "webinar.attend", "form.submit"};
static const char *const subjects[] = {"/pricing", "security-guide", "bank-case", "zero-trust-live", "contact"};
static struct condition conditions[RULES], enter, segment_who;
static struct rule rules[RULES];
static struct str globs[RULES];

static void make_rules(void)
{
	for (int i = 0; i < RULES; i++) {
		globs[i] = str_of(i % 2 ? "*" : subjects[i % 5]);
		conditions[i] = (struct condition){.kind = CONDITION_ON, .on = {.verb = str_of(verbs[i % 5]), .subjects = &globs[i], .subject_count = 1,
										.at_least = 1, .at_most = -1, .within = {i % 3 ? 0 : 90, DURATION_DAYS}}};
		rules[i] = (struct rule){.name = "rule", .when = &conditions[i], .points = 5, .each = i % 4 ? EACH_ONCE : EACH_TIME, .has_max = true, .max = 30,
					 .fades = {i % 4 == 0 ? 30 : 0, DURATION_DAYS}};
	}
}

static struct playbook make_playbook(void)
{
	static struct model model = {.name = "nurture", .from = 0, .to = 1000, .rules = rules, .rule_count = RULES};
	static struct grades grades = {.name = "main", .model = 0, .letter_axis = -1, .digit_axis = -1, .letters = {200, 100, 50, 0}, .letter_count = 4};
	static struct segment segment = {.name = "active", .who = &segment_who};
	static struct action mail = {.kind = ACTION_CONTACT, .name = "benefits", .channel_kind = "email", .purpose = "marketing", .at = {"c.lua", 1}};
	static struct step steps[] = {{.name = "thanks", .otherwise = -1, .actions = &mail, .action_count = 1, .at = {"c.lua", 1}},
				      {.name = "benefits", .otherwise = -1, .timing = TIMING_WAIT, .wait = {2, DURATION_DAYS}, .actions = &mail, .action_count = 1, .at = {"c.lua", 2}}};
	static struct hours hours = {.name = "email"};
	static struct cap cap = {.channel = "email", .at_most = 3, .within = {7, DURATION_DAYS}};
	make_rules();
	segment_who = (struct condition){.kind = CONDITION_ON, .on = {.any_verb = true, .at_least = 1, .at_most = -1, .within = {30, DURATION_DAYS}}};
	enter = conditions[1];
	campaign = (struct campaign){.name = "thirty-days", .enter = &enter, .steps = steps, .step_count = 2, .at = {"c.lua", 1}};
	if (calendar_hours_parse(STR("Mon-Sun"), STR("0:00"), STR("24:00"), &hours.open, NULL) < 0)
		abort();
	return (struct playbook){.name = "bench", .time_zone = "Europe/Berlin", .schema = model_standard_schema, .models = &model, .model_count = 1, .grades = &grades,
				 .grades_count = 1, .segments = &segment, .segment_count = 1, .campaigns = &campaign, .campaign_count = 1, .hours = &hours,
				 .hours_count = 1, .caps = &cap, .cap_count = 1};
}

static const moment_t NOW = INT64_C(1800000000) * 1000000;

static struct history make_history(struct arena *arena)
{
	struct history history = {.seen_at = NOW - MOMENT_DAY};
	for (int i = 0; i < EVENTS; i++) {
		struct event event = {.id = (int64_t)(i + 1) << 6, .at = NOW - (EVENTS - i) * 3 * MOMENT_DAY, .verb = str_of(verbs[i % 5]), .subject = str_of(subjects[i % 5])};
		(void)history_add(&history, &event, arena);
	}
	return history;
}

/* What the 20 rules say, written by hand. */
static double by_hand(const struct history *history, moment_t now)
{
	double total = 0;
	for (int r = 0; r < RULES; r++) {
		double sum = 0;
		for (size_t i = 0; i < history->count; i++) {
			const struct history_event *e = &history->events[i];
			if (!str_is(e->verb, verbs[r % 5]) || (r % 2 == 0 && !str_is(e->subject, subjects[r % 5])) || (r % 3 == 0 && e->at <= now - 90 * MOMENT_DAY))
				continue;
			sum = r % 4 ? 5 : sum + 5 * exp2(-(double)(now - e->at) / (30.0 * MOMENT_DAY));
		}
		total += fmin(sum, 30);
	}
	return total;
}

static void one_turn(struct playbook *playbook, struct str packed, struct arena *arena, bool with_pack)
{
	struct value fields[LEAD_STANDARD_COUNT] = {0};
	struct step_pass pass = {.step = STR("thanks"), .pass = 1};
	struct event event = {.id = 999 << 6, .at = NOW, .verb = STR("page.view"), .subject = STR("/pricing")};
	struct score scores[] = {{.name = STR("nurture"), .points = 80}, {.name = STR("main"), .is_grade = true, .grade = STR("C")}};
	struct str segments[] = {STR("active")};
	struct enrollment e = {.id = 64, .campaign = STR("thirty-days"), .step = STR("benefits"), .entered_at = NOW - 3 * MOMENT_DAY, .step_since = NOW - 2 * MOMENT_DAY,
			       .over_at = NOW - 2 * MOMENT_DAY, .due_at = NOW, .passes = &pass, .pass_count = 1};
	struct touch touches[] = {{.id = 64, .kind = STR("email"), .channel = STR("email"), .purpose = STR("marketing"), .state = TOUCH_SENT, .due_at = NOW - 3 * MOMENT_DAY}};
	struct turn_facts facts = {.now = NOW, .lead = {.id = 64, .created_at = NOW - 60 * MOMENT_DAY, .fields = fields, .segments = segments, .segment_count = 1},
				   .events = &event, .event_count = 1, .scores = scores, .score_count = 2, .enrollments = &e, .enrollment_count = 1, .touches = touches, .touch_count = 1};
	struct turn_changes changes;
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	fields[LEAD_TIME_ZONE] = (struct value){.type = VALUE_TEXT, .text = STR("America/New_York")};
	if (history_read(&facts.history, packed, arena, NULL) < 0 || turn_run(playbook, &facts, arena, &changes, NULL) < 0 || changes.planned_count != 1)
		abort();
	sink += (double)changes.wake_at;
	if (with_pack)
		sink += (double)history_write(&facts.history, arena).n;
	arena_reset(arena);
}

/* A lead's first: it is created with a download, scored, graded, enters the campaign and gets the first mail planned. */
static void first_turn(struct playbook *playbook, struct arena *arena)
{
	struct value fields[LEAD_STANDARD_COUNT] = {0};
	struct event events[] = {{.id = 64, .at = NOW, .verb = STR("lead.create"), .subject = STR("api")},
				 {.id = 128, .at = NOW, .verb = STR("asset.download"), .subject = STR("security-guide")}};
	struct turn_facts facts = {.now = NOW, .lead = {.id = 64, .created_at = NOW, .fields = fields}, .events = events, .event_count = 2};
	struct turn_changes changes;
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	if (turn_run(playbook, &facts, arena, &changes, NULL) < 0 || changes.planned_count != 1)
		abort();
	sink += (double)history_write(&facts.history, arena).n;
	arena_reset(arena);
}

/* Of this process alone, so that a busy machine does not blur the figures. */
static double cpu_micros(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double per_round(double start)
{
	return (cpu_micros() - start) / ROUNDS;
}

int main(void)
{
	struct arena *arena = arena_new(), *keep = arena_new();
	struct playbook playbook = make_playbook();
	struct history history = make_history(keep);
	struct str packed = history_write(&history, keep);
	double start = cpu_micros();
	for (int i = 0; i < ROUNDS; i++)
		one_turn(&playbook, packed, arena, true);
	double turn = per_round(start);
	start = cpu_micros();
	for (int i = 0; i < ROUNDS; i++)
		first_turn(&playbook, arena);
	double first = per_round(start);
	start = cpu_micros();
	for (int i = 0; i < ROUNDS; i++) {
		sink += by_hand(&history, NOW);
		__asm__ volatile("" : : : "memory");
	}
	double hand = per_round(start);
	size_t size = history.count * sizeof *history.events + sizeof(struct turn_facts) + LEAD_STANDARD_COUNT * sizeof(struct value);
	char *copy = malloc(size), *from = calloc(1, size);
	start = cpu_micros();
	for (int i = 0; i < ROUNDS; i++) {
		memcpy(copy, from, size);
		__asm__ volatile("" : : "r"(copy) : "memory");
	}
	double raw = per_round(start);
	printf("a turn: %d rules, %d events of history, a step advanced, a touch planned\n", RULES, EVENTS);
	printf("  turn, history read and written  %8.2f µs\n  a lead's first turn             %8.2f µs\n  the same rules by hand in C     %8.2f µs\n  raw limit: copying the facts    %8.2f µs\n", turn, first, hand, raw);
	free(copy);
	free(from);
	arena_free(arena);
	arena_free(keep);
	return 0;
}
