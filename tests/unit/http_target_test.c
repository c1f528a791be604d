/* Paths and queries: read strictly or refused. */
#include "http/target.h"
#include "unit/check_main.h"

static struct target target;

static bool parses(struct arena *arena, const char *text)
{
	const char *why = NULL;
	bool good = target_parse(arena, str_of(text), &target, &why);
	ck_assert(good || (why && *why));
	return good;
}

START_TEST(a_path_falls_into_decoded_parts)
{
	struct arena *arena = arena_new();
	ck_assert(parses(arena, "/") && target.count == 0);
	ck_assert(parses(arena, "/v1/leads/7?x=1") && target.count == 3);
	ck_assert(str_is(target.segments[0], "v1") && str_is(target.segments[2], "7"));
	ck_assert(str_is(target.path, "/v1/leads/7") && str_is(target.query_text, "x=1"));
	ck_assert(parses(arena, "/a%20b/%C3%BC+1") && str_is(target.segments[0], "a b") && str_is(target.segments[1], "\xc3\xbc+1"));
	ck_assert(parses(arena, "/a/") && target.count == 2 && target.segments[1].n == 0);
	ck_assert(parses(arena, "/a%252fb") && str_is(target.segments[0], "a%2fb"));
	ck_assert(parses(arena, "/...") && parses(arena, "/.well-known"));
	arena_free(arena);
}
END_TEST

START_TEST(a_path_that_could_mean_another_one_is_refused)
{
	static const char *const bad[] = {
		"//", "//a", "/a//b", "/a/../b", "/a/..", "/.", "/./a", "/%2e", "/%2E%2e/a", "/.%2e", "/a%2fb", "/a%2Fb", "/a%5cb", "/a\\b",
		"/%00", "/a%00b", "/%0a", "/%0d%0a", "/%7f", "/%", "/%2", "/%zz", "/%+1", "/\xc3\xbc", "/%ff", "/%c0%af", "/%ed%a0%80", "/a#b", "/a b",
		"/a\"b", "/<a>", "/a|b", "/{a}", "*", "http://a/b", "a/b", "?a=b", "",
		"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26/27/28/29/30/31/32/33",
	};
	struct arena *arena = arena_new();
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!parses(arena, bad[i]), "%s was accepted", bad[i]);
	arena_free(arena);
}
END_TEST

START_TEST(a_query_gives_names_and_values)
{
	struct arena *arena = arena_new();
	ck_assert(parses(arena, "/?a=1&b=two+words&c=%26%3d&d&&=e&a=2&u={x}|y"));
	ck_assert_uint_eq(target.query.count, 7);
	ck_assert(str_is(http_param(&target.query, "a"), "1"));
	ck_assert(str_is(http_param(&target.query, "b"), "two words"));
	ck_assert(str_is(http_param(&target.query, "c"), "&="));
	ck_assert(http_param(&target.query, "d").p && http_param(&target.query, "d").n == 0);
	ck_assert(str_is(http_param(&target.query, ""), "e"));
	ck_assert(str_is(http_param(&target.query, "u"), "{x}|y"));
	ck_assert_ptr_null(http_param(&target.query, "z").p);
	ck_assert(str_is(target.query.items[5].value, "2"));
	ck_assert(parses(arena, "/?") && target.query.count == 0);
	ck_assert(!parses(arena, "/?a=%") && !parses(arena, "/?a=%f") && !parses(arena, "/?a=%00") && !parses(arena, "/?%0a=1"));
	ck_assert(!parses(arena, "/?a=%ff") && !parses(arena, "/?a=\xc3\xbc") && !parses(arena, "/?a#b"));
	arena_free(arena);
}
END_TEST

START_TEST(a_query_has_at_most_two_hundred_fields)
{
	struct arena *arena = arena_new();
	char text[1024] = "/?a";
	for (int i = 1; i < 200; i++)
		strcat(text, "&a");
	ck_assert(parses(arena, text) && target.query.count == 200);
	strcat(text, "&a");
	ck_assert(!parses(arena, text));
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_path_falls_into_decoded_parts),
	UNIT(a_path_that_could_mean_another_one_is_refused),
	UNIT(a_query_gives_names_and_values),
	UNIT(a_query_has_at_most_two_hundred_fields),
};
UNIT_MAIN("http/target", cases)
