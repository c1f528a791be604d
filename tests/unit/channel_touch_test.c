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

static const struct unit_case cases[] = {UNIT(what_the_step_says_of_a_contact_stands_behind_the_fields_of_its_template)};
UNIT_MAIN("channel/touch", cases)
