/* The promise behind "no nightly batch": a lead that is looked at only when something happened or its wake-up came stands, at every
 * hour of simulated months, exactly where one stands that is looked at every hour as well; and both where a fresh computation
 * says. Playbooks and lives are random, of fixed seeds. */
#include "turn/stand.h"
#include "unit/turn_hand.h"

static uint64_t seed;
static unsigned dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static const char *const verbs[] = {"page.view", "asset.download", "email.click", "form.submit"};
static const char *const subjects[] = {"a", "b", "c", "/pricing"};
enum { MODELS = 3, SEGMENTS = 4, CAMPAIGNS = 4 };

static const struct condition *random_on(void)
{
	struct condition_on what = {.at_least = (int)dice(3), .at_most = dice(5) ? 0 : (int)dice(3) + 2};
	what.verb = str_of(verbs[dice(4)]);
	what.any_verb = dice(4) == 0;
	what.negated = dice(4) == 0;
	if (dice(3) == 0) {
		struct str *subject = HAND_COPY(struct str, 0);
		*subject = str_of(subjects[dice(4)]);
		what.subjects = subject;
		what.subject_count = 1;
	}
	if (dice(4))
		what.within = (struct duration){(int32_t)dice(300) + 1, dice(2) ? DURATION_HOURS : DURATION_DAYS};
	if (what.within.unit == DURATION_DAYS && what.within.count)
		what.within.count = what.within.count % 20 + 1;
	return on(what);
}

/* `rank`: only segments below it may be asked about; models are asked about by segments and campaigns alone. */
static const struct condition *random_condition(int rank, bool scores, int depth)
{
	unsigned kind = dice(depth > 0 ? 8 : 5);
	if (kind == 2 && rank > 0)
		return in_segment((int)dice((unsigned)rank));
	if (kind == 3 && scores) {
		struct condition *c = HAND_COPY(struct condition, .kind = CONDITION_SCORE);
		__typeof__(c->scores.tests) test = arena_alloc(hand_arena, sizeof *test);
		__typeof__(*c->scores.tests) filled = {.model = (int)dice(MODELS), .test = {.op = dice(2) ? TEST_AT_LEAST : TEST_BELOW, .low = dice(30), .high = dice(30)}};
		memcpy((void *)test, &filled, sizeof filled);
		c->scores.tests = test;
		c->scores.count = 1;
		return c;
	}
	if (kind == 4 && scores)
		return HAND_COPY(struct condition, .kind = CONDITION_BAND, .band = {0, (int)dice(2)});
	if (kind < 5)
		return random_on();
	static const enum condition_kind groups[] = {CONDITION_ANY, CONDITION_ALL, CONDITION_NONE};
	const struct condition *a = random_condition(rank, scores, depth - 1), *b = random_condition(rank, scores, depth - 1);
	return group(groups[kind - 5], a, b);
}

static struct rule random_rule(void)
{
	struct rule rule = {.name = "rule", .points = (double)dice(30) - 5, .each = (int)dice(4)};
	rule.when = dice(3) ? random_on() : random_condition(0, false, 2);
	if (dice(2))
		rule.fades = (struct duration){(int32_t)dice(20) + 1, DURATION_DAYS};
	if (dice(2)) {
		rule.has_max = true;
		rule.max = dice(60) + 1;
	}
	return rule;
}

static void random_models(struct playbook *p)
{
	static struct model models[MODELS];
	static struct rule rules[MODELS][4];
	static struct band bands[2];
	static struct grades grades;
	static const char *const names[] = {"m0", "m1", "m2"};
	for (int m = 0; m < MODELS; m++) {
		for (int r = 0; r < 4; r++)
			rules[m][r] = random_rule();
		models[m] = (struct model){.name = names[m], .from = dice(2) ? 0 : -50, .to = 100, .rules = rules[m], .rule_count = 4};
	}
	bands[0] = (struct band){.name = "warm", .from = 15, .stage = dice(2) ? STAGE_ENGAGED : -1};
	bands[1] = (struct band){.name = "hot", .from = 30, .stage = STAGE_QUALIFIED};
	grades = (struct grades){.name = "g", .model = 0, .letter_axis = -1, .digit_axis = 1, .letters = {40, 20, 10, 0}, .letter_count = 4,
				 .digits = {30, 20, 10, -50}, .digit_count = 4, .bands = bands, .band_count = 2};
	p->models = models;
	p->model_count = MODELS;
	p->grades = &grades;
	p->grades_count = 1;
}

static struct step random_step(int campaign, int index, int count)
{
	static struct action actions[CAMPAIGNS][4][2];
	static const char *const names[] = {"s0", "s1", "s2", "s3"};
	struct action *acts = actions[campaign][index];
	struct step step = {.name = names[index], .at = {"c.lua", index}, .otherwise = dice(3) == 0 ? (int)dice((unsigned)count) : -1, .actions = acts, .action_count = 1};
	static const enum timing_kind timings[] = {TIMING_DAY, TIMING_WAIT, TIMING_WAIT, TIMING_EVERY};
	step.timing = timings[dice(4)];
	step.day = (int)dice(12) + 1;
	step.wait = (struct duration){(int32_t)dice(5) + 1, dice(3) ? DURATION_DAYS : DURATION_HOURS};
	step.times = dice(2) ? 3 : 0;
	if (dice(3) == 0)
		step.when = random_condition(SEGMENTS, true, 1);
	acts[0] = dice(4) ? (struct action){.kind = ACTION_CONTACT, .name = "mail", .channel_kind = dice(5) ? "email" : "call", .purpose = "marketing"}
			  : (struct action){.kind = ACTION_STAGE, .stage = dice(2) ? STAGE_ENGAGED : STAGE_RECYCLED};
	if (dice(4) == 0) {
		acts[1] = dice(2) ? (struct action){.kind = ACTION_LEAVE, .name = "enough"} : (struct action){.kind = ACTION_ENROLL, .target = (int)dice(CAMPAIGNS)};
		step.action_count = 2;
	}
	return step;
}

static void random_campaigns(struct playbook *p)
{
	static struct campaign campaigns[CAMPAIGNS];
	static struct step steps[CAMPAIGNS][4];
	static const char *const names[] = {"c0", "c1", "c2", "c3"};
	for (int c = 0; c < CAMPAIGNS; c++) {
		int count = (int)dice(3) + 2;
		for (int s = 0; s < count; s++)
			steps[c][s] = random_step(c, s, count);
		campaigns[c] = (struct campaign){.name = names[c], .enter = random_condition(SEGMENTS, true, 2), .again = (int)dice(3), .again_after = {(int32_t)dice(10) + 1, DURATION_DAYS},
						 .goal = dice(2) ? random_condition(SEGMENTS, true, 1) : NULL, .at_goal = (int)dice(2), .holdout = dice(4) ? 0 : 0.3,
						 .steps = steps[c], .step_count = (size_t)count};
		if (dice(2))
			campaigns[c].leave = random_condition(SEGMENTS, true, 1);
	}
	p->campaigns = campaigns;
	p->campaign_count = CAMPAIGNS;
}

static struct playbook random_playbook(void)
{
	static struct segment segments[SEGMENTS];
	static const char *const names[] = {"s-a", "s-b", "s-c", "s-d"};
	static struct cap cap;
	static struct hours hours;
	struct playbook p = hand_start();
	random_models(&p);
	for (int s = 0; s < SEGMENTS; s++)
		segments[s] = (struct segment){.name = names[s], .who = random_condition(s, true, 2), .rank = s};
	p.segments = segments;
	p.segment_count = SEGMENTS;
	random_campaigns(&p);
	cap = (struct cap){.channel = "email", .at_most = 2, .within = DAYS(3)};
	p.caps = &cap;
	p.cap_count = 1;
	hours = (struct hours){.name = "email"};
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri"), STR("8:00"), STR("18:00"), &hours.open, NULL), 0);
	p.hours = &hours;
	p.hours_count = 1;
	return p;
}

/* ---- comparing ---- */

static const char *told(struct arena *arena, const struct trial *t)
{
	char *out = arena_printf(arena, "stage %s;", stage_name(t->lead.stage));
	for (size_t i = 0; i < t->score_count; i++)
		out = arena_printf(arena, "%s %.*s=%d/%.*s/%.*s", out, STR_ARG(t->scores[i].name), t->scores[i].points, STR_ARG(t->scores[i].grade), STR_ARG(t->scores[i].band));
	for (size_t i = 0; i < t->lead.segment_count; i++)
		out = arena_printf(arena, "%s [%.*s]", out, STR_ARG(t->lead.segments[i]));
	for (size_t i = 0; i < t->enrollment_count; i++) {
		const struct enrollment *e = &t->enrollments[i];
		out = arena_printf(arena, "%s\n  %.*s at %.*s %s since %lld due %lld goal %lld ended %lld rounds %d (%.*s)", out, STR_ARG(e->campaign), STR_ARG(e->step),
				   enrollment_state_name(e->state), (long long)e->step_since, (long long)e->due_at, (long long)e->goal_at, (long long)e->ended_at, e->rounds, STR_ARG(e->reason));
	}
	for (size_t i = 0; i < t->touch_count; i++)
		out = arena_printf(arena, "%s\n  touch %.*s.%d %s due %lld", out, STR_ARG(t->touches[i].step), t->touches[i].pass, touch_state_name(t->touches[i].state),
				   (long long)t->touches[i].due_at);
	return out;
}

/* The lines give the score by themselves: `bounded` is what from and to cut off of their sum, and nothing else. */
static void assert_adds_up(const struct playbook *playbook, const struct receipt *receipt)
{
	const struct model *model = playbook->models;
	while (strcmp(model->name, receipt->model) != 0)
		model++;
	int sum = 0;
	for (size_t k = 0; k < receipt->count; k++) {
		sum += receipt->lines[k].points;
		ck_assert(receipt->lines[k].points == 0 || receipt->lines[k].because.n > 0);
	}
	ck_assert_int_eq(receipt->score, sum < model->from ? model->from : sum > model->to ? model->to : sum);
	ck_assert_int_eq(receipt->bounded, receipt->score - sum);
}

/* What a preview says of a lead is what its turns say (turn/stand.h). */
static void assert_stands(struct trial *t, const struct turn_facts *facts, struct arena *arena)
{
	struct turn_stand stand;
	ck_assert_int_eq(turn_stand(t->playbook, facts, false, arena, &stand, NULL), 0);
	for (size_t i = 0; i < t->playbook->model_count; i++)
		ck_assert_int_eq(stand.points[i], points_of(t, t->playbook->models[i].name));
	for (size_t i = 0; i < t->score_count; i++)
		if (t->scores[i].is_grade) {
			const char *band = stand.grades[0].band < 0 ? "" : t->playbook->grades[0].bands[stand.grades[0].band].name;
			ck_assert(str_same(t->scores[i].grade, stand.grades[0].grade) && str_is(t->scores[i].band, band));
		}
	for (size_t i = 0; i < t->playbook->segment_count; i++) {
		bool in = false;
		for (size_t k = 0; k < t->lead.segment_count; k++)
			in |= str_is(t->lead.segments[k], t->playbook->segments[i].name);
		ck_assert(in == stand.member[i]);
	}
	ck_assert_int_eq(stand.stage, t->lead.stage);
}

static void assert_fresh(struct trial *t, struct arena *arena)
{
	struct turn_facts facts;
	struct receipt *receipts = NULL;
	size_t count = 0;
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	ck_assert_int_eq(turn_explain(t->playbook, &facts, arena, &receipts, &count, NULL), 0);
	for (size_t i = 0; i < count; i++) {
		assert_adds_up(t->playbook, &receipts[i]);
		ck_assert_msg(receipts[i].score == points_of(t, receipts[i].model), "seed %llu: %s is %d, fresh %d", (unsigned long long)seed, receipts[i].model,
			      points_of(t, receipts[i].model), receipts[i].score);
	}
	assert_stands(t, &facts, arena);
}

/* Other words for the same names; the walk that follows gives every lead a turn. */
static void publish(struct playbook *p, int hour, struct trial *lazy, struct trial *eager)
{
	*p = random_playbook();
	snprintf(p->revision, sizeof p->revision, "%016x", (unsigned)hour);
	ck_assert_int_eq(turn_trial_turn(lazy, true, NULL), 0);
	ck_assert_int_eq(turn_trial_turn(eager, true, NULL), 0);
}

/* `publishes`: other words every so many hours; 0 = never. */
static void live(uint64_t number, int days, int publishes)
{
	static struct trial lazy, eager;
	seed = number * 7919 + 1;
	struct playbook p = random_playbook();
	struct arena *one = arena_new(), *two = arena_new(), *scratch = arena_new();
	moment_t start = hand_at("2027-02-01 10:00");
	turn_trial_init(&lazy, &p, one, 4711 << 6, start);
	turn_trial_init(&eager, &p, two, 4711 << 6, start);
	lazy.lead.fields[LEAD_EMAIL] = eager.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	for (int hour = 0; hour < days * 24; hour++) {
		moment_t now = start + hour * MOMENT_HOUR;
		run_to(&lazy, now);
		run_to(&eager, now);
		if (dice(hour < days * 12 ? 30 : 200) == 0) {
			struct event event = {.verb = str_of(verbs[dice(4)]), .subject = str_of(subjects[dice(4)]), .data = {"", 0}};
			if (dice(5) == 0)
				event.at = now + ((int)dice(400) - 200) * MOMENT_HOUR;
			turn_trial_event(&lazy, event);
			turn_trial_event(&eager, event);
			run_to(&lazy, now);
			run_to(&eager, now);
		}
		if (publishes && hour % publishes == publishes - 1)
			publish(&p, hour, &lazy, &eager);
		ck_assert_int_eq(turn_trial_turn(&eager, false, NULL), 0);
		run_to(&eager, now);
		run_to(&lazy, now);
		const char *a = told(scratch, &lazy), *b = told(scratch, &eager);
		ck_assert_msg(strcmp(a, b) == 0, "life %llu, hour %d:\nlazy  %s\neager %s", (unsigned long long)number, hour, a, b);
		if (hour % 7 == 0)
			assert_fresh(&lazy, one);
		arena_reset(scratch);
	}
	arena_free(one);
	arena_free(two);
	arena_free(scratch);
}

START_TEST(a_lead_looked_at_only_when_it_must_be_stands_where_one_looked_at_every_hour_stands)
{
	for (uint64_t number = 1; number <= 16; number++)
		live(number, 50, 0);
}
END_TEST

START_TEST(a_lead_that_other_words_are_published_for_stands_where_a_fresh_look_by_them_stands_from_then_on)
{
	for (uint64_t number = 1; number <= 16; number++)
		live(number, 50, 90);
}
END_TEST

START_TEST(a_lead_with_nothing_pending_is_never_woken)
{
	struct playbook p = hand_start();
	struct rule *rule = HAND_COPY(struct rule, .name = "r", .when = ON("page.view"), .points = 5);
	p.models = HAND_COPY(struct model, .name = "m", .from = 0, .to = 100, .rules = rule, .rule_count = 1);
	p.model_count = 1;
	struct trial *t = hand_lead(&p);
	happen(t, "page.view", "/");
	ck_assert_int_eq(t->wake_at, MOMENT_NEVER);
	size_t turns = t->turns;
	run_to(t, t->now + 3650 * MOMENT_DAY);
	ck_assert_uint_eq(t->turns, turns);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_lead_looked_at_only_when_it_must_be_stands_where_one_looked_at_every_hour_stands),
	UNIT(a_lead_that_other_words_are_published_for_stands_where_a_fresh_look_by_them_stands_from_then_on),
	UNIT(a_lead_with_nothing_pending_is_never_woken),
};
UNIT_MAIN("turn/wake", cases)
