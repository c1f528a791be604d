/* How contacts end, told by the stories of tests/data/ends, with a server that has channels for mail, calls and letters. */
#include "turn/story.h"
#include "turn/trial.h"
#include "unit/turn_lua.h"

static struct playbook *load(void)
{
	static const struct playbook_channel channels[] = {{.name = "email", .kind = "email", .body = "markdown"},
							   {.name = "calls", .kind = "call", .body = "text"},
							   {.name = "letters", .kind = "letter", .body = "text"}};
	static const struct playbook_site site = {.channels = channels, .channel_count = 3, .postal_address = "1 Example Street", .bell = &bell_of_thread};
	lua_folder(NURTURE_SOURCE "/tests/data/ends", "");
	return lua_load_at(&site);
}

START_TEST(every_story_of_the_ends_holds)
{
	struct playbook *playbook = load();
	ck_assert_msg(lua_problems.count == 0, "%s", problems_text(&lua_problems));
	struct story_result result = turn_stories(playbook, &lua_problems);
	ck_assert_msg(result.failed == 0, "%s", problems_text(&lua_problems));
	ck_assert_uint_eq(result.passed, playbook->test_count);
	ck_assert_uint_ge(result.passed, 8);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_story_of_the_ends_holds),
};
UNIT_MAIN("turn/ends", cases)
