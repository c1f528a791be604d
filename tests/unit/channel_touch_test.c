/* A touch as a plugin gets it. */
#include "channel/touch.h"
#include "unit/check_main.h"

START_TEST(what_the_step_says_of_a_contact_stands_behind_the_fields_of_its_template)
{
	struct arena *arena = arena_new();
	struct template_field items[] = {{.name = "text", .value = STR("Hello")}, {.name = "skill", .value = STR("of the template")}};
	struct template_fields fields = {.items = items, .count = 2};
	struct touch touch = {.id = 64, .kind = STR("call"), .channel = STR("calls"), .template_name = STR("ask"), .purpose = STR("marketing"),
			      .data = STR("{\"priority\": \"high\", \"skill\": \"English\", \"offer\": \"guide\", \"drop\": 3}")};
	struct touch_content content = {.address = STR("+1 202 555 0101"), .name = STR(""), .fields = &fields, .attempt = 1};
	struct channel_touch out = {0};
	channel_touch_fill(&out, &touch, &content, arena);
	ck_assert_uint_eq(out.touch.field_count, 3);
	ck_assert_str_eq(out.touch.fields[1].value, "of the template");
	ck_assert_str_eq(out.touch.fields[2].name, "priority");
	ck_assert_str_eq(out.touch.fields[2].value, "high");
	ck_assert_uint_eq(out.touch.fields[2].length, 4);
	fields.count = 1;
	channel_touch_fill(&out, &touch, &content, arena);
	ck_assert_uint_eq(out.touch.field_count, 3);
	ck_assert_str_eq(out.touch.fields[2].name, "skill");
	ck_assert_str_eq(out.touch.fields[2].value, "English");
	touch.data = STR("no JSON");
	channel_touch_fill(&out, &touch, &content, arena);
	ck_assert_uint_eq(out.touch.field_count, 1);
	arena_free(arena);
}
END_TEST

START_TEST(a_letter_comes_with_the_code_that_it_is_answered_by)
{
	struct arena *arena = arena_new();
	struct template_fields fields = {0};
	struct touch touch = {.id = 64, .kind = STR("letter"), .channel = STR("letters"), .template_name = STR("invite"), .purpose = STR("marketing"), .data = {"", 0}};
	struct touch_content content = {.address = STR("1 Road"), .name = STR(""), .fields = &fields, .attempt = 1, .reply_code = "C0DE", .reply_url = "https://x/r/C0DE"};
	struct channel_touch out = {0};
	channel_touch_fill(&out, &touch, &content, arena);
	ck_assert_str_eq(out.touch.code, "C0DE");
	ck_assert_str_eq(out.touch.url, "https://x/r/C0DE");
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {UNIT(what_the_step_says_of_a_contact_stands_behind_the_fields_of_its_template),
					 UNIT(a_letter_comes_with_the_code_that_it_is_answered_by)};
UNIT_MAIN("channel/touch", cases)
