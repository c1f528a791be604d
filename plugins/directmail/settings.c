/* See settings.h. */
#include "settings.h"

#include "days.h"
#include "letter_view.h"
#include "paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucnv.h>

static const int64_t MINUTE = 60000000;

static int refuse(struct nurture_problem *problem, const char *where, const char *message)
{
	snprintf(problem->where, sizeof problem->where, "%s", where);
	snprintf(problem->message, sizeof problem->message, "%s", message);
	return -1;
}

/* ---- one reader for each setting: false = it is wrong ---- */

struct reading {
	struct settings *out;
	const char *data_dir;
	const char *why; /* what is wrong, where the row's own words say too little; NULL = they do */
};

static char *copy_text(const json_t *value, size_t most)
{
	const char *text = json_string_value(value);
	return text && *text && strlen(text) <= most ? strdup(text) : NULL;
}

static bool whole(const json_t *value, int64_t least, int64_t most, int64_t *out)
{
	*out = json_integer_value(value);
	return json_is_integer(value) && *out >= least && *out <= most;
}

static bool read_spool(struct reading *r, const json_t *value)
{
	char path[600];
	const char *name = json_string_value(value);
	if (!name || !*name || strlen(name) > 200 || strstr(name, ".."))
		return false;
	snprintf(path, sizeof path, "%s%s%s", *name == '/' ? "" : r->data_dir, *name == '/' ? "" : "/", name);
	free(r->out->spool);
	return (r->out->spool = strdup(path)) != NULL;
}

static bool read_zone(struct reading *r, const json_t *value)
{
	char *zone = copy_text(value, 60);
	if (!zone)
		return false;
	free(r->out->zone);
	r->out->zone = zone;
	return days_is_zone(zone);
}

static bool read_day(struct reading *r, const json_t *value)
{
	r->out->weekday = json_is_string(value) ? days_weekday(json_string_value(value)) : -1;
	return r->out->weekday >= 0;
}

static bool read_at(struct reading *r, const json_t *value)
{
	const char *text = json_string_value(value);
	char *colon = NULL, *end = NULL;
	long hour = text && *text >= '0' && *text <= '9' ? strtol(text, &colon, 10) : -1;
	long minute = colon && *colon == ':' && colon[1] >= '0' && colon[1] <= '9' ? strtol(colon + 1, &end, 10) : -1;
	bool good = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && end == colon + 3 && !*end;
	if (good)
		r->out->minute = (int)(hour * 60 + minute);
	return good;
}

static bool read_gather(struct reading *r, const json_t *value)
{
	int64_t minutes;
	bool good = whole(value, 0, 1440, &minutes);
	r->out->gather_us = minutes * MINUTE;
	return good;
}

static bool read_count(struct reading *r, const json_t *value)
{
	return whole(value, 1, 10000000, &r->out->count);
}

static bool read_cut(struct reading *r, const json_t *value)
{
	r->out->by_hand = json_is_string(value) && strcmp(json_string_value(value), "by hand") == 0;
	return r->out->by_hand;
}

static bool read_approval(struct reading *r, const json_t *value)
{
	r->out->approval = json_is_true(value);
	return json_is_boolean(value);
}

static bool read_keep(struct reading *r, const json_t *value)
{
	int64_t days;
	bool good = whole(value, 1, 3650, &days);
	r->out->keep_days = (int)days;
	return good;
}

static bool read_letters(struct reading *r, const json_t *value)
{
	static const char *const words[] = {"none", "one", "each"};
	for (int i = 0; i < 3; i++)
		if (json_is_string(value) && strcmp(json_string_value(value), words[i]) == 0) {
			r->out->letters = (enum letters_as)i;
			return true;
		}
	return false;
}

static bool read_charset(struct reading *r, const json_t *value)
{
	UErrorCode status = U_ZERO_ERROR;
	char *name = copy_text(value, 40);
	if (!name)
		return false;
	free(r->out->charset);
	r->out->charset = name;
	UConverter *converter = ucnv_open(name, &status);
	ucnv_close(converter);
	return !U_FAILURE(status);
}

static bool read_separator(struct reading *r, const json_t *value)
{
	const char *text = json_string_value(value);
	bool good = text && *text && !text[1] && strchr(",;\t|", *text);
	if (good)
		r->out->separator = *text;
	return good;
}

static bool read_head(struct reading *r, const json_t *value)
{
	r->out->head = json_is_true(value);
	return json_is_boolean(value);
}

/* "Name=name": head and source; "name": both. */
static bool read_column(struct settings *out, const char *text)
{
	const char *equals = text ? strrchr(text, '=') : NULL, *source = equals ? equals + 1 : text;
	if (!text || strlen(text) > 200 || equals == text || !letter_view_knows(source))
		return false;
	int line = letter_view_line(source);
	out->lines = line > out->lines ? line : out->lines;
	json_array_append_new(out->columns, json_pack("[s%, s]", text, equals ? (size_t)(equals - text) : strlen(text), source));
	return true;
}

static bool read_columns(struct reading *r, const json_t *value)
{
	size_t i;
	json_t *column;
	bool good = json_is_array(value) && json_array_size(value) > 0 && json_array_size(value) <= COLUMNS_MOST;
	json_decref(r->out->columns);
	r->out->columns = json_array();
	r->out->lines = 0;
	json_array_foreach ((json_t *)(uintptr_t)value, i, column)
		good = good && read_column(r->out, json_string_value(column));
	return good;
}

static bool keep_object(json_t **out, const json_t *value)
{
	json_decref(*out);
	*out = json_deep_copy(value);
	return json_is_object(value);
}

/* The parts of an address, as letters have them. */
static bool is_address(const json_t *value)
{
	static const char *const parts[] = {"name", "organisation", "street", "street2", "city", "region", "postal_code", "country", NULL};
	const char *key;
	json_t *part;
	bool good = json_is_object(value) && json_is_string(json_object_get(value, "street")) && json_is_string(json_object_get(value, "city"));
	json_object_foreach ((json_t *)(uintptr_t)value, key, part) {
		bool known = false;
		for (size_t i = 0; parts[i]; i++)
			known |= strcmp(parts[i], key) == 0;
		good = good && known && json_is_string(part) && json_string_length(part) <= 200;
	}
	return good;
}

static bool read_sender(struct reading *r, const json_t *value)
{
	return keep_object(&r->out->sender, value) && is_address(value);
}

static bool read_layout(struct reading *r, const json_t *value)
{
	const char *logo = json_string_value(json_object_get(value, "logo"));
	if (!paper_knows(value) || !keep_object(&r->out->layout, value))
		return false;
	if (logo && *logo != '/')
		json_object_set_new(r->out->layout, "logo", json_sprintf("%s/%s", r->data_dir, logo));
	return true;
}

static bool read_seeds(struct reading *r, const json_t *value)
{
	size_t i;
	json_t *seed;
	bool good = json_is_array(value) && json_array_size(value) <= SEEDS_MOST;
	json_array_foreach ((json_t *)(uintptr_t)value, i, seed)
		good = good && is_address(seed);
	json_decref(r->out->seeds);
	r->out->seeds = json_deep_copy(value);
	return good;
}

static bool cost(const json_t *value, double *out)
{
	*out = value ? json_number_value(value) : 0;
	return !value || (json_is_number(value) && *out >= 0 && *out <= 1e6);
}

static bool is_country(const char *text)
{
	return strlen(text) == 2 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 2;
}

static bool read_piece(struct reading *r, const json_t *piece)
{
	double number;
	const char *country;
	json_t *value;
	json_decref(r->out->cost_piece);
	r->out->cost_piece = json_is_object(piece) ? json_deep_copy(piece) : json_pack("{s:f}", "otherwise", json_number_value(piece));
	bool good = !piece || json_is_number(piece) || json_is_object(piece);
	json_object_foreach (r->out->cost_piece, country, value)
		good = good && cost(value, &number) && (strcmp(country, "otherwise") == 0 || is_country(country));
	return good;
}

static bool read_costs(struct reading *r, const json_t *value)
{
	static const char *const known[] = {"job", "piece", "page", "currency"};
	const char *key, *currency = json_string_value(json_object_get(value, "currency"));
	json_t *one;
	size_t found = 0;
	json_object_foreach ((json_t *)(uintptr_t)value, key, one)
		for (size_t i = 0; i < 4; i++)
			found += strcmp(key, known[i]) == 0;
	free(r->out->currency);
	r->out->currency = strdup(currency ? currency : "");
	return json_is_object(value) && found == json_object_size(value) && currency && strlen(currency) == 3 && strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3 &&
	       cost(json_object_get(value, "job"), &r->out->cost_job) && cost(json_object_get(value, "page"), &r->out->cost_page) &&
	       read_piece(r, json_object_get(value, "piece"));
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* A preference list that somebody keeps and that can be loaded: ours only grow, and are never old. */
static bool is_kept_list(const char *name)
{
	size_t n = name ? strlen(name) : 0;
	return n > 0 && n <= 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n && strcmp(name, "internal") != 0 && strcmp(name, "deceased") != 0 && strcmp(name, "returned") != 0;
}

static bool read_required(struct reading *r, const json_t *value)
{
	const char *country;
	json_t *one;
	bool good = json_is_object(value);
	json_decref(r->out->required);
	r->out->required = json_array();
	json_object_foreach ((json_t *)(uintptr_t)value, country, one) {
		const char *list = json_string_value(json_object_get(one, "list"));
		int64_t days = 0;
		good = good && is_country(country) && json_object_size(one) == 2 && is_kept_list(list) && whole(json_object_get(one, "days"), 1, 3650, &days);
		if (good)
			json_array_append_new(r->out->required, json_pack("{s:s, s:s, s:I}", "country", country, "list", list, "days", (json_int_t)days));
	}
	return good;
}

/* What would be taken for something else than it says. NULL = nothing. */
static const char *wrong_url(const char *url)
{
	const char *host = url ? strstr(url, "://") : NULL;
	size_t n = host ? strcspn(host + 3, "/") : 0;
	if (host && memchr(host + 3, '@', n))
		return "has a user or a password in its url: they are settings of their own, user = … and password = … (or key, or token).";
	if (url && strpbrk(url, "%?# \\\t\r\n"))
		return "has a url with a %, ?, #, backslash or blank: write the folder's path as it is, without signs that mean something else in a url.";
	return NULL;
}

/* Whoever gets the addresses of so many people must prove who it is. */
static bool read_upload(struct reading *r, const json_t *value)
{
	static const char *const known[] = {"url", "user", "password", "key", "key_password", "known_hosts", "host_key", "token", "ca"};
	const char *key, *url = json_string_value(json_object_get(value, "url"));
	json_t *one;
	bool good = keep_object(&r->out->upload, value) && url && strlen(url) < 500;
	if ((r->why = wrong_url(url)))
		return false;
	json_object_foreach ((json_t *)(uintptr_t)value, key, one) {
		bool is = false;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			is |= strcmp(known[i], key) == 0;
		good = good && is && json_is_string(one) && json_string_length(one) < 2000;
	}
	bool sftp = good && starts(url, "sftp://") && strchr(url + 7, '/') && !strpbrk(url, "~\"");
	return good && (starts(url, "https://") || (sftp && (json_object_get(value, "known_hosts") || json_object_get(value, "host_key"))));
}

static const struct row {
	const char *name;
	bool (*read)(struct reading *r, const json_t *value);
	const char *wrong;
} rows[] = {
	{"spool", read_spool, "is the folder of jobs: a name under data_dir, or a whole path."},
	{"zone", read_zone, "is the time zone of the channel's days and hours: \"Europe/Berlin\"."},
	{"day", read_day, "is the weekday on which letters are cut whose step names none: \"Thursday\"."},
	{"at", read_at, "is when jobs of a day are cut: \"12:00\"."},
	{"gather_minutes", read_gather, "is how long a letter waits for others before it is cut: minutes, 0 to 1440."},
	{"count", read_count, "cuts a job as soon as so many letters wait: a whole number."},
	{"cut", read_cut, "can only be \"by hand\": then nothing is cut but by nurture mail cut."},
	{"approval", read_approval, "is true or false: whether a job waits for nurture mail release."},
	{"keep_days", read_keep, "is how long a job's folder is kept after it was sent: days, 1 to 3650."},
	{"letters", read_letters, "says which PDF a job has: \"one\" of all letters, \"each\" its own, or \"none\"."},
	{"charset", read_charset, "is the data file's: \"UTF-8\", \"ISO-8859-15\", \"windows-1252\", \"UTF-16LE\" …"},
	{"separator", read_separator, "is what stands between columns: \",\" \";\" \"|\" or a tab."},
	{"head", read_head, "is true or false: whether the data file begins with the columns' names."},
	{"columns", read_columns, "names the columns of the data file, in their order: { \"code\", \"Name=name\", \"ZIP=postal_code\" }. There are number, touch, lead, code, url, campaign, step, "
		    "template, job, drop, sample, name, organisation, title, street, street2, city, region, postal_code, country, line1 to line10, subject, salutation, closing, sender, signature, "
		    "reference, date, language, enclosure, text, text1 to text5."},
	{"layout", read_layout, "says how letters look: { paper = \"a4\" or \"letter\", window = \"din5008-a\", \"din5008-b\" or \"us10\", font = \"Noto Sans\", size = 8 to 14, bleed = mm, 0 to 10, "
		   "fold_marks = true, logo = \"FILE.png\", code = true }."},
	{"sender", read_sender, "is the sender's address in parts: { name = …, street = …, postal_code = …, city = …, country = \"DE\" }."},
	{"seeds", read_seeds, "are addresses of ours that every job goes to, in parts: { { name = …, street = …, city = … } }, at most 50."},
	{"costs", read_costs, "are { job = 120, piece = 0.85, page = 0.04, currency = \"EUR\" }; piece by country: { DE = 0.85, otherwise = 1.25 }."},
	{"upload", read_upload, "says where jobs go: { url = \"sftp://HOST/WHOLE/PATH/\", user = …, key = FILE, known_hosts = FILE }, or { url = \"https://…/\", token = … }. With password, "
				"key_password, host_key (base64 of the key's SHA-256), ca."},
	{"required", read_required, "says without which preference lists no letter goes to a country, and how old they may be: { DE = { list = \"robinson\", days = 90 } }. They are loaded by "
				    "nurture mail list NAME; internal, deceased and returned are none of them."},
};

static int refuse_unknown(const json_t *object, struct nurture_problem *problem)
{
	const char *key;
	json_t *value;
	char all[400] = "";
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "there is no such setting. There are ", rows[i].name);
	json_object_foreach ((json_t *)(uintptr_t)object, key, value) {
		bool known = false;
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
			known |= strcmp(rows[i].name, key) == 0;
		if (!known)
			return refuse(problem, key, all);
	}
	return 0;
}

static void set_defaults(struct settings *out, const char *data_dir)
{
	static const char *const columns[] = {"number", "code", "name", "organisation", "street", "street2", "postal_code", "city", "region", "country", "line1", "line2", "line3", "line4",
					      "line5", "line6", "line7", "line8", "subject", "url"};
	char path[600];
	snprintf(path, sizeof path, "%s/letters", data_dir ? data_dir : ".");
	*out = (struct settings){.spool = strdup(path), .zone = strdup("UTC"), .weekday = -1, .minute = 12 * 60, .gather_us = 10 * MINUTE, .letters = LETTERS_ONE, .keep_days = 90,
				 .charset = strdup("UTF-8"), .separator = ',', .head = true, .columns = json_array(), .currency = strdup(""), .cost_piece = json_object(),
				 .layout = json_object(), .sender = json_object(), .seeds = json_array(), .required = json_array()};
	for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
		(void)read_column(out, columns[i]);
}

int settings_read(struct settings *out, const json_t *object, const char *data_dir, struct nurture_problem *problem)
{
	struct reading reading = {out, data_dir ? data_dir : ".", NULL};
	set_defaults(out, data_dir);
	if (refuse_unknown(object, problem))
		return -1;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json_t *value = json_object_get(object, rows[i].name);
		if (value && !rows[i].read(&reading, value))
			return refuse(problem, rows[i].name, reading.why ? reading.why : rows[i].wrong);
	}
	return 0;
}

void settings_fini(struct settings *settings)
{
	free(settings->spool);
	free(settings->zone);
	free(settings->charset);
	free(settings->currency);
	json_decref(settings->columns);
	json_decref(settings->layout);
	json_decref(settings->sender);
	json_decref(settings->seeds);
	json_decref(settings->cost_piece);
	json_decref(settings->upload);
	json_decref(settings->required);
}

double settings_cost(const struct settings *settings, const char *country, int pages)
{
	const json_t *piece = json_object_get(settings->cost_piece, country);
	if (!piece)
		piece = json_object_get(settings->cost_piece, "otherwise");
	return json_number_value(piece) + settings->cost_page * pages;
}
