/* What is switched off because workers died in it: a rule changes nothing, a step holds, nothing is sent; all is told; and a
 * turn says where it is to who watches from outside. */
#include "unit/turn_lua.h"

#include "turn/trial.h"

static const char *const text =
	"playbook \"x\" {}\n"
	"consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\" }\n"
	"model \"m\" { title = \"M\", from = 0, to = 10, rule \"a\" { on \"page.view\", points = 1 }, rule \"b\" { points = 2 } }\n"
	"model \"n\" { title = \"N\", from = 0, to = 10, rule \"a\" { points = 3 } }\n"
	"segment \"s\" { title = \"S\", who = on \"page.view\" }\n"
	"campaign \"c\" { title = \"C\", enter = on \"page.view\", leave = on \"webinar.attend\",\n"
	"  step \"one\" { day(1), email \"first\" },\n"
	"  step \"two\" { wait \"1 day\", email \"second\" },\n"
	"}\n";

enum { KEPT = 20 };
static struct playbook *kept[KEPT]; /* until the program ends */
static size_t kept_count;

static struct playbook *load_with(const struct playbook_off *off, size_t count)
{
	static const struct playbook_channel email = {.name = "email", .kind = "email", .body = "markdown"};
	static const struct playbook_site site = {.channels = &email, .channel_count = 1, .postal_address = "1 Example Street"};
	lua_file_count = 0;
	lua_file("playbook.lua", text);
	lua_mail("first");
	lua_mail("second");
	qsort(lua_files, lua_file_count, sizeof *lua_files, lua_by_path);
	struct playbook_files files = {.files = lua_files, .count = lua_file_count, .off = off, .off_count = count};
	lua_problems = (struct problems){.arena = lua_arena};
	struct playbook *playbook = playbook_load(&files, &site, &lua_problems);
	ck_assert_msg(playbook != NULL, "%s", problems_text(&lua_problems));
	ck_assert_uint_lt(kept_count, KEPT);
	return kept[kept_count++] = playbook;
}

static struct trial trial;
static struct arena *lives[KEPT]; /* of the leads, until the program ends */
static size_t life_count;

static void begin(struct playbook *playbook)
{
	ck_assert_uint_lt(life_count, KEPT);
	lives[life_count] = arena_new();
	turn_trial_init(&trial, playbook, lives[life_count++], 4711 << 6, INT64_C(1800000000000000));
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("lead@example.com")};
	trial.lead.fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("US")};
}

__attribute__((destructor)) static void free_kept(void)
{
	while (kept_count)
		playbook_free(kept[--kept_count]);
	while (life_count)
		arena_free(lives[--life_count]);
}

static void advance(int days)
{
	struct error error = {0};
	ck_assert_msg(turn_trial_advance(&trial, trial.now + days * MOMENT_DAY, &error) == 0, "%s: %s", error.where, error.message);
}

static void view_page(void)
{
	turn_trial_event(&trial, (struct event){.verb = STR("page.view"), .subject = STR("/"), .data = {"", 0}});
	advance(0);
}

static int points_of(const char *model)
{
	for (size_t i = 0; i < trial.score_count; i++)
		if (!trial.scores[i].is_grade && str_is(trial.scores[i].name, model))
			return trial.scores[i].points;
	return -1;
}

static size_t mails(void)
{
	size_t n = 0;
	for (size_t i = 0; i < trial.touch_count; i++)
		n += trial.touches[i].state != TOUCH_HELD && trial.touches[i].state != TOUCH_CANCELLED;
	return n;
}

START_TEST(without_anything_off_all_goes_on)
{
	begin(load_with(NULL, 0));
	view_page();
	advance(10);
	ck_assert_int_eq(points_of("m"), 3);
	ck_assert_int_eq(points_of("n"), 3);
	ck_assert_uint_eq(mails(), 2);
}
END_TEST

START_TEST(a_rule_that_is_off_leaves_its_model_as_it_is_and_no_other)
{
	static const struct playbook_off off = {"playbook.lua", "model \"m\", rule \"a\""};
	begin(load_with(NULL, 0));
	view_page();
	struct playbook *with_off = load_with(&off, 1);
	ck_assert(with_off->models[0].rules[0].off != with_off->models[0].rules[1].off);
	begin(with_off);
	view_page();
	ck_assert_int_eq(points_of("m"), -1);
	ck_assert_int_eq(points_of("n"), 3);
	ck_assert_uint_gt(mails(), 0);
}
END_TEST

START_TEST(a_step_that_is_off_holds_who_comes_to_it_and_sends_nothing)
{
	static const struct playbook_off off = {"playbook.lua", "campaign \"c\", step \"two\""};
	begin(load_with(&off, 1));
	view_page();
	advance(10);
	ck_assert_uint_eq(mails(), 1);
	ck_assert_int_eq(trial.enrollments[0].state, ENROLLMENT_HELD);
	ck_assert(str_is(trial.enrollments[0].step, "two"));
	ck_assert_msg(strstr(arena_dup_n(lua_arena, trial.enrollments[0].reason.p, trial.enrollments[0].reason.n), "switched off") != NULL, "%.*s",
		      STR_ARG(trial.enrollments[0].reason));
}
END_TEST

START_TEST(a_campaign_that_is_off_lets_nobody_in_and_holds_who_is_in)
{
	static const struct playbook_off off = {"playbook.lua", "campaign \"c\""};
	begin(load_with(&off, 1));
	view_page();
	advance(10);
	ck_assert_uint_eq(trial.enrollment_count, 0);
	begin(load_with(NULL, 0));
	view_page();
	ck_assert_uint_eq(mails(), 1);
	trial.playbook = load_with(&off, 1);
	view_page();
	advance(10);
	ck_assert_uint_eq(mails(), 1);
	ck_assert_int_eq(trial.enrollments[0].state, ENROLLMENT_HELD);
}
END_TEST

START_TEST(a_segment_that_is_off_keeps_its_members_and_takes_no_more)
{
	static const struct playbook_off off = {"playbook.lua", "segment \"s\""};
	begin(load_with(&off, 1));
	view_page();
	ck_assert_uint_eq(trial.lead.segment_count, 0);
}
END_TEST

START_TEST(what_is_called_so_in_another_file_is_not_meant)
{
	static const struct playbook_off off[] = {{"other.lua", "model \"m\", rule \"a\""}, {"playbook.lua", "model \"m\", rule \"gone\""}};
	begin(load_with(off, 2));
	view_page();
	ck_assert_int_eq(points_of("m"), 3);
}
END_TEST

/* ---- watching ---- */

START_TEST(a_turn_says_where_it_is_and_nothing_when_it_is_over)
{
	char memory[200];
	struct playbook *playbook = load_with(NULL, 0);
	struct arena *arena = lives[life_count++] = arena_new();
	struct turn_changes changes;
	struct error error = {0};
	struct turn_facts facts = {.now = INT64_C(1800000000000000), .watch = {memory, sizeof memory}};
	facts.lead = (struct lead){.id = 4711 << 6, .created_at = facts.now, .fields = arena_array(arena, playbook->schema.lead_count, sizeof(struct value))};
	memset(memory, 'x', sizeof memory);
	ck_assert_int_eq(turn_run(playbook, &facts, arena, &changes, &error), 0);
	ck_assert_int_eq(memory[0], '\0'); /* over */
	memory[0] = ' ';                   /* what it said last */
	ck_assert_msg(strncmp(memory, " in playbook.lua:", 17) == 0, "%.40s", memory);
	ck_assert(memory[sizeof memory - 1] == 'x'); /* never past its end */
	for (size_t room = 0; room < 60; room++) {
		memset(memory, 'x', sizeof memory);
		facts.watch.size = room + 1;
		ck_assert_int_eq(turn_run(playbook, &facts, arena, &changes, &error), 0);
		for (size_t i = room + 1; i < sizeof memory; i++)
			ck_assert_int_eq(memory[i], 'x');
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(without_anything_off_all_goes_on),
	UNIT(a_rule_that_is_off_leaves_its_model_as_it_is_and_no_other),
	UNIT(a_step_that_is_off_holds_who_comes_to_it_and_sends_nothing),
	UNIT(a_campaign_that_is_off_lets_nobody_in_and_holds_who_is_in),
	UNIT(a_segment_that_is_off_keeps_its_members_and_takes_no_more),
	UNIT(what_is_called_so_in_another_file_is_not_meant),
	UNIT(a_turn_says_where_it_is_and_nothing_when_it_is_over),
};
UNIT_MAIN("turn/switched", cases)
