/* Tokens of Lua, whatever bytes come; and the name of a revision. */
#include "playbook/files.h"
#include "playbook/nesting.h"
#include "playbook/typing.h"
#include "unit/check_main.h"

#include "base/buf.h"

static const char *shown(const char *text)
{
	static struct buf out;
	struct arena *arena = arena_new();
	struct lexed_file file = playbook_lex(str_of(text), arena);
	buf_clear(&out);
	for (size_t i = 0; i + 1 < file.count; i++)
		buf_printf(&out, "%d%c%.*s|", file.tokens[i].line, "-nktds?"[file.tokens[i].kind],
			   STR_ARG(file.tokens[i].text));
	arena_free(arena);
	return out.n ? out.p : "";
}

START_TEST(words_texts_numbers_and_signs_are_told_apart)
{
	ck_assert_str_eq(shown("step \"a\" { day(5), x = 0x1p4 }"),
			 "1nstep|1ta|1s{|1nday|1s(|1d5|1s)|1s,|1nx|1s=|1d0x1p4|1s}|");
	ck_assert_str_eq(shown("a.b..c...d::e//f>>g~=h"),
			 "1na|1s.|1nb|1s..|1nc|1s...|1nd|1s::|1ne|1s//|1nf|1s>>|1ng|1s~=|1nh|");
	ck_assert_str_eq(shown("1..2 .5 3.e-2 function"), "1d1..2|1d.5|1d3.e-2|1kfunction|");
}
END_TEST

START_TEST(comments_and_long_texts_keep_the_count_of_lines)
{
	ck_assert_str_eq(shown("-- x\na --[[ b\nc ]] d --[==[ ]] ]==] e"), "2na|3nd|3ne|");
	ck_assert_str_eq(shown("[[a\nb]] c [=[]]]=]"), "1ta\nb|2nc|2t]]|");
	ck_assert_str_eq(shown("\"a\\\"b\" 'c\\\nd' \"\\z\n\n e\" f"), "1ta\\\"b|1tc\\\nd|2t\\z\n\n e|4nf|");
	ck_assert_str_eq(shown("\xef\xbb\xbf"
			       "a"),
			 "1na|");
}
END_TEST

START_TEST(what_lua_cannot_read_is_one_bad_token)
{
	ck_assert_str_eq(shown("“x”"), "1?“|1nx|1?”|");
	ck_assert_str_eq(shown("\"never\nnext"), "1?\"never|2nnext|");
	ck_assert_str_eq(shown("[[never"), "1?|");
	ck_assert_str_eq(shown("\x01\xff@"), "1?\x01|1?\xff|1?@|");
	ck_assert_str_eq(shown("\"\\"), "1?\"\\|");
}
END_TEST

static void check_bytes(const char *bytes, size_t n)
{
	struct arena *arena = arena_new();
	struct problems problems = {.arena = arena};
	struct uses uses = {.arena = arena};
	struct lexed_file file = playbook_lex((struct str){bytes, n}, arena);
	struct nesting nesting;
	nesting_read(&nesting, &file, arena);
	ck_assert_int_eq(file.tokens[file.count - 1].kind, TOKEN_END);
	if (playbook_check_typing("x.lua", &nesting, arena, &problems))
		playbook_check_functions("x.lua", &nesting, arena, &uses, &problems);
	arena_free(arena);
}

START_TEST(no_bytes_whatever_break_the_checks_before_loading)
{
	static const char *const pieces[] = {
		"step ",      "\"a\" ",  "{ ",  "} ",      ", ",      "= ",         "function(lead) ",
		"end ",       "lead.x ", "or ", "[[",      "]]",      "local x < ", "go(",
		"go \"",      "(",       ")",   "- ",      "5 ",      "--[",        "\\",
		"“",          "\xff",    "\n",  "for i, ", "repeat ", "until ",     "[\"k\"] = ",
		"wait \"1\" "};
	unsigned seed = 12345;
	for (int round = 0; round < 20000; round++) {
		char text[400];
		size_t n = 0;
		for (int i = 0; i < 20; i++) {
			seed = seed * 1103515245 + 12345;
			const char *piece = pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)];
			memcpy(text + n, piece, strlen(piece));
			n += strlen(piece);
		}
		char *exact = malloc(n); /* so that a sanitizer sees a byte too far */
		memcpy(exact, text, n);
		check_bytes(exact, n);
		free(exact);
	}
}
END_TEST

START_TEST(a_revision_is_named_by_every_path_and_byte)
{
	struct playbook_file a[] = {{"a.lua", {"x", 1}}, {"b.lua", {"y", 1}}};
	struct playbook_file moved[] = {{"a.lua", {"xb", 2}}, {"b.lua", {"y", 1}}};
	struct playbook_file renamed[] = {{"a.lua", {"x", 1}}, {"c.lua", {"y", 1}}};
	char one[HASH_HEX], two[HASH_HEX], three[HASH_HEX], again[HASH_HEX];
	playbook_files_revision(&(struct playbook_files){.files = a, .count = 2}, one);
	playbook_files_revision(&(struct playbook_files){.files = moved, .count = 2}, two);
	playbook_files_revision(&(struct playbook_files){.files = renamed, .count = 2}, three);
	playbook_files_revision(&(struct playbook_files){.files = a, .count = 2}, again);
	ck_assert_str_ne(one, two);
	ck_assert_str_ne(one, three);
	ck_assert_str_eq(one, again);
	ck_assert_uint_eq(strlen(one), 64);
	ck_assert_ptr_eq(playbook_files_find(&(struct playbook_files){.files = a, .count = 2}, STR("b.lua")), &a[1]);
	ck_assert_ptr_null(playbook_files_find(&(struct playbook_files){.files = a, .count = 2}, STR("c.lua")));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(words_texts_numbers_and_signs_are_told_apart), UNIT(comments_and_long_texts_keep_the_count_of_lines),
	UNIT(what_lua_cannot_read_is_one_bad_token),        UNIT(no_bytes_whatever_break_the_checks_before_loading),
	UNIT(a_revision_is_named_by_every_path_and_byte),
};
UNIT_MAIN("playbook/lexer", cases)
