/* How often answers about people hang on answers about people (people_chain): the preview of a publish walks over all leads so often. */
#include "unit/check_main.h"
#include "unit/playbook_folder.h"

static size_t chain_of(const char *text)
{
	struct folder folder = {.arena = arena_new()};
	struct problems problems = {.arena = folder.arena};
	folder_put(&folder, "playbook.lua", str_of(arena_printf(folder.arena, "playbook \"x\" { }\n%s", text)));
	struct playbook_files files = folder_files(&folder);
	struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
	char *told = problems_text(&problems);
	ck_assert_msg(playbook != NULL, "%s\n%s", text, told);
	size_t chain = playbook->people_chain;
	free(told);
	playbook_free(playbook);
	arena_free(folder.arena);
	return chain;
}

#define ONE "segment \"one\" { title = \"1\", who = stage \"engaged\" }\n"
#define TWO "segment \"two\" { title = \"2\", who = people { segment \"one\" } }\n"
#define THREE "segment \"three\" { title = \"3\", who = all { segment \"one\", people { segment \"two\" } } }\n"
#define COMPANY(asks) "model \"m\" { of = \"account\", from = 0, to = 9, rule \"r\" { " asks "points = 1 } }\ngrades \"g\" { model = \"m\", band \"warm\" { from = 1 }, band \"cold\" { from = 0 } }\n"

START_TEST(the_longest_chain_of_people_behind_people_is_counted)
{
	static const struct { const char *text; size_t chain; } rows[] = {
		{ONE, 0},
		{ONE TWO, 1},
		{THREE ONE TWO, 2}, /* in whatever order they stand */
		{ONE TWO THREE "segment \"four\" { title = \"4\", who = all { segment \"three\", people { segment \"one\" } } }\n", 2},
		{ONE TWO THREE "campaign \"c\" { title = \"C\", enter = people { segment \"three\" }, step \"s\" { leave \"over\" } }\n", 3},
		{ONE TWO THREE "model \"fit\" { from = 0, to = 9, rule \"r\" { people { segment \"three\" }, points = 1 } }\n", 3},
		{ONE COMPANY("people { segment \"one\" }, "), 0}, /* no lead asks for it */
		{ONE COMPANY("people { segment \"one\" }, ") "segment \"warm\" { title = \"W\", who = band \"warm\" }\n", 1},
		{ONE TWO COMPANY("people { segment \"two\" }, ") "segment \"warm\" { title = \"W\", who = band \"warm\" }\n", 2},
		{COMPANY("") "segment \"warm\" { title = \"W\", who = band \"warm\" }\n", 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_msg(chain_of(rows[i].text) == rows[i].chain, "%s: %zu, not %zu", rows[i].text, chain_of(rows[i].text), rows[i].chain);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(the_longest_chain_of_people_behind_people_is_counted),
};
UNIT_MAIN("playbook/chain", cases)
