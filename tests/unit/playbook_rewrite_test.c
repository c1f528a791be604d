/* Points written into the text of a model: only the numbers change, what fit says is replaced by what the next one says. */
#include "base/buf.h"
#include "playbook/rewrite.h"
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

static const char SOURCE[] = "-- A model of ours.\n"
			     "model \"other\" { from = 0, to = 10, rule \"read\" { on \"page.view\", points = 1 } }\n"
			     "\n"
			     "model \"m\" { title = \"points = 5\", from = 0, to = 100, -- a comment, with points = 7\n"
			     "  -- by hand\n"
			     "  rule \"read\"    { on \"page.view\" { subject = \"/a\" }, points = 10, each = \"subject\", max = 30 }, -- stays\n"
			     "  rule \"quiet\"   { none \"*\" { within = \"90 days\" }, points = -20 },\n"
			     "  rule \"country\" { points = choose \"country\" { DE = 3, [\"US\"] = 2,\n"
			     "                                            otherwise = 0 } }, rule \"odd\" { function(lead) local points = 3 return points == 3 end, points = 1 },\n"
			     "  rule \"own\"     { points = function(lead) if lead.country then return 1 end end },\n"
			     "}\n";
static struct arena *arena;
static struct error error;

static struct str rewritten(const char *text, struct rewrite_rule *rules, size_t count, const char *header)
{
	struct str out = {0};
	const char *lines[] = {header};
	struct rewrite rewrite = {.model = "m", .rules = rules, .rule_count = count, .header = lines, .header_count = 1};
	error = (struct error){0};
	ck_assert_msg(playbook_rewrite(str_of(text), &rewrite, arena, &out, &error) == 0, "%s", error.message);
	return out;
}

static const struct rewrite_case CASES[] = {{STR("DE"), 12}, {STR("US"), 0}, {STR("otherwise"), -4}};
static struct rewrite_rule RULES[] = {
	{.name = "read", .points = 1.5, .max = 5, .comment = "one"}, {.name = "quiet", .points = 3, .comment = "two"},
	{.name = "country", .cases = CASES, .case_count = 3, .comment = "three"}, {.name = "odd", .points = -7, .comment = "four"},
	{.name = "own", .kept = true, .comment = "a\nrule \"evil\" {}"}};

static const char WANTED[] = "-- A model of ours.\n"
			     "model \"other\" { from = 0, to = 10, rule \"read\" { on \"page.view\", points = 1 } }\n"
			     "\n"
			     "-- fit: head\n"
			     "model \"m\" { title = \"points = 5\", from = 0, to = 100, -- a comment, with points = 7\n"
			     "  -- by hand\n"
			     "  -- fit: one\n"
			     "  rule \"read\"    { on \"page.view\" { subject = \"/a\" }, points = 1.5, each = \"subject\", max = 5 }, -- stays\n"
			     "  -- fit: two\n"
			     "  rule \"quiet\"   { none \"*\" { within = \"90 days\" }, points = 3 },\n"
			     "  -- fit: three\n"
			     "  rule \"country\" { points = choose \"country\" { DE = 12, [\"US\"] = 0,\n"
			     "                                            otherwise = -4 } }, \n"
			     "  -- fit: four\n"
			     "  rule \"odd\" { function(lead) local points = 3 return points == 3 end, points = -7 },\n"
			     "  -- fit: a rule \"evil\" {}\n"
			     "  rule \"own\"     { points = function(lead) if lead.country then return 1 end end },\n"
			     "}\n";

START_TEST(only_the_numbers_change_and_comments_are_added)
{
	arena = arena_new();
	struct str out = rewritten(SOURCE, RULES, 5, "head");
	ck_assert_str_eq(arena_dup_n(arena, out.p, out.n), WANTED);
	arena_free(arena);
}
END_TEST

START_TEST(done_again_it_replaces_what_it_said)
{
	arena = arena_new();
	struct str out = rewritten(WANTED, RULES, 5, "head");
	ck_assert_str_eq(arena_dup_n(arena, out.p, out.n), WANTED);
	out = rewritten(arena_printf(arena, "\xef\xbb\xbf%s", WANTED), RULES, 5, "other");
	const char *text = arena_dup_n(arena, out.p, out.n);
	ck_assert(str_starts(out, STR("\xef\xbb\xbf-- A model")));
	ck_assert_ptr_nonnull(strstr(text, "-- fit: other\nmodel \"m\""));
	ck_assert_ptr_null(strstr(text, "head"));
	arena_free(arena);
}
END_TEST

static const char *with_crlf(const char *text)
{
	struct buf out = {0};
	for (const char *p = text; *p; p++)
		buf_printf(&out, *p == '\n' ? "\r%c" : "%c", *p);
	const char *copy = arena_dup_n(arena, out.p, out.n);
	buf_fini(&out);
	return copy;
}

START_TEST(a_file_keeps_its_line_ends)
{
	arena = arena_new();
	struct str out = rewritten(with_crlf(SOURCE), RULES, 5, "head");
	ck_assert_str_eq(arena_dup_n(arena, out.p, out.n), with_crlf(WANTED));
	out = rewritten(with_crlf(WANTED), RULES, 5, "head");
	ck_assert_str_eq(arena_dup_n(arena, out.p, out.n), with_crlf(WANTED));
	arena_free(arena);
}
END_TEST

START_TEST(what_was_written_is_what_the_playbook_reads)
{
	arena = arena_new();
	struct str out = rewritten(SOURCE, RULES, 5, "head");
	struct folder folder = {.arena = arena};
	struct problems problems = {.arena = arena};
	folder_put(&folder, "m.lua", out);
	folder_put(&folder, "playbook.lua", STR("playbook \"x\" { title = \"X\", time_zone = \"Europe/Berlin\", language = \"en\" }"));
	struct playbook_files files = folder_files(&folder);
	struct playbook *p = playbook_load(&files, folder_site(), &problems);
	ck_assert_msg(p != NULL, "%s", problems_text(&problems));
	const struct model *m = &p->models[playbook_model(p, STR("m"))];
	ck_assert_int_eq((int)m->rule_count, 5);
	ck_assert_double_eq(m->rules[0].points, 1.5);
	ck_assert_double_eq(m->rules[0].max, 5);
	ck_assert_double_eq(m->rules[1].points, 3);
	ck_assert_double_eq(m->rules[2].choose.otherwise, -4);
	ck_assert_double_eq(m->rules[3].points, -7);
	playbook_free(p);
	arena_free(arena);
}
END_TEST

static void refused(const char *text, struct rewrite_rule rule, const char *part)
{
	struct str out;
	struct rewrite rewrite = {.model = "m", .rules = &rule, .rule_count = 1};
	ck_assert_int_eq(playbook_rewrite(str_of(text), &rewrite, arena, &out, &error), -1);
	ck_assert_msg(strstr(error.message, part) != NULL, "“%s” does not say “%s”", error.message, part);
}

START_TEST(an_otherwise_that_was_not_said_is_put_in)
{
	arena = arena_new();
	struct rewrite_rule c = {.name = "a", .cases = CASES, .case_count = 3};
	struct str out = rewritten("model \"m\" { rule \"a\" { points = choose \"x\" { DE = 1, US = 2 } } }", &c, 1, "h");
	ck_assert_ptr_nonnull(strstr(arena_dup_n(arena, out.p, out.n), "choose \"x\" { DE = 12, US = 0 , otherwise = -4 } }"));
	out = rewritten("model \"m\" { rule \"a\" { points = choose \"x\" { DE = 1, US = 2, } } }", &c, 1, "h");
	ck_assert_ptr_nonnull(strstr(arena_dup_n(arena, out.p, out.n), "choose \"x\" { DE = 12, US = 0, otherwise = -4 } }"));
	arena_free(arena);
}
END_TEST

START_TEST(what_is_not_plainly_written_is_refused)
{
	struct rewrite_rule a = {.name = "a", .points = 3}, c = {.name = "a", .cases = CASES, .case_count = 3};
	arena = arena_new();
	refused("model \"n\" { rule \"a\" { points = 1 } }", a, "model \"m\" is not written out");
	refused("model \"m\" { rule \"b\" { points = 1 } }", a, "rule \"a\" is not written out");
	refused("model \"m\" {\n rule \"a\" { points = 2 * 3 } }", a, "line 2: points of rule \"a\" is not written as a plain number");
	refused("local p = 1\nmodel \"m\" {\n rule \"a\" { points = p } }", a, "plain number");
	refused("model \"m\" { rule \"a\" { points = choose \"x\" { DE = 1, otherwise = 2 } } }", a, "plain number or choose");
	refused("model \"m\" { rule \"a\" { points = choose \"x\" { DE = 1, otherwise = 2 } } }", c, "not all written");
	refused("model \"m\" { rule \"a\" { points = choose \"x\" { DE = 1 } } }", c, "not all written");
	refused("model \"m\" { rule \"a\" { points = choose \"x\" { FR = 1, otherwise = 2 } } }", c, "\"FR\"");
	refused("model \"m\" { rule \"a\" { points = 1 ", a, "plain number");
	refused("model \"m\" {", a, "is not written out");
	refused("", a, "is not written out");
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(only_the_numbers_change_and_comments_are_added),
	UNIT(done_again_it_replaces_what_it_said),
	UNIT(a_file_keeps_its_line_ends), UNIT(what_was_written_is_what_the_playbook_reads),
	UNIT(an_otherwise_that_was_not_said_is_put_in),
	UNIT(what_is_not_plainly_written_is_refused),
};
UNIT_MAIN("playbook: points written into a file", cases)
