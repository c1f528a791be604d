/* Import maps: what they refuse before the first row, and what a row becomes. */
#include "jobs/map_parts.h"
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
	ck_assert_msg(import_map_bind(map, &header, &model_standard_schema, "", &error) == 0, "%s", error.message);
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
	ck_assert_int_eq(import_map_bind(map, &header, &model_standard_schema, "", &error), -1);
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
	ck_assert(str_is(out.outcome, "opportunity.won"));
	ck_assert_int_eq(out.at, 0); /* not said */
	json_t *data = json_loadb(out.data.p, out.data.n, 0, NULL);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(data, "set"), "first_name")), "Ann");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(data, "set"), "last_name")), "No. 17");
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(data, "set"), "external_id")), "crm-17");
	json_decref(data);
	import_map_free(map);
	arena_free(arena);
}
END_TEST

static moment_t moment(const char *text)
{
	moment_t m;
	ck_assert_int_eq(moment_parse(str_of(text), &m, &error), 0);
	return m;
}

START_TEST(a_row_says_when_it_was_true_and_what_became_of_it)
{
	struct import_row out;
	struct str cells[] = {STR("2019-03-02"), STR("a@example.com"), STR("5 April 2019"), STR("no")};
	struct csv_row row = row_of(cells, 4);
	arena = arena_new();
	const char *outcome = " outcome = { column = 'bought', won = 'yes', event = 'opportunity.won', lost = 'no', lost_event = 'opportunity.lost', at = 'first' } }";
	struct import_map *map = bound(arena_printf(arena, "return { email = '{mail}', at = 'id',%s", outcome));
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), -1);
	ck_assert_str_eq(error.where, "at");
	cells[2] = STR("2019-04-05 10:30");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert(str_is(out.outcome, "opportunity.lost"));
	ck_assert_int_eq(out.at, moment("2019-03-02"));
	ck_assert_int_eq(out.outcome_at, moment("2019-04-05T10:30:00Z"));
	cells[2] = STR("");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert_int_eq(out.outcome_at, out.at);
	cells[3] = STR("still talking");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert_uint_eq(out.outcome.n, 0);
	import_map_free(map);
	refused_at_load("return { email = '{mail}', outcome = { column = 'x', won = 'y', event = 'opportunity.won', lost = 'n' } }", "said together");
	refused_at_bind("return { email = '{mail}', at = 'whne' }", "no column \"whne\"");
	arena_free(arena);
}
END_TEST

static void heads(const char *text, struct str *cells, size_t count, const char *says)
{
	header = row_of(cells, count);
	struct import_map *map = load(text);
	ck_assert_ptr_nonnull(map);
	int result = import_map_bind(map, &header, &model_standard_schema, "", &error);
	ck_assert_msg(result == (says ? -1 : 0), "%s", error.message);
	ck_assert_msg(!says || strstr(error.message, says) != NULL, "“%s” does not say “%s”", error.message, says);
	import_map_free(map);
}

START_TEST(a_column_is_found_by_its_name_and_others_may_be_as_they_are)
{
	const char *map = "return { email = '{E-mail}', fields = { first_name = 'First name' } }";
	struct str unnamed[] = {STR("E-mail"), STR("Notes"), STR("First name"), STR("Notes"), STR(""), STR("")};
	struct str loose[] = {STR("E-Mail "), STR("FIRST NAME")};
	struct str exact_first[] = {STR("e-mail"), STR("E-mail"), STR("First name")};
	struct str twice[] = {STR("E-mail"), STR("First name"), STR("First name")};
	struct str either[] = {STR("E-mail"), STR("first name"), STR("FIRST NAME")};
	struct str other[] = {STR("E-mail"), STR("Firstname"), STR(""), STR("City")};
	heads(map, unnamed, 6, NULL);
	heads(map, loose, 2, NULL);
	heads(map, exact_first, 3, NULL);
	heads(map, twice, 3, "two columns \"First name\"");
	heads(map, either, 3, "two columns \"FIRST NAME\"");
	heads(map, other, 4, "no column \"First name\". Did you mean \"Firstname\"? Its columns are \"E-mail\", \"Firstname\", \"City\".");
	heads("return { email = '{}' }", unnamed, 6, "no column \"\"");
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
	ck_assert_uint_eq(out.outcome.n, 0);
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
	refused_at_load("return { fields = { phone = \"Phone\" } }", "phone stands in fields, where it is a field like any other");
	refused_at_load("return { email = \"email\" }", "\"email\" is the same for every row. The column of this name is \"{email}\".");
	refused_at_load("return { phone = \"{Phone}\", country = \"Country\" }", "there is no \"country\" here. What a column says of a lead stands in fields");
	refused_at_load("return { email = 3 }", "must be a text");
	refused_at_load("return 3", "a map is one return");
	refused_at_load("email = '{mail}'", "does not return anything");
	refused_at_load("return { email = os.getenv('HOME') }", "nil value");
	refused_at_load("return { email = '{mail}', outcome = { column = 'x' } }", "must be a text");
	refused_at_bind("return { email = '{maill}' }", "Did you mean \"mail\"?");
	refused_at_load("return { email = '{mail' }", "\"{mail\" is never closed: write {column}.");
	refused_at_load("return { email = '{mail}', at = '{id}T{first' }", "never closed");
	refused_at_load("return { email = '{mail | default: \"}' }", "A quote in it is closed, too");
	refused_at_load("return { email = '{mail}', outcome = { column = 'x', won = 'y', event = 'z', at = '{id' } }", "never closed");
	refused_at_load("return { email = '{mail}', decimal = ';' }", "decimal must be one of \".\", \",\".");
	refused_at_bind("return { email = '{mail}', fields = { firstname = 'first' } }", "Did you mean \"first_name\"?");
	refused_at_bind("return { email = '{mail}', fields = { first_name = 'frist' } }", "Did you mean \"first\"?");
	refused_at_bind("return { email = '{mail}', fields = { email = 'mail' } }", "names the lead");
	refused_at_bind("return { email = '{mail}', outcome = { column = 'sold', won = 'yes', event = 'x.y' } }", "no column \"sold\"");
}
END_TEST

/* The data that a row becomes, static; the map lives until the next one. */
static const char *data_of(const char *text, struct str *cells, struct import_row *out)
{
	static char data[1500];
	struct csv_row row = row_of(cells, 4);
	static struct import_map *map;
	import_map_free(map);
	map = bound(text);
	arena = arena_new();
	if (import_map_row(map, &row, arena, out, &error))
		snprintf(data, sizeof data, "%s: %s", error.where, error.message);
	else
		snprintf(data, sizeof data, "%.*s", STR_ARG(out->data));
	return data;
}

static void becomes(const char *pattern, const char *cell, const char *value)
{
	char map[400], expected[200];
	struct import_row out;
	struct str cells[] = {STR("17"), STR("a@example.com"), str_of(cell), STR("Smith")};
	snprintf(map, sizeof map, "return { email = '{mail}', fields = { last_name = [[%s]] } }", pattern);
	snprintf(expected, sizeof expected, *value ? "{\"set\":{\"last_name\":\"%s\"}}" : "{\"set\":{%s}}", value);
	ck_assert_str_eq(data_of(map, cells, &out), expected);
	arena_free(arena);
}

START_TEST(a_column_goes_through_filters)
{
	becomes("{first | split: ' ' | first}", "Ann Maria  Smith", "Ann");
	becomes("{first | split: ' ' | last}", " Ann Maria  Smith ", "Smith");
	becomes("{first | split: ' ' | pop}", "Ann Maria  Smith", "Ann Maria");
	becomes("{first | split: ' ' | shift}", "Ann Maria Smith", "Maria Smith");
	becomes("{first | split: ' ' | shift}", "Ann", "");
	becomes("{first | split: ' ' | last}", "Ann", "Ann");
	becomes("{first | split: ',' | last | strip} {first | split: ',' | first}", "Smith, Ann", "Ann Smith");
	becomes("{first | split: '/' | join: ' and '}", "Ann/Bob", "Ann and Bob");
	becomes("{first | upcase}", "stra\xC3\x9F" "e \xC3\xA9", "STRASSE \xC3\x89");
	becomes("{first | downcase | capitalize}", "ANN", "Ann");
	becomes("{first | replace: '}', \"'\" | remove: '|'}", "O}Br|ien", "O'Brien");
	becomes("{first | prepend: 'Dr ' | append: '!'}", "Ann", "Dr Ann!");
	becomes("{first | append: '!'}", "", "");
	becomes("{first | default: 'there'}", "", "there");
	becomes("{first}-{bought}", "", "");
	refused_at_bind("return { email = '{mail}', fields = { last_name = '{first | upcas}' } }", "Did you mean \"upcase\"?");
	refused_at_bind("return { email = '{mail}', fields = { last_name = '{first | split}' } }", "takes 1 texts, not 0");
	refused_at_bind("return { email = '{mail}', fields = { last_name = '{first | split: x}' } }", "texts in quotes");
	refused_at_bind("return { email = '{mail | frist}' }", "Did you mean \"first\"?");
}
END_TEST

START_TEST(a_field_has_its_policy_and_its_default)
{
	struct import_row out;
	struct str cells[] = {STR("17"), STR("a@example.com"), STR("Ann"), STR("")};
	ck_assert_str_eq(data_of("return { email = '{mail}', policy = 'fill', fields = { first_name = 'first', last_name = { from = 'first', policy = 'keep' },"
				 " title = { from = 'bought', default = 'Dr', policy = 'replace' }, city = 'bought' } }", cells, &out),
			 "{\"set\":{\"title\":\"Dr\"},\"fill\":{\"first_name\":\"Ann\"},\"new\":{\"last_name\":\"Ann\"}}");
	arena_free(arena);
	refused_at_load("return { email = '{mail}', fields = { first_name = { from = 'first', policy = 'always' } } }", "must be one of \"replace\", \"fill\", \"keep\"");
	refused_at_load("return { email = '{mail}', fields = { first_name = { form = 'first' } } }", "Did you mean \"from\"?");
	refused_at_load("return { email = '{mail}', dates = 'dmy' }", "must be one of");
	refused_at_load("return { email = '{mail}', encoding = 'latin1' }", "must be one of");
}
END_TEST

START_TEST(a_permission_is_read_from_its_column_or_the_row_is_refused)
{
	static const char map[] = "return { email = '{mail}', consent = { email = { column = 'bought', granted = 'yes', withdrawn = 'no', wording = 'News?' } }, empty = { '?' } }";
	struct import_row out;
	struct str yes[] = {STR("17"), STR("a@example.com"), STR("Ann"), STR("YES")}, no[] = {STR("17"), STR("a@example.com"), STR("Ann"), STR("no")},
		   unknown[] = {STR("17"), STR("a@example.com"), STR("Ann"), STR("?")}, other[] = {STR("17"), STR("a@example.com"), STR("Ann"), STR("maybe")};
	data_of(map, yes, &out);
	ck_assert_uint_eq(out.consent_count, 1);
	ck_assert(out.consents[0].granted && str_is(out.consents[0].purpose, "marketing") && str_is(out.consents[0].wording, "News?"));
	arena_free(arena);
	data_of(map, no, &out);
	ck_assert(out.consent_count == 1 && !out.consents[0].granted);
	arena_free(arena);
	data_of(map, unknown, &out);
	ck_assert_uint_eq(out.consent_count, 0);
	arena_free(arena);
	ck_assert_ptr_nonnull(strstr(data_of(map, other, &out), "says neither"));
	arena_free(arena);
	refused_at_load("return { email = '{mail}', consent = { email = { column = 'bought' } } }", "says neither what granted nor what withdrawn");
}
END_TEST

static const char *date(enum date_order order, const char *text)
{
	static char out[200];
	struct str day;
	struct error why = {0};
	arena = arena_new();
	int result = date_read(order, str_of(text), arena, &day, &why);
	snprintf(out, sizeof out, "%.*s", STR_ARG(result ? str_of(why.message) : day));
	arena_free(arena);
	return out;
}

START_TEST(a_date_that_could_be_two_is_refused)
{
	ck_assert_str_eq(date(DATE_TOLD, "2026-11-22"), "2026-11-22");
	ck_assert_str_eq(date(DATE_TOLD, "2026-11-22T10:00:00Z"), "2026-11-22T10:00:00Z");
	ck_assert_str_eq(date(DATE_TOLD, "2026-11-22 10:00"), "2026-11-22T10:00:00Z");
	ck_assert_str_eq(date(DATE_TOLD, "2026/3/4"), "2026-03-04");
	ck_assert_str_eq(date(DATE_TOLD, "22.11.2026"), "2026-11-22");
	ck_assert_str_eq(date(DATE_TOLD, "11/22/2026"), "2026-11-22");
	ck_assert_str_eq(date(DATE_TOLD, "5/5/2026"), "2026-05-05");
	ck_assert_ptr_nonnull(strstr(date(DATE_TOLD, "3/4/2026"), "could be two dates"));
	ck_assert_str_eq(date(DATE_DAY_FIRST, "3/4/2026"), "2026-04-03");
	ck_assert_str_eq(date(DATE_MONTH_FIRST, "3/4/2026 7:05:09"), "2026-03-04T07:05:09Z");
	ck_assert_str_eq(date(DATE_DAY_FIRST, "22/11/2026 3:04 PM"), "2026-11-22T15:04:00Z");
	ck_assert_str_eq(date(DATE_MONTH_FIRST, "11/22/2026 12:04:05 am"), "2026-11-22T00:04:05Z");
	ck_assert_str_eq(date(DATE_MONTH_FIRST, "11/22/2026 12:30pm"), "2026-11-22T12:30:00Z");
	ck_assert_ptr_nonnull(strstr(date(DATE_MONTH_FIRST, "11/22/2026 13:30 PM"), "is no date"));
	ck_assert_ptr_nonnull(strstr(date(DATE_MONTH_FIRST, "11/22/2026 PM"), "is no date"));
	ck_assert_ptr_nonnull(strstr(date(DATE_DAY_FIRST, "31.2.2026"), "is no date"));
	ck_assert_ptr_nonnull(strstr(date(DATE_MONTH_FIRST, "22/11/2026"), "is no date"));
	ck_assert_ptr_nonnull(strstr(date(DATE_DAY_FIRST, "3/4/26"), "no year of four digits"));
	ck_assert_ptr_nonnull(strstr(date(DATE_TOLD, "soon"), "is no date"));
	ck_assert_ptr_nonnull(strstr(date(DATE_TOLD, "3/4-2026"), "is no date"));
}
END_TEST

static const char *number(char decimal, const char *text)
{
	static char out[300];
	struct str read;
	struct error why = {0};
	arena = arena_new();
	int result = number_read(decimal, str_of(text), arena, &read, &why);
	snprintf(out, sizeof out, "%.*s", STR_ARG(result ? str_of(why.message) : read));
	arena_free(arena);
	return out;
}

START_TEST(a_number_with_a_comma_is_read_as_the_map_says)
{
	static const struct { const char *text, *is; } comma[] = {{"12,5", "12.5"}, {"-1.234.567,25", "-1234567.25"}, {"1 234,5", "1234.5"}, {"1\xC2\xA0" "234", "1234"},
								  {"1\xE2\x80\xAF" "234,0", "1234.0"}, {"7", "7"}, {" ,5", "0.5"}, {"+1.234", "1234"}},
		point[] = {{"12.5", "12.5"}, {"1,234.5", "1234.5"}, {"1'234", "1234"}, {"1234567", "1234567"}};
	static const char *const no_comma[] = {"12.5", "1.23", "1234.567", ".123", "1,", ",", "-", "1,2,3", "1.234,5.6", "12,5 kg", "1..234", "."};
	for (size_t i = 0; i < sizeof comma / sizeof *comma; i++)
		ck_assert_str_eq(number(',', comma[i].text), comma[i].is);
	for (size_t i = 0; i < sizeof point / sizeof *point; i++)
		ck_assert_str_eq(number('.', point[i].text), point[i].is);
	for (size_t i = 0; i < sizeof no_comma / sizeof *no_comma; i++)
		ck_assert_msg(strstr(number(',', no_comma[i]), "(decimal = \",\")") != NULL, "%s", no_comma[i]);
	ck_assert_ptr_nonnull(strstr(number('.', "12,5"), "(decimal = \".\")"));
	ck_assert_str_eq(number('\0', "93.994"), "93.994");
	ck_assert_str_eq(number('\0', "many, or so"), "many, or so"); /* refused by who reads it */
	ck_assert_ptr_nonnull(strstr(number('\0', "12,5"), "decimal = \",\""));
	ck_assert_ptr_nonnull(strstr(number('\0', "-1,234"), "decimal = \".\""));
}
END_TEST

START_TEST(a_number_names_who_has_neither_address_nor_id)
{
	struct import_row out;
	struct str cells[] = {STR(""), STR(""), STR("+49 (0)30 / 123-456"), STR("yes")};
	struct csv_row row = row_of(cells, 4);
	arena = arena_new();
	struct import_map *map = bound("return { email = '{mail}', external_id = '{id}', phone = '{first}', fields = { title = 'bought' } }");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert(str_is(out.phone, "+4930123456") && !out.email.n && !out.external_id.n);
	ck_assert(str_is(out.data, "{\"set\":{\"title\":\"yes\"}}"));
	cells[1] = STR("ann@example.com"); /* then it is a field */
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), 0);
	ck_assert(!out.phone.n && str_is(out.email, "ann@example.com"));
	ck_assert_ptr_nonnull(strstr(out.data.p, "\"phone\":\"+49 (0)30 / 123-456\""));
	cells[1] = STR(""), cells[2] = STR("030 123456");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), -1);
	ck_assert_str_eq(error.where, "phone");
	ck_assert_ptr_nonnull(strstr(error.message, "needs its country code"));
	cells[2] = STR("");
	ck_assert_int_eq(import_map_row(map, &row, arena, &out, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "nothing in this row says who it is"));
	import_map_free(map);
	refused_at_load("return { phone = '{first}', fields = { phone = 'bought' } }", "stands in the map itself already");
	arena_free(arena);
}
END_TEST

static void stands_at(const char *text, bool at_load, const char *place)
{
	char where[300];
	header = row_of(header_cells, 4);
	struct import_map *map = load(text);
	ck_assert_msg(at_load == !map, "%s", text);
	if (map)
		ck_assert_int_eq(import_map_bind(map, &header, &model_standard_schema, "", &error), -1);
	snprintf(where, sizeof where, "%s:%s", path, place);
	ck_assert_str_eq(error.where, where);
	import_map_free(map);
}

START_TEST(what_is_wrong_in_a_map_is_told_with_its_line)
{
	stands_at("-- a map = { of ours }\nreturn {\n  email = '{mail}',\n  emial = 1,\n}", true, "4: emial");
	stands_at("return {\n email = '{mail}',\n fields = {\n  first_name = 'first', --[[ fields\n = ]]\n  [\"title\"] = { form = 'x' } } }", true, "6: fields.title.form");
	stands_at("return { email = '{mail}', fields = {\n first_name = { from = 'first' },\n title = { policy = 'fill' } } }", true, "3: fields.title.from");
	stands_at("return { email = [[{mail}]],\n\nfields = { first_name = { from = 'first', default = 'a = {' },\n title = 'nobody' } }", false, "4: fields.title");
	stands_at("return { email = '{mail}', fields = {\n first_name = '{first',\n title = 'id' } }", true, "2: fields.first_name");
	stands_at("return { email = '{mail}', fields = {\n title = {\n from = 'No. {id | default: \"}\"' } } }", true, "3: fields.title.from");
	stands_at("return {\n email = '{post}' }", false, "2: email");
	stands_at("return { email = '{mail}',\n fields = { first_name =\n 'first',\n domain = 'id' } }", false, "4: fields.domain");
	ck_assert_ptr_nonnull(strstr(error.message, "PATCH /v1/accounts/{id}"));
	stands_at("return { email = '{mail}',\n consent = { email = {\n column = 'news', granted = 'yes' } } }", false, "3: consent.email.column");
	stands_at("return { email = '{mail}',\n outcome = {\n column = 'bougth', won = 'yes', event = 'opportunity.won' } }", false, "3: outcome.column");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_number_names_who_has_neither_address_nor_id),
	UNIT(what_is_wrong_in_a_map_is_told_with_its_line),
	UNIT(a_column_goes_through_filters),
	UNIT(a_field_has_its_policy_and_its_default),
	UNIT(a_permission_is_read_from_its_column_or_the_row_is_refused),
	UNIT(a_date_that_could_be_two_is_refused),
	UNIT(a_number_with_a_comma_is_read_as_the_map_says),
	UNIT(a_row_becomes_identity_fields_and_outcome),
	UNIT(a_row_says_when_it_was_true_and_what_became_of_it),
	UNIT(a_column_is_found_by_its_name_and_others_may_be_as_they_are),
	UNIT(what_is_not_known_is_left_out),
	UNIT(a_row_without_identity_or_with_other_columns_is_refused),
	UNIT(a_map_that_is_wrong_is_refused_before_the_first_row),
};
UNIT_MAIN("jobs/map", cases)
