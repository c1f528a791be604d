/* A lead as it stood: replaying its past up to a moment gives what its turns gave at that moment, whatever came later. */
#include "turn/replay.h"
#include "turn/trial.h"

#include "unit/turn_lua.h"

enum { LEADS = 60, STEPS = 40, LEAD_ID = 77 << 6, TOLD = STEPS + 1 };

static const char fields[] = "field \"size\" { type = \"number\" }\nfield \"need\" { type = \"choice\", choices = { \"now\", \"later\" } }\n";
static const char scoring[] =
	"model \"nature\" { from = 0, to = 100, rule \"big\" { lead { size = at_least(50) }, points = 40 }, rule \"known\" { lead { email = known }, points = 7 },\n"
	"  rule \"need\" { points = choose \"need\" { now = 30, later = 10, otherwise = 0 } }, rule \"was opened\" { stage \"opportunity\", points = 9 } }\n"
	"model \"nurture\" { from = -50, to = 200,\n"
	"  rule \"reads\" { on \"page.view\" { subject = \"/p*\" }, points = 10, each = \"time\", max = 60, fades = \"by half every 9 days\" },\n"
	"  rule \"lately\" { on \"webinar.attend\" { within = \"10 days\" }, points = 15 },\n"
	"  rule \"quiet\" { none \"*\" { within = \"12 days\" }, points = -20 },\n"
	"  rule \"hot\" { segment \"fits\", points = 5 } }\n"
	"segment \"fits\" { title = \"Fits\", who = score { nature = at_least(40) } }\n"
	"grades \"main\" { axes = { nature = { A = 70, B = 40, C = 20, D = 0 }, nurture = { 40, 20, 0, -50 } } }\n";

static uint32_t dice_state;
static int dice(int sides)
{
	dice_state = dice_state * 1664525 + 1013904223;
	return (int)((dice_state >> 8) % (uint32_t)sides);
}

static struct playbook *playbook_here(void)
{
	lua_file("playbook.lua", "playbook \"t\" { time_zone = \"UTC\" }\n");
	lua_file("fields.lua", fields);
	lua_file("scoring.lua", scoring);
	return lua_load();
}

/* One lead, and what the database would hold of its past. */
struct story {
	struct trial trial;
	struct event told[TOLD];
	size_t told_count;
	struct past_name name;
	moment_t then;          /* a moment in the middle, and what it was scored at it: */
	int points[2];
	struct str grade;
};

static void tell(struct story *s, const char *json)
{
	struct event event = {.verb = STR("lead.update"), .at = s->trial.now, .data = str_of(arena_dup(lua_arena, json)), .subject = {"", 0}};
	turn_trial_event(&s->trial, event);
	s->told[s->told_count++] = event;
}

static void happen(struct story *s, const char *verb, const char *subject)
{
	turn_trial_event(&s->trial, (struct event){.verb = str_of(verb), .subject = str_of(subject), .data = {"", 0}});
}

static void step(struct story *s)
{
	char text[80];
	switch (dice(8)) {
	case 0:
		snprintf(text, sizeof text, "{\"set\": {\"size\": %d}}", dice(100));
		tell(s, text);
		break;
	case 1:
		snprintf(text, sizeof text, "{\"fill\": {\"need\": \"%s\"}}", dice(2) ? "now" : "later");
		tell(s, text);
		break;
	case 2:
		tell(s, "{\"set\": {\"need\": null}}");
		break;
	case 3:
		happen(s, "webinar.attend", "w");
		break;
	case 4:
		happen(s, dice(6) ? "page.view" : "opportunity.open", "/other");
		break;
	default:
		happen(s, "page.view", dice(2) ? "/p/1" : "/p/2");
	}
}

static void move_on(struct story *s)
{
	struct error error;
	ck_assert_int_eq(turn_trial_advance(&s->trial, s->trial.now + (dice(100) + 1) * MOMENT_HOUR, &error), 0);
}

static int stored(const struct trial *trial, const char *name, struct str *grade)
{
	for (size_t i = 0; i < trial->score_count; i++)
		if (str_is(trial->scores[i].name, name)) {
			*grade = trial->scores[i].grade;
			return trial->scores[i].points;
		}
	return 0;
}

static void live(struct story *s, struct playbook *playbook)
{
	int middle = dice(STEPS - 5) + 1;
	struct str unused;
	moment_t born = 0;
	ck_assert_int_eq(moment_parse(STR("2026-01-05T10:00:00Z"), &born, NULL), 0);
	turn_trial_init(&s->trial, playbook, lua_arena, LEAD_ID, born);
	s->trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	s->name = (struct past_name){.is_email = true, .is_now = true, .value = STR("a@example.com"), .since = born};
	for (int i = 0; i < STEPS; i++) {
		move_on(s);
		if (i == middle) {
			s->then = s->trial.now;
			s->points[0] = stored(&s->trial, "nature", &unused);
			s->points[1] = stored(&s->trial, "nurture", &unused);
			(void)stored(&s->trial, "main", &s->grade);
		}
		step(s);
	}
	move_on(s);
}

static struct past_lead past_of(const struct story *s)
{
	struct error error;
	struct past_lead past = {.id = LEAD_ID, .created_at = s->name.since, .told = s->told, .told_count = s->told_count, .names = &s->name, .name_count = 1};
	ck_assert_int_eq(history_read(&past.history, s->trial.packed, lua_arena, &error), 0);
	return past;
}

/* At `then` itself something may have happened at the same instant: what the turns knew was what lay before. */
START_TEST(what_is_replayed_is_what_the_turns_said_then_whatever_came_later)
{
	struct playbook *playbook = playbook_here();
	int differing = 0, seed = (int)(getenv("SEED") ? strtol(getenv("SEED"), NULL, 10) : 4);
	dice_state = (uint32_t)seed;
	for (int i = 0; i < LEADS; i++) {
		struct story *s = arena_alloc(lua_arena, sizeof *s);
		struct replay_score score;
		struct error error;
		struct str unused;
		live(s, playbook);
		struct past_lead past = past_of(s);
		/* fields told at the very moment count; here they were told by the next step, which the turns had not seen */
		while (past.told_count && past.told[past.told_count - 1].at >= s->then)
			past.told_count--;
		size_t known = past.told_count;
		ck_assert_int_eq(turn_replay(playbook, 1, &past, s->then, false, lua_arena, &score, &error), 0);
		ck_assert_msg(score.points[0] == s->points[0] && score.points[1] == s->points[1] && str_same(score.grades[0], s->grade),
			      "seed %d, lead %d: %d %d %.*s, and by its turns %d %d %.*s", seed, i, score.points[0], score.points[1], STR_ARG(score.grades[0]), s->points[0],
			      s->points[1], STR_ARG(s->grade));
		int sum = 0;
		for (int r = 0; r < 4; r++)
			sum += score.rules[r].points;
		ck_assert_int_eq(sum, score.points[1]);
		past.told_count = s->told_count; /* all that came later is told, too: nothing moves */
		while (past.told_count > known && past.told[known].at == s->then)
			known = past.told_count = 0;
		if (past.told_count) {
			ck_assert_int_eq(turn_replay(playbook, 1, &past, s->then, false, lua_arena, &score, &error), 0);
			ck_assert(score.points[0] == s->points[0] && score.points[1] == s->points[1]);
		}
		differing += stored(&s->trial, "nurture", &unused) != s->points[1] || stored(&s->trial, "nature", &unused) != s->points[0];
	}
	ck_assert_int_gt(differing, LEADS / 2); /* later events did change something */
	playbook_free(playbook);
}
END_TEST

/* The events themselves, in place of a history that holds counts only, give the same. */
START_TEST(all_events_say_the_same_as_the_history_and_more_than_it_holds)
{
	struct playbook *playbook = playbook_here();
	struct event *events = arena_array(lua_arena, 600, sizeof *events);
	struct past_lead past = {.id = LEAD_ID, .created_at = 0, .events = events, .event_count = 600};
	struct replay_score score;
	struct error error;
	for (int i = 0; i < 600; i++)
		events[i] = (struct event){.id = i + 1, .at = (i + 1) * MOMENT_HOUR, .verb = STR("page.view"), .subject = STR("/p/1"), .data = {"", 0}};
	for (int at = 1; at < 600; at += 97) {
		struct past_lead exact = {.id = LEAD_ID, .created_at = 0};
		for (int i = 0; i < at && i < 200; i++)
			(void)history_add(&exact.history, &events[i], lua_arena);
		ck_assert_int_eq(turn_replay(playbook, 1, &past, (at + 1) * MOMENT_HOUR, false, lua_arena, &score, &error), 0);
		int points = score.points[1];
		if (at <= 200) {
			ck_assert_int_eq(turn_replay(playbook, 1, &exact, (at + 1) * MOMENT_HOUR, false, lua_arena, &score, &error), 0);
			ck_assert_int_eq(score.points[1], points);
		}
		ck_assert_int_gt(points, 0);
	}
	bool before = false;
	ck_assert(turn_replay_find(&past, STR("page.view"), 10 * MOMENT_HOUR, 20 * MOMENT_HOUR, &before) == 10 * MOMENT_HOUR && before);
	ck_assert(turn_replay_find(&past, STR("page.view"), 601 * MOMENT_HOUR, 700 * MOMENT_HOUR, &before) == MOMENT_NEVER);
	playbook_free(playbook);
}
END_TEST

START_TEST(names_and_words_of_the_merged_count_as_they_should)
{
	struct playbook *playbook = playbook_here();
	const struct past_name later = {.is_email = true, .is_now = true, .value = STR("b@example.com"), .since = 50};
	const struct event told[] = {{.at = 10, .verb = STR("lead.update"), .data = STR("{\"set\": {\"size\": 10}}")},
				     {.at = 20, .verb = STR("lead.update"), .merged = true, .data = STR("{\"set\": {\"size\": 90, \"need\": \"now\", \"stage\": \"customer\"}}")},
				     {.at = 90, .verb = STR("lead.update"), .data = STR("{\"set\": {\"size\": 95}}")}};
	struct past_lead past = {.id = LEAD_ID, .created_at = 5, .told = told, .told_count = 3, .names = &later, .name_count = 1};
	struct replay_score score;
	struct error error;
	ck_assert_int_eq(turn_replay(playbook, 0, &past, 40, false, lua_arena, &score, &error), 0);
	ck_assert_int_eq(score.points[0], 30);      /* its own size stays, the other's need fills; the address came later */
	const struct rule *need = &playbook->models[0].rules[2];
	ck_assert(score.rules[2].chosen >= 0 && str_is(need->choose.cases[score.rules[2].chosen].choice, "now"));
	ck_assert(score.rules[0].chosen == -2 && score.rules[2].units > 0.5 && score.rules[0].units < 0.5);
	ck_assert_int_eq(turn_replay(playbook, 0, &past, 50, false, lua_arena, &score, &error), 0);
	ck_assert_int_eq(score.points[0], 37);
	ck_assert(turn_replay_since(&past) == 5);
	past.told = told + 2;                       /* told of only after the moment */
	past.told_count = 1;
	ck_assert_int_eq(turn_replay(playbook, 0, &past, 50, false, lua_arena, &score, &error), 0);
	ck_assert_int_eq(score.points[0], 7);
	ck_assert_int_eq(turn_replay(playbook, 0, &past, 50, true, lua_arena, &score, &error), 0);
	ck_assert_int_eq(score.points[0], 47);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_replayed_is_what_the_turns_said_then_whatever_came_later),
	UNIT(all_events_say_the_same_as_the_history_and_more_than_it_holds),
	UNIT(names_and_words_of_the_merged_count_as_they_should),
};
UNIT_MAIN("turn/replay", cases)
