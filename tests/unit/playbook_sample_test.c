/* The playbooks that ship: the sample and the bank's, as structs. */
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

#include "playbook/template.h"

struct loaded {
	struct folder folder;
	struct problems problems;
	struct playbook *playbook;
};

static struct loaded *load(const char *root)
{
	struct loaded *l = mem_alloc(sizeof *l);
	l->folder.arena = l->problems.arena = arena_new();
	folder_walk(&l->folder, root, "");
	struct playbook_files files = folder_files(&l->folder);
	l->playbook = playbook_load(&files, folder_site(), &l->problems);
	char *text = problems_text(&l->problems);
	ck_assert_msg(l->playbook != NULL, "%s", text);
	free(text);
	return l;
}

static void unload(struct loaded *l)
{
	playbook_free(l->playbook);
	arena_free(l->folder.arena);
	free(l);
}

START_TEST(the_sample_says_beforehand_that_calls_and_letters_are_held_and_nothing_else)
{
	struct loaded *l = load(NURTURE_SOURCE "/scripts");
	ck_assert_uint_eq(l->problems.count, 7); /* qualify, requalify, the talk after the webinar, the two of speed-to-lead, letter and call to executives */
	for (size_t i = 0; i < l->problems.count; i++)
		ck_assert(strstr(l->problems.items[i].message, "no channel for calls is configured") || strstr(l->problems.items[i].message, "no channel for letters is configured"));
	unload(l);
}
END_TEST

START_TEST(the_thirty_days_are_what_the_file_says)
{
	struct loaded *l = load(NURTURE_SOURCE "/scripts");
	const struct campaign *c = playbook_campaign(l->playbook, STR("thirty-day-nurture"));
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->step_count, 10);
	ck_assert(c->enter->kind == CONDITION_ON && str_is(c->enter->on.verb, "asset.download") &&
		  str_is(c->enter->on.kinds[0], "white-paper"));
	ck_assert(c->again == AGAIN_AFTER && c->again_after.count == 90 && c->holdout == 0);
	ck_assert(c->goal->kind == CONDITION_GRADE && c->goal->grade.count == 1);
	const struct step *thanks = campaign_step(c, STR("thanks"));
	ck_assert(thanks->timing == TIMING_DAY && thanks->day == 1 && thanks->actions[0].any_hours);
	const struct step *check = campaign_step(c, STR("grade-check"));
	ck_assert_uint_eq(check->when->grade.count, 4); /* A1 A2 B1 B2: A3 is not "B2 or better" */
	ck_assert_str_eq(c->steps[check->otherwise].name, "e-seminar");
	ck_assert_str_eq(c->steps[check->actions[0].target].name, "to-sales");
	const struct step *qualify = campaign_step(c, STR("qualify"));
	ck_assert_uint_eq(qualify->answer_count, 5);
	for (size_t i = 0; i < qualify->answer_count; i++) {
		const struct answer *answer = &qualify->answers[i];
		ck_assert_int_eq(answer->kind, strcmp(answer->key, "nobody") == 0 ? ANSWER_RETRY : ANSWER_GO);
		if (strcmp(answer->key, "soon") == 0 || strcmp(answer->key, "otherwise") == 0)
			ck_assert_int_eq(answer->target, check - c->steps);
	}
	const struct step *monthly = campaign_step(c, STR("monthly"));
	ck_assert(monthly->timing == TIMING_EVERY && monthly->wait.unit == DURATION_MONTHS && monthly->times == 0);
	unload(l);
}
END_TEST

START_TEST(a_segment_comes_after_those_it_asks_about)
{
	struct loaded *l = load(NURTURE_SOURCE "/scripts");
	for (size_t i = 0; i < l->playbook->segment_count; i++) {
		const struct segment *s = &l->playbook->segments[i];
		ck_assert_int_eq(s->rank, (int)i);
		for (size_t k = 0; s->who->kind == CONDITION_NONE && k < s->who->group.count; k++)
			if (s->who->group.items[k]->kind == CONDITION_SEGMENT)
				ck_assert_int_lt(s->who->group.items[k]->segment, (int)i);
	}
	unload(l);
}
END_TEST

START_TEST(the_banks_playbook_has_no_problem_and_knows_nothing_of_the_call)
{
	struct loaded *l = load(NURTURE_SOURCE "/tests/data/bank");
	const struct playbook *p = l->playbook;
	ck_assert_uint_eq(l->problems.count, 0);
	ck_assert_uint_eq(p->model_count, 2);
	ck_assert_uint_eq(p->models[playbook_model(p, STR("likely"))].rule_count, 10);
	ck_assert_uint_le(p->models[playbook_model(p, STR("prospect"))].rule_count, 25);
	/* the length of the call is known only after it: there is no field that could hold it, and the map does not read its column */
	ck_assert_int_lt(schema_lead_slot(&p->schema, STR("call_seconds")), 0);
	const struct playbook_file *map = NULL;
	for (size_t i = 0; i < l->folder.count; i++)
		if (strcmp(l->folder.files[i].path, "map.lua") == 0)
			map = &l->folder.files[i];
	ck_assert_ptr_nonnull(map);
	ck_assert_ptr_null(memmem(map->bytes.p, map->bytes.n, "= \"duration\"", strlen("= \"duration\"")));
	unload(l);
}
END_TEST

START_TEST(a_models_fingerprint_changes_with_its_rules_and_what_they_ask)
{
	static const char *const texts[] = {
		"playbook \"x\" {}\nsegment \"s\" { who = stage \"engaged\" }\nmodel \"a\" { rule \"r\" { segment \"s\", points = 1 } }\nmodel \"b\" { rule \"r\" { points = 1 } }\n",
		"playbook \"x\" {}\nsegment \"s\" { who = stage \"customer\" }\nmodel \"a\" { rule \"r\" { segment \"s\", points = 1 } }\nmodel \"b\" { rule \"r\" { points = 1 } }\n",
		"-- a comment\nplaybook \"x\" {}\nsegment \"s\" { who = stage \"engaged\" }\nmodel \"a\" { rule \"r\" { segment \"s\", points = 2 } }\nmodel \"b\" { rule \"r\" { points = 1 } }\n",
	};
	char prints[3][2][HASH_HEX];
	for (int i = 0; i < 3; i++) {
		struct playbook_file file = {"playbook.lua", str_of(texts[i])};
		struct problems problems = {.arena = arena_new()};
		struct playbook *playbook = playbook_load(&(struct playbook_files){.files = &file, .count = 1}, NULL, &problems);
		ck_assert_ptr_nonnull(playbook);
		for (int m = 0; m < 2; m++)
			strcpy(prints[i][m], playbook->models[m].fingerprint);
		playbook_free(playbook);
		arena_free(problems.arena);
	}
	ck_assert_str_ne(prints[0][0], prints[1][0]);
	ck_assert_str_ne(prints[0][0], prints[2][0]);
	ck_assert_str_eq(prints[0][1], prints[1][1]);
	ck_assert_str_eq(prints[0][1], prints[2][1]);
}
END_TEST

static bool open_at(const struct playbook *playbook, const char *name, const char *country, const char *when)
{
	struct error error = {0};
	moment_t at = 0;
	ck_assert_int_eq(calendar_parse(str_of(when), "UTC", &at, &error), 0);
	for (size_t i = 0; i < playbook->hours_count; i++) {
		const struct hours *hours = &playbook->hours[i];
		if (strcmp(hours->name, name) != 0)
			continue;
		for (size_t c = 0; c < hours->country_count; c++)
			if (strcmp(hours->countries[c].country, country) == 0)
				return calendar_is_open(&hours->countries[c].open, at, "UTC");
		return calendar_is_open(&hours->open, at, "UTC");
	}
	ck_abort_msg("no hours %s", name);
	return false;
}

START_TEST(open_hours_caps_and_consent_are_what_the_file_says)
{
	struct loaded *l = load(NURTURE_SOURCE "/scripts");
	ck_assert(open_at(l->playbook, "call", "US", "2027-03-20 20:59")); /* a Saturday */
	ck_assert(!open_at(l->playbook, "call", "DE", "2027-03-20 12:00"));
	ck_assert(!open_at(l->playbook, "call", "FR", "2027-03-19 13:30"));
	ck_assert(open_at(l->playbook, "email", "FR", "2027-03-19 13:30"));
	ck_assert_uint_eq(l->playbook->cap_count, 3);
	ck_assert(l->playbook->caps[0].at_most == 2 && l->playbook->caps[0].within.count == 7 &&
		  l->playbook->caps[0].except_count == 2);
	const struct consent_rule *email = &l->playbook->consents[0];
	ck_assert(email->standard == NEED_OPT_OUT && email->unknown == NEED_OPT_IN && email->country_count == 4);
	for (size_t i = 0; i < email->country_count; i++)
		if (strcmp(email->countries[i].country, "DE") == 0)
			ck_assert_int_eq(email->countries[i].need, NEED_DOUBLE_OPT_IN);
	unload(l);
}
END_TEST

START_TEST(holidays_are_closed_once_or_every_year)
{
	static const char text[] =
		"playbook \"x\" { holidays = { \"12-25\", \"2027-03-29\" } }\nhours \"office\" { days = \"Mon-Fri\" }\n"
		"hours \"email\" { days = \"Mon-Sun\", holidays = {} }\n";
	struct playbook_file file = {"playbook.lua", {text, sizeof text - 1}};
	struct problems problems = {.arena = arena_new()};
	struct playbook *playbook = playbook_load(&(struct playbook_files){.files = &file, .count = 1}, NULL, &problems);
	ck_assert_ptr_nonnull(playbook);
	ck_assert(!open_at(playbook, "office", "", "2028-12-25 10:00"));
	ck_assert(!open_at(playbook, "office", "", "2027-03-29 10:00"));
	ck_assert(open_at(playbook, "office", "", "2028-03-29 10:00"));
	ck_assert(open_at(playbook, "email", "", "2028-12-25 10:00"));
	playbook_free(playbook);
	arena_free(problems.arena);
}
END_TEST

START_TEST(who_renders_nothing_keeps_no_templates_and_decides_the_same)
{
	static const char text[] = "playbook \"x\" {}\ntopic \"news\" { label = \"News\" }\ncampaign \"c\" { enter = \"by hand\", leave = withdrew \"email\", step \"s\" { email \"hello\" } }\n";
	static const struct playbook_file files[] = {{"playbook.lua", {text, sizeof text - 1}}, {"templates/email/hello.md", STR("---\nsubject: Hi\ntopic:  \"news\"\r\n---\ntopic: no\n")}};
	struct playbook_site site = *folder_site();
	struct problems problems = {.arena = arena_new()};
	struct playbook *with = playbook_load(&(struct playbook_files){.files = files, .count = 2}, &site, &problems);
	site.no_templates = true;
	struct playbook *without = playbook_load(&(struct playbook_files){.files = files, .count = 2}, &site, &problems);
	ck_assert_ptr_nonnull(with);
	ck_assert_ptr_nonnull(without);
	ck_assert_ptr_nonnull(with->templates);
	ck_assert_ptr_null(without->templates);
	ck_assert_str_eq(with->revision, without->revision);
	ck_assert_str_eq(without->campaigns[0].steps[0].actions[0].name, "hello");
	const struct playbook *both[] = {with, without};
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(playbook_template_topic(both[i], STR("email"), STR("hello")), "news");
		ck_assert_ptr_null(playbook_template_topic(both[i], STR("letter"), STR("hello")));
		ck_assert_ptr_null(playbook_template_topic(both[i], STR("email"), STR("other")));
	}
	playbook_free(with);
	playbook_free(without);
	ck_assert_ptr_null(playbook_load(&(struct playbook_files){.files = files, .count = 1}, &site, &problems)); /* that one is there is asked */
	arena_free(problems.arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(who_renders_nothing_keeps_no_templates_and_decides_the_same),
	UNIT(open_hours_caps_and_consent_are_what_the_file_says),
	UNIT(holidays_are_closed_once_or_every_year),
	UNIT(the_sample_says_beforehand_that_calls_and_letters_are_held_and_nothing_else),
	UNIT(the_thirty_days_are_what_the_file_says),
	UNIT(a_segment_comes_after_those_it_asks_about),
	UNIT(the_banks_playbook_has_no_problem_and_knows_nothing_of_the_call),
	UNIT(a_models_fingerprint_changes_with_its_rules_and_what_they_ask),
};
UNIT_MAIN("playbook/sample", cases)
