/* Folders of jobs: what a data file looks like, the same bytes for the same letters, and that a folder which was changed is found. Days and settings of the channel. */
#include "unit/check_main.h"

#include "days.h"
#include "folder.h"
#include "letter_view.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Fontconfig keeps its configuration until the process ends, and names parts of it by their distance, not by pointers: LeakSanitizer takes them for lost. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\n";
}

static char spool[] = "/tmp/nurture-folder-XXXXXX";

static struct settings settings_of(const char *json)
{
	struct settings settings;
	struct nurture_problem problem = {.size = sizeof problem};
	json_t *object = json_loads(json, 0, NULL);
	ck_assert_ptr_nonnull(object);
	ck_assert_msg(settings_read(&settings, object, "/tmp", &problem) == 0, "%s %s", problem.where, problem.message);
	free(settings.spool);
	settings.spool = strdup(spool);
	json_decref(object);
	return settings;
}

/* A job of these names; the hash of its sums. */
static void make(const struct settings *settings, const char *name, const char *const *names, char sums[OUT_HASH_TEXT])
{
	struct nurture_problem problem = {.size = sizeof problem};
	const struct folder_of of = {.settings = settings, .name = name, .owner = "me", .made = "2027-03-18T12:00:00Z", .drop_on = "2027-03-18", .made_at = 1};
	struct folder *folder = folder_open(&of, &problem);
	ck_assert_msg(folder != NULL, "%s %s", problem.where, problem.message);
	for (int i = 0; names[i]; i++) {
		int pages;
		json_t *content = json_pack("{s:s, s:s, s:s, s:s, s:s}", "to.name", names[i], "to.street", "1 Road\nFloor 2", "to.city", "Berlin", "to.postal_code", "10115", "subject", "Hello");
		const struct folder_letter letter = {.number = i + 1, .touch_id = 64, .lead_id = 64, .code = "K7M2-QX9P-4TNB-8FJD", .url = "https://x/r/K7M2", .campaign = "c", .step = "s",
						     .template = "t", .content = content};
		ck_assert_int_eq(folder_add(folder, &letter, &pages, &problem), 0);
		json_decref(content);
	}
	json_t *manifest = json_pack("{s:s}", "job", name);
	ck_assert_int_eq(folder_finish(folder, manifest, sums, &problem), 0);
	ck_assert_msg(folder_place(&of, sums, &problem) == 0, "%s %s", problem.where, problem.message);
	json_decref(manifest);
	folder_free(folder);
}

static char *slurp(const char *job, const char *file)
{
	char path[300];
	static char text[65536];
	snprintf(path, sizeof path, "%s/%s/%s", spool, job, file);
	FILE *from = fopen(path, "r");
	ck_assert_ptr_nonnull(from);
	text[fread(text, 1, sizeof text - 1, from)] = 0;
	fclose(from);
	return text;
}

static void put(const char *job, const char *file, const char *text)
{
	char path[300];
	snprintf(path, sizeof path, "%s/%s/%s", spool, job, file);
	FILE *to = fopen(path, "w");
	ck_assert_ptr_nonnull(to);
	fputs(text, to);
	fclose(to);
}

static void clear(const char *job)
{
	struct nurture_problem problem = {.size = sizeof problem};
	ck_assert_int_eq(folder_remove(spool, job, &problem), 0);
	ck_assert(!folder_is_there(spool, job));
}

static void begin(void)
{
	strcpy(spool + strlen("/tmp/nurture-folder-"), "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(spool));
}

START_TEST(cells_are_as_rfc_4180_wants_them_and_no_formula)
{
	static const struct { const char *name, *cell; } rows[] = {
		{"Anna Doe", "Anna Doe"}, {"Doe, Anna", "\"Doe, Anna\""}, {"Anna \"A\" Doe", "\"Anna \"\"A\"\" Doe\""}, {"=HYPERLINK(1)", "'=HYPERLINK(1)"}, {"+49 30 123", "+49 30 123"},
		{"+cmd|x", "'+cmd|x"}, {"-1+1", "'-1+1"}, {"@x", "'@x"}, {"'=x", "''=x"}, {"'n Abend", "'n Abend"}, {"a\nb", "\"a\nb\""}, {"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"}};
	begin();
	struct settings settings = settings_of("{\"letters\": \"none\", \"columns\": [\"name\", \"Street=street\", \"street2\", \"number\"]}");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char sums[OUT_HASH_TEXT], wanted[300];
		make(&settings, "j", (const char *const[]){rows[i].name, NULL}, sums);
		snprintf(wanted, sizeof wanted, "name,Street,street2,number\r\n%s,1 Road,Floor 2,1\r\n", rows[i].cell);
		ck_assert_str_eq(slurp("j", "data.csv"), wanted);
		clear("j");
	}
	settings_fini(&settings);
	rmdir(spool);
}
END_TEST

START_TEST(a_charset_that_lacks_a_character_says_so_by_the_letters_number)
{
	char sums[OUT_HASH_TEXT];
	begin();
	struct settings settings = settings_of("{\"letters\": \"none\", \"charset\": \"ISO-8859-1\", \"separator\": \";\", \"head\": false, \"columns\": [\"name\", \"number\"]}");
	make(&settings, "j", (const char *const[]){"J\xc3\xb6rg", "\xe6\x9d\xb1", NULL}, sums);
	ck_assert_str_eq(slurp("j", "data.csv"), "J\xf6rg;1\r\n?;2\r\n");
	json_t *manifest = json_loads(slurp("j", "manifest.json"), 0, NULL), *problem = json_array_get(json_object_get(manifest, "problems"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(manifest, "problem_count")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(problem, "number")), 2);
	json_decref(manifest);
	clear("j");
	settings_fini(&settings);
	rmdir(spool);
}
END_TEST

START_TEST(the_same_letters_give_the_same_bytes)
{
	char first[OUT_HASH_TEXT], second[OUT_HASH_TEXT];
	const char *const names[] = {"Anna", "Bert", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", NULL};
	begin();
	struct settings settings = settings_of("{\"sender\": {\"street\": \"1 Road\", \"city\": \"Town\", \"country\": \"DE\"}}");
	make(&settings, "j", names, first);
	clear("j");
	make(&settings, "j", names, second);
	ck_assert_str_eq(first, second);
	clear("j");
	settings_fini(&settings);
	rmdir(spool);
}
END_TEST

START_TEST(a_folder_that_was_changed_is_found)
{
	struct nurture_problem problem = {.size = sizeof problem};
	char sums[OUT_HASH_TEXT], path[300], other[300];
	begin();
	struct settings settings = settings_of("{\"letters\": \"none\"}");
	make(&settings, "j", (const char *const[]){"Anna", NULL}, sums);
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), 0);
	char *data = strdup(slurp("j", "data.csv"));
	put("j", "data.csv", "nothing");
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	ck_assert_str_eq(problem.where, "data.csv");
	put("j", "data.csv", data);
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), 0);
	put("j", "more.csv", "x");
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	ck_assert_str_eq(problem.where, "more.csv");
	put("j", ".DS_Store", "x");
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	ck_assert_str_eq(problem.where, ".DS_Store");
	ck_assert_msg(strstr(problem.message, "and others were not written into it"), "%s", problem.message);
	snprintf(path, sizeof path, "%s/j/.DS_Store", spool);
	unlink(path);
	snprintf(path, sizeof path, "%s/j/more.csv", spool);
	unlink(path);
	put("j", "\x1b[2J\xff", "x");
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	ck_assert_str_eq(problem.where, "\\033[2J\\377");
	snprintf(path, sizeof path, "%s/j/\x1b[2J\xff", spool);
	unlink(path);
	snprintf(path, sizeof path, "%s/j/inner", spool);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	ck_assert_str_eq(problem.where, "inner");
	rmdir(path);
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), 0);
	char *list = strdup(slurp("j", "SHA256SUMS"));
	put("j", "SHA256SUMS", "");
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	put("j", "SHA256SUMS", list);
	snprintf(path, sizeof path, "%s/j/data.csv", spool);
	snprintf(other, sizeof other, "%s/elsewhere", spool);
	ck_assert_int_eq(rename(path, other), 0);
	ck_assert_int_eq(symlink(other, path), 0);
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	unlink(other);
	clear("j");
	ck_assert_int_eq(folder_check(spool, "j", sums, &problem), -1);
	free(data);
	free(list);
	settings_fini(&settings);
	rmdir(spool);
}
END_TEST

START_TEST(what_another_process_wrote_is_put_aside_and_never_mixed)
{
	struct nurture_problem problem = {.size = sizeof problem};
	char first[OUT_HASH_TEXT], second[OUT_HASH_TEXT];
	begin();
	struct settings settings = settings_of("{\"letters\": \"none\"}");
	make(&settings, "j", (const char *const[]){"Anna", NULL}, first);
	make(&settings, "j", (const char *const[]){"Anna", "Bert", NULL}, second);
	ck_assert_int_eq(folder_check(spool, "j", second, &problem), 0);
	ck_assert_int_eq(folder_check(spool, "j.me.aside", first, &problem), 0);
	const struct folder_of of = {.settings = &settings, .name = "j", .owner = "me"};
	ck_assert_int_eq(folder_place(&of, second, &problem), 0); /* told twice */
	ck_assert_int_eq(folder_place(&of, first, &problem), -1);
	clear("j");
	clear("j.me.aside");
	settings_fini(&settings);
	rmdir(spool);
}
END_TEST

START_TEST(days_and_their_minutes_are_the_zones)
{
	char day[DAY_TEXT];
	const int64_t hour = INT64_C(3600000000), thursday = INT64_C(1805328000000000); /* 2027-03-18 00:00 UTC */
	days_of("Pacific/Auckland", thursday + 20 * hour, day);
	ck_assert_str_eq(day, "2027-03-19");
	ck_assert_int_eq(days_minute("Europe/Berlin", thursday + 20 * hour, 720), thursday + 11 * hour);
	ck_assert_int_eq(days_next("UTC", thursday, 4, 720), thursday + 12 * hour);
	ck_assert_int_eq(days_next("UTC", thursday + 13 * hour, 4, 720), thursday + (7 * 24 + 12) * hour);
	/* the clock changes on the 28th */
	ck_assert_int_eq(days_next("Europe/Berlin", thursday, 1, 720), thursday + (4 * 24 + 11) * hour);
	ck_assert_int_eq(days_next("Europe/Berlin", thursday + 10 * 24 * hour, 1, 720), thursday + (11 * 24 + 10) * hour);
	ck_assert(days_is_zone("Europe/Berlin") && !days_is_zone("Europe/Nowhere") && !days_is_zone(""));
}
END_TEST

START_TEST(settings_that_are_wrong_are_named)
{
	static const struct { const char *json, *where; } rows[] = {
		{"{\"spol\": 1}", "spol"}, {"{\"spool\": \"../x\"}", "spool"}, {"{\"zone\": \"Mars\"}", "zone"}, {"{\"day\": \"Thu\"}", "day"}, {"{\"at\": \"25:00\"}", "at"}, {"{\"count\": 0}", "count"},
		{"{\"cut\": \"now\"}", "cut"}, {"{\"letters\": \"two\"}", "letters"}, {"{\"charset\": \"klingon\"}", "charset"}, {"{\"separator\": \"ab\"}", "separator"},
		{"{\"columns\": [\"nam\"]}", "columns"}, {"{\"columns\": [\"=name\"]}", "columns"}, {"{\"sender\": {\"street\": \"x\"}}", "sender"}, {"{\"seeds\": [{\"city\": \"x\"}]}", "seeds"},
		{"{\"costs\": {\"piece\": 1}}", "costs"}, {"{\"costs\": {\"currency\": \"EUR\", \"piece\": {\"Germany\": 1}}}", "costs"}, {"{\"upload\": {\"url\": \"http://x/\"}}", "upload"},
		{"{\"upload\": {\"url\": \"sftp://x/y/\"}}", "upload"}, {"{\"upload\": {\"url\": \"sftp://x/~/y\", \"known_hosts\": \"f\"}}", "upload"}, {"{\"keep_days\": 0}", "keep_days"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct settings settings;
		struct nurture_problem problem = {.size = sizeof problem};
		json_t *object = json_loads(rows[i].json, 0, NULL);
		ck_assert_msg(settings_read(&settings, object, "/tmp", &problem) == -1, "%s", rows[i].json);
		ck_assert_str_eq(problem.where, rows[i].where);
		settings_fini(&settings);
		json_decref(object);
	}
	struct settings settings = settings_of("{\"costs\": {\"currency\": \"EUR\", \"job\": 100, \"page\": 0.5, \"piece\": {\"DE\": 1, \"otherwise\": 2}}}");
	ck_assert_double_eq(settings_cost(&settings, "DE", 2), 2);
	ck_assert_double_eq(settings_cost(&settings, "FR", 0), 2);
	settings_fini(&settings);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(cells_are_as_rfc_4180_wants_them_and_no_formula),
	UNIT(a_charset_that_lacks_a_character_says_so_by_the_letters_number),
	UNIT(the_same_letters_give_the_same_bytes),
	UNIT(a_folder_that_was_changed_is_found),
	UNIT(what_another_process_wrote_is_put_aside_and_never_mixed),
	UNIT(days_and_their_minutes_are_the_zones),
	UNIT(settings_that_are_wrong_are_named),
};
UNIT_MAIN("directmail/folder", cases)
