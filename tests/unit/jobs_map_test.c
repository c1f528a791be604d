/* Import maps: what they refuse before the first row, and what a row becomes. */
#include "jobs/map.h"
#include "unit/check_main.h"

#include <unistd.h>

static char path[] = "/tmp/nurture-map-XXXXXX";
static struct error error;
static struct arena *arena;

static struct import_map *load(const char *text)
{
	memcpy(path + sizeof path - 7, "XXXXXX", 6);
	int fd = mkstemp(path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	struct import_map *map = import_map_load(path, &error);
	unlink(path);
	return map;
}

static struct csv_row row_of(struct str *cells, size_t count)
{
	return (struct csv_row){.line = 7, .cells = cells, .count = count};
}

static struct str header_cells[] = {STR("id"), STR("mail"), STR("first"), STR("bought")};
static struct csv_row header;

static struct import_map *bound(const char *text)
{
	header = row_of(header_cells, 4);
	struct import_map *map = load(text);
	ck_assert_msg(map != NULL, "%s", error.message);
	ck_assert_msg(import_map_bind(map, &header, &model_standard_schema, &error) == 0, "%s", error.message);
	return map;
}

static void refused_at_load(const char *text, const char *part)
{
	ck_assert_ptr_null(load(text));
	ck_assert_msg(strstr(error.message, part) != NULL, "“%s” does not say “%s”", error.message, part);
}

static void refused_at_bind(const char *text, const char *part)
{
	header = row_of(header_cells, 4);
	struct import_map *map = load(text);
	ck_assert_ptr_nonnull(map);
	ck_assert_int_eq(import_map_bind(map, &header, &model_standard_schema, &error), -1);
	ck_assert_msg(strstr(error.message, part) != NULL, "“%s” does not say “%s”", error.message, part);
	import_map_free(map);
}

START_TEST(a_row_becomes_identity_fields_and_outcome)
{
	struct import_row out;
	struct str cells[] = {STR("17"), STR("Ann@Example.COM"), STR("Ann"), STR("yes")};
	struct csv_row row = row_of(cells, 4);
	arena = arena_new();
	struct import_map *map = bound("return { email = '{mail}', external_id = 'crm-{id}', fields = { first_name = 'first', last_name = 'No. {id}' },"
				       " outcome = { column = 'bought', won = 'yes', event = 'opportunity.won' } }");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert(str_is(out.email, "ann@example.com"));
	ck_assert(str_is(out.external_id, "crm-17"));
	ck_assert(str_is(out.won, "opportunity.won"));
	json_t *data = json_loadb(out.data.p, out.data.n, 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(data, "set"), "first_name")), "Ann");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(data, "set"), "last_name")), "No. 17");
	json_decref(data);
	import_map_free(map);
	arena_free(arena);
}
END_TEST

START_TEST(what_is_not_known_is_left_out)
{
	struct import_row out;
	struct str cells[] = {STR("17"), STR("a@example.com"), STR("unknown"), STR("no")};
	struct csv_row row = row_of(cells, 4);
	arena = arena_new();
	struct import_map *map = bound("return { email = '{mail}', fields = { first_name = 'first' }, empty = { 'unknown' } }");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert(str_is(out.data, "{\"set\":{}}"));
	ck_assert_uint_eq(out.won.n, 0);
	import_map_free(map);
	arena_free(arena);
}
END_TEST

START_TEST(a_row_without_identity_or_with_other_columns_is_refused)
{
	struct import_row out;
	struct str cells[] = {STR("17"), STR(""), STR("x"), STR("no")}, bad[] = {STR("17"), STR("not an address"), STR("x"), STR("no")};
	struct csv_row row = row_of(cells, 4), ragged = row_of(cells, 3), address = row_of(bad, 4);
	arena = arena_new();
	struct import_map *map = bound("return { email = '{mail}' }");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "who it is"));
	ck_assert_int_eq(import_map_row(map, &ragged, arena, &out, &error), -1);
	ck_assert_str_eq(error.message, "it has 3 columns; the header has 4.");
	ck_assert_int_eq(import_map_row(map, &address, arena, &out, &error), -1);
	import_map_free(map);
	arena_free(arena);
}
END_TEST

START_TEST(a_map_that_is_wrong_is_refused_before_the_first_row)
{
	refused_at_load("return { emial = '{mail}' }", "Did you mean \"email\"?");
	refused_at_load("return { fields = {} }", "nothing says who a row is");
	refused_at_load("return { email = 3 }", "must be a text");
	refused_at_load("return 3", "a map is one return");
	refused_at_load("email = '{mail}'", "does not return anything");
	refused_at_load("return { email = os.getenv('HOME') }", "nil value");
	refused_at_load("return { email = '{mail}', outcome = { column = 'x' } }", "must be a text");
	refused_at_bind("return { email = '{maill}' }", "Did you mean \"mail\"?");
	refused_at_bind("return { email = '{mail' }", "never closed");
	refused_at_bind("return { email = '{mail}', fields = { firstname = 'first' } }", "Did you mean \"first_name\"?");
	refused_at_bind("return { email = '{mail}', fields = { first_name = 'frist' } }", "Did you mean \"first\"?");
	refused_at_bind("return { email = '{mail}', fields = { email = 'mail' } }", "names the lead");
	refused_at_bind("return { email = '{mail}', outcome = { column = 'sold', won = 'yes', event = 'x.y' } }", "no column \"sold\"");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_row_becomes_identity_fields_and_outcome),
	UNIT(what_is_not_known_is_left_out),
	UNIT(a_row_without_identity_or_with_other_columns_is_refused),
	UNIT(a_map_that_is_wrong_is_refused_before_the_first_row),
};
UNIT_MAIN("jobs/map", cases)
