/* The cookie `nv`: only what we sealed is known again, whatever a browser sends. */
#include "unit/check_main.h"
#include "web/visitor.h"

static struct token_key ours = {.id = 1}, theirs = {.id = 1};

static struct token_keys keys_of(struct token_key *key)
{
	token_key_random(key->secret);
	return (struct token_keys){key, 1};
}

START_TEST(a_visitor_is_known_again_by_the_cookie_alone)
{
	struct arena *arena = arena_new();
	struct token_keys keys = keys_of(&ours);
	struct visitor made, found;
	web_visitor_new(&made);
	struct str set = web_visitor_write(&keys, &made, true, arena);
	ck_assert(strstr(set.p, "; HttpOnly") && strstr(set.p, "; SameSite=Lax") && strstr(set.p, "; Secure") && strstr(set.p, "Max-Age=34128000"));
	ck_assert_ptr_null(strstr(web_visitor_write(&keys, &made, false, arena).p, "Secure"));
	struct str pair = str_cut(&set, ';');
	struct str header = str_of(arena_printf(arena, "a=b; nv=junk; %.*s; c=d", STR_ARG(pair)));
	ck_assert(web_visitor_find(&keys, header, &found));
	ck_assert_str_eq(found.hex, made.hex);
	ck_assert_uint_eq(strlen(found.hex), 32);
	arena_free(arena);
}
END_TEST

START_TEST(a_forged_cut_foreign_or_misused_cookie_is_nobody)
{
	struct arena *arena = arena_new();
	struct token_keys keys = keys_of(&ours), others = keys_of(&theirs);
	struct visitor made, found;
	char text[TOKEN_TEXT];
	web_visitor_new(&made);
	struct str set = web_visitor_write(&keys, &made, true, arena), pair = str_cut(&set, ';');
	for (size_t i = 3; i < pair.n; i++) {
		char *bent = arena_dup_n(arena, pair.p, pair.n);
		bent[i] = bent[i] == 'A' ? 'B' : 'A';
		ck_assert_msg(!web_visitor_find(&keys, str_of(bent), &found) && !*found.hex, "%s", bent);
		ck_assert(!web_visitor_find(&keys, (struct str){pair.p, i}, &found));
	}
	ck_assert(!web_visitor_find(&others, pair, &found));
	token_write(&keys, &(struct token){.purpose = TOKEN_UNSUBSCRIBE, .touch_id = 7, .lead_id = 64}, text);
	ck_assert(!web_visitor_find(&keys, str_of(arena_printf(arena, "nv=%s", text)), &found));
	ck_assert(!web_visitor_find(&keys, (struct str){NULL, 0}, &found));
	ck_assert(!web_visitor_find(&keys, STR("xnv=1; NV=1; ;;;=; nv"), &found));
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_visitor_is_known_again_by_the_cookie_alone),
	UNIT(a_forged_cut_foreign_or_misused_cookie_is_nobody),
};
UNIT_MAIN("web/visitor", cases)
