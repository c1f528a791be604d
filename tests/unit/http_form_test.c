/* Forms: urlencoded and multipart, and bodies that pretend to be. */
#include "http/form.h"
#include "unit/check_main.h"

static struct http_params form;
static struct error error;

static int parse(struct arena *arena, const char *type, const char *body, size_t n)
{
	error_clear(&error);
	return form_parse(arena, str_of(type), (struct str){body, n}, &form, &error);
}
#define PARSE(arena, type, body) parse(arena, type, body, sizeof(body) - 1)
#define MULTI "multipart/form-data; boundary=XX"
#define PART(name) "--XX\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

START_TEST(one_click_unsubscribe_is_understood_both_ways)
{
	struct arena *arena = arena_new();
	ck_assert_int_eq(PARSE(arena, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"), 0);
	ck_assert(str_is(http_param(&form, "List-Unsubscribe"), "One-Click"));
	ck_assert_int_eq(PARSE(arena, MULTI, PART("List-Unsubscribe") "One-Click\r\n--XX--\r\n"), 0);
	ck_assert(str_is(http_param(&form, "List-Unsubscribe"), "One-Click"));
	arena_free(arena);
}
END_TEST

START_TEST(parts_keep_names_values_and_files)
{
	struct arena *arena = arena_new();
	ck_assert_int_eq(PARSE(arena, "Multipart/Form-Data; charset=utf-8; BOUNDARY=\"XX\"",
			       "preamble\r\n" PART("a") "one\r\ntwo\r\n" PART("empty") "\r\n"
			       "--XX\r\nContent-Type: image/png\r\ncontent-disposition: form-data; name=f; filename=\"a\\\"b.png\"\r\n\r\n"
			       "\xff\0\r\n--X\r\n--XX--\r\nepilogue"), 0);
	ck_assert_uint_eq(form.count, 3);
	ck_assert(str_is(form.items[0].value, "one\r\ntwo") && !form.items[0].file_name.p);
	ck_assert(form.items[1].value.p && form.items[1].value.n == 0);
	ck_assert(str_is(form.items[2].name, "f") && str_is(form.items[2].file_name, "a\"b.png") && str_is(form.items[2].type, "image/png"));
	ck_assert(str_same(form.items[2].value, STR("\xff\0\r\n--X")));
	arena_free(arena);
}
END_TEST

START_TEST(a_multipart_body_that_can_be_doubted_is_refused)
{
	struct arena *arena = arena_new();
	ck_assert_int_eq(PARSE(arena, "multipart/form-data", PART("a") "1\r\n--XX--"), -1);
	ck_assert_str_eq(error.where, "Content-Type");
	ck_assert_int_eq(PARSE(arena, "multipart/form-data; boundary=", PART("a") "1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI "; boundary=YY", PART("a") "1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, ""), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, "--YY\r\n\r\n"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, PART("a") "no end"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, PART("a") "1\r\n--XX"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, PART("a") "1\r\n--XXY\r\n"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, PART("a") "1\r\n--XX\n"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, "--XX\r\n\r\n1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, "--XX\r\nX: y\r\n\r\n1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, "--XX\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, "--XX\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, PART("a") "\xff\r\n--XX--"), -1);
	ck_assert_str_eq(error.where, "a");
	ck_assert_int_eq(PARSE(arena, MULTI, PART("") "1\r\n--XX--"), -1);
	ck_assert_int_eq(PARSE(arena, MULTI, PART("a") "x\0y\r\n--XX--"), -1);
	arena_free(arena);
}
END_TEST

START_TEST(a_thousand_parts_are_too_many)
{
	static char body[1 << 17];
	struct arena *arena = arena_new();
	size_t n = 0;
	for (int i = 0; i < 1000; i++)
		n += (size_t)sprintf(body + n, PART("a") "1\r\n");
	n += (size_t)sprintf(body + n, "--XX--");
	ck_assert_int_eq(parse(arena, MULTI, body, n), -1);
	arena_free(arena);
}
END_TEST

START_TEST(another_type_is_no_form)
{
	struct arena *arena = arena_new();
	ck_assert_int_eq(PARSE(arena, "application/json", "a=b"), -1);
	ck_assert_str_eq(error.where, "Content-Type");
	ck_assert_int_eq(PARSE(arena, "", "a=b"), -1);
	ck_assert_int_eq(PARSE(arena, "application/x-www-form-urlencoded", "name=%zz"), -1);
	ck_assert_str_eq(error.where, "name");
	ck_assert_int_eq(PARSE(arena, "application/x-www-form-urlencoded", "name=%00"), -1);
	ck_assert_int_eq(PARSE(arena, "application/x-www-form-urlencoded; charset=UTF-8", "name=Z%C3%BCrich+West"), 0);
	ck_assert(str_is(http_param(&form, "name"), "Z\xc3\xbcrich West"));
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(one_click_unsubscribe_is_understood_both_ways),
	UNIT(parts_keep_names_values_and_files),
	UNIT(a_multipart_body_that_can_be_doubted_is_refused),
	UNIT(a_thousand_parts_are_too_many),
	UNIT(another_type_is_no_form),
};
UNIT_MAIN("http/form", cases)
