/* What a request by cookie must show, where a log-in may go on to, what a role may. */
#include "unit/check_main.h"
#include "web/hasher.h"
#include "web/session.h"

enum { ATTEMPTS = 20000 };
static const struct str none = {0};

START_TEST(only_our_own_pages_are_ours)
{
	static const char ours[] = "https://go.example.com";
	const struct str host = STR("go.example.com"), same = STR("same-origin");
	ck_assert(web_origin_fits(same, none, ours, host, true));
	ck_assert(web_origin_fits(same, STR("null"), ours, host, true)); /* a page without a referrer; Sec-Fetch-Site is the browser's own word */
	ck_assert(web_origin_fits(same, STR("https://go.example.com"), ours, host, true));
	ck_assert(web_origin_fits(none, STR("https://go.example.com"), ours, STR("10.0.0.7:8080"), false)); /* a proxy that changes Host */
	ck_assert(!web_origin_fits(none, none, ours, host, true));
	ck_assert(!web_origin_fits(none, STR("null"), ours, host, true));
	static const char *const foreign[] = {"http://go.example.com", "https://go.example.com.evil.example", "https://evil.example", "https://go.example.co",
					      "https://go.example.com:8443", "https://xgo.example.com", "https://", "go.example.com", "https://go.example.com/", ""};
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		ck_assert_msg(!web_origin_fits(none, str_of(foreign[i]), ours, host, true), "%s", foreign[i]);
		ck_assert_msg(!web_origin_fits(same, str_of(foreign[i]), ours, host, true), "%s", foreign[i]);
		ck_assert_msg(!web_origin_fits(none, str_of(foreign[i]), ours, host, false), "%s", foreign[i]);
	}
	static const char *const sites[] = {"cross-site", "same-site", "none", "", "Same-Origin", "same-origin, cross-site"};
	for (size_t i = 0; i < sizeof sites / sizeof *sites; i++)
		ck_assert_msg(!web_origin_fits(str_of(sites[i]), STR("https://go.example.com"), ours, host, true), "%s", sites[i]);
}
END_TEST

START_TEST(beside_public_url_the_host_that_was_asked_is_ours)
{
	const struct str host = STR("127.0.0.1:8080");
	ck_assert(web_origin_fits(none, STR("http://127.0.0.1:8080"), "http://localhost:8080", host, false));
	ck_assert(!web_origin_fits(none, STR("http://127.0.0.1:8081"), "http://localhost:8080", host, false));
	ck_assert(!web_origin_fits(none, STR("http://"), "http://localhost:8080", none, false));
	ck_assert(!web_origin_fits(none, STR("http://127.0.0.1:8080"), "https://go.example.com", host, false)); /* outside it is https alone */
}
END_TEST

START_TEST(a_log_in_goes_on_to_paths_of_ours_alone)
{
	static const char *const good[] = {"/", "/home", "/v1/channels/calls/desk?a=1&b=%2F", "/a/../b", "/~x/(y)"};
	static const char *const evil[] = {"", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)",
					   "/a\r\nSet-Cookie: x=1", "/\tevil", "/ evil", "evil", "/\xe2\x80\xa8", "/a#b", "/<script>", "/\"", " //evil.example"};
	char many[1002];
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_msg(web_own_path(str_of(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof evil / sizeof *evil; i++)
		ck_assert_msg(!web_own_path(str_of(evil[i])), "%s", evil[i]);
	memset(many, '/', sizeof many);
	many[1] = 'a';
	ck_assert(!web_own_path((struct str){many, 1001}) && web_own_path((struct str){many, 1000}));
	ck_assert(!web_own_path((struct str){"/a\0b", 4}) && !web_own_path(none));
}
END_TEST

START_TEST(a_token_fits_one_cookie)
{
	char a[SESSION_TEXT], again[SESSION_TEXT], b[SESSION_TEXT];
	web_session_token(STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), a);
	web_session_token(STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), again);
	web_session_token(STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"), b);
	ck_assert_str_eq(a, again);
	ck_assert_str_ne(a, b);
	ck_assert_uint_eq(strlen(a), SESSION_TEXT - 1);
}
END_TEST

START_TEST(a_role_may_what_stands_in_its_row_and_what_a_plugin_gives_it)
{
	const struct web_route read = {.pattern = "/v1/leads", .scope = SCOPE_READ}, write = {.pattern = "/v1/leads", .scope = SCOPE_WRITE},
			       publish = {.pattern = "/v1/playbook/publish", .scope = SCOPE_ADMIN}, erase = {.pattern = "/v1/leads/:lead", .scope = SCOPE_ADMIN},
			       home = {.pattern = "/home", .scope = SCOPE_PERSON};
	json_t *names = json_pack("[s, s]", "agent", "supervisor");
	const struct web_channel_route desk = {.route = {.pattern = "/v1/channels/calls/desk", .scope = SCOPE_ADMIN, .handler = web_channel_pass}, .roles = names};
	static const struct {
		const char *role, *may;
	} all[] = {{"agent", "-----d"}, {"supervisor", "r----d"}, {"owner", "r-----"}, {"marketing", "rwp---"}, {"admin", "rwpe-d"}, {"king", "------"}, {"", "------"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const struct web_route *const routes[] = {&read, &write, &publish, &erase, NULL, &desk.route};
		for (size_t r = 0; r < 6; r++)
			ck_assert_msg(!routes[r] || web_role_may(all[i].role, routes[r]) == (all[i].may[r] != '-'), "%s %zu", all[i].role, r);
		ck_assert(web_role_may(all[i].role, &home) == (i < 5));
	}
	ck_assert(!web_scope_may(SCOPE_ADMIN, SCOPE_PERSON) && !web_scope_may(SCOPE_PUBLIC, SCOPE_TRACK));
	json_decref(names);
}
END_TEST

/* ---- the hasher ---- */

struct looked {
	int times, right;
	char made[PASSWORD_HASH];
};

static void on_looked(void *arg, bool is, const char *made)
{
	struct looked *looked = arg;
	looked->times++;
	looked->right += is;
	snprintf(looked->made, sizeof looked->made, "%s", made);
}

static bool take(struct hasher *hasher, struct looked *looked, const char *hash, const char *password, const char *new_password, char network)
{
	char of[16] = {network};
	return hasher_take(hasher, &(struct hasher_work){{of, sizeof of}, hash, str_of(password), str_of(new_password), on_looked, looked});
}

START_TEST(the_right_password_is_right_and_nothing_else_is)
{
	char hash[PASSWORD_HASH];
	struct loop *loop = loop_new();
	struct hasher *hasher = hasher_new(loop);
	struct looked looked = {0}, right = {0};
	char longest[PASSWORD_MOST + 2];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	ck_assert_int_eq(password_hash(STR("the right one"), hash), 0);
	ck_assert(strncmp(hash, "$argon2id$", 10) == 0);
	const char *const wrong[] = {"the right onE", "", "the right one ", longest};
	for (size_t i = 0; i < 4; i++)
		ck_assert(take(hasher, &looked, hash, wrong[i], "another one", 1));
	ck_assert(take(hasher, &looked, NULL, "the right one", "", 1) && take(hasher, &looked, "", "the right one", "", 1));
	ck_assert(take(hasher, &right, hash, "the right one", "another one", 1));
	while (looked.times < 6 || right.times < 1)
		loop_once(loop, 100000);
	ck_assert(looked.right == 0 && looked.made[0] == '\0' && right.right == 1);
	ck_assert(password_is(right.made, STR("another one")) && !password_is(right.made, STR("the right one")));
	hasher_free(hasher);
	loop_free(loop);
}
END_TEST

START_TEST(what_waits_is_bounded_and_nobody_takes_all_of_it)
{
	struct loop *loop = loop_new();
	struct hasher *hasher = hasher_new(loop);
	struct looked looked = {0};
	int taken = 0, of_another = 0;
	for (int i = 0; i < ATTEMPTS; i++)
		taken += take(hasher, &looked, NULL, "a guess", "", 1);
	ck_assert_int_ge(taken, HASHER_OF_ONE);
	ck_assert_int_lt(taken, ATTEMPTS); /* far more than can be looked at meanwhile */
	ck_assert(take(hasher, &looked, NULL, "a guess", "", 2));
	for (int i = 0; i < ATTEMPTS; i++)
		of_another += take(hasher, &looked, NULL, "a guess", "", (char)(3 + i % 100));
	ck_assert_int_lt(of_another, ATTEMPTS);
	hasher_free(hasher); /* while most of it waits: nothing is answered any more */
	loop_free(loop);
	hasher_free(NULL);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(only_our_own_pages_are_ours),
	UNIT(beside_public_url_the_host_that_was_asked_is_ours),
	UNIT(a_log_in_goes_on_to_paths_of_ours_alone),
	UNIT(a_token_fits_one_cookie),
	UNIT(a_role_may_what_stands_in_its_row_and_what_a_plugin_gives_it),
	UNIT(the_right_password_is_right_and_nothing_else_is),
	UNIT(what_waits_is_bounded_and_nobody_takes_all_of_it),
};
UNIT_MAIN("web/session", cases)
