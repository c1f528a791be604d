/* POST /returns: letters that the post brought back. {"rows": [{"code" | "letter", "reason"}], "reasons": {"10": "moved"}, "reason": "unknown"}: `code` is what is printed on it, `letter` the number of
 * the touch, or JOB/NUMBER, as the data file names it; `reasons` says what the post's own codes mean, `reason` is that of rows that say none.
 *
 * A row may bring the address that the post knows now ("street", "postal_code", "city", "country"): it becomes the lead's, once.
 *
 * Such a letter is undeliverable: its campaign is told (news.c), and no other one goes to that name and address, or to that house where there is none (lists.c). The server suppresses nothing for
 * it: another address of the same lead is another address. Told again, a row changes nothing. */
#include "office.h"
#include "routes.h"

#include "code.h"
#include "country.h"

#include <nurture/requests.h>

#include "lists.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 5000 };

static const struct nurture_statement mark = {sizeof mark, "returns_mark", sql_returns_mark};

/* What a post says, what is listed because of it, and in which words. */
static const struct reason {
	const char *names; /* with blanks around each */
	const char *key, *words;
	bool deceased;
} reasons[] = {
	{" undeliverable ", "person", "undeliverable", false},
	{" unknown ", "person", "the addressee is not known there", false},
	{" moved ", "person", "the addressee has moved", false},
	{" deceased ", "person", "the addressee is deceased", true},
	{" refused ", "person", "it was refused", false},
	{" address insufficient vacant ", "house", "there is no such address", false},
	{" unclaimed ", "", "nobody collected it", false},
};

static const struct reason *reason_of(const char *word)
{
	char name[40];
	snprintf(name, sizeof name, " %.30s ", word);
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (!strchr(word, ' ') && strstr(reasons[i].names, name))
			return &reasons[i];
	return NULL;
}

/* The row's own word, by the table of the post's codes; else that of all. */
static const char *word_of(const json_t *body, const json_t *row)
{
	const char *said = json_string_value(json_object_get(row, "reason"));
	const char *means = said ? json_string_value(json_object_get(json_object_get(body, "reasons"), said)) : json_string_value(json_object_get(body, "reason"));
	return means ? means : said ? said : "undeliverable";
}

/* A whole number without anything else; 0 = it is none. */
static int64_t number_of(const char *text, size_t n)
{
	return n && n <= 18 && strspn(text, "0123456789") >= n ? strtoll(text, NULL, 10) : 0;
}

/* "4711", the touch's number; "7/11" or "letters-2027-03-18-7/11", the job and the record in it. */
static bool read_letter(const char *letter, json_t *out)
{
	const char *slash = strrchr(letter, '/'), *last = slash ? slash + 1 : letter;
	int64_t number = number_of(last, strlen(last)), job = slash ? number_of(letter, (size_t)(slash - letter)) : 0;
	if (!number || slash == letter)
		return false;
	json_object_set_new(out, slash ? "place" : "touch", json_integer(number));
	if (job)
		json_object_set_new(out, "job_id", json_integer(job));
	else if (slash)
		json_object_set_new(out, "job", json_stringn(letter, (size_t)(slash - letter)));
	return true;
}

/* Which letter: NULL, or why nobody can say. */
static const char *name_letter(const json_t *row, json_t *out)
{
	const char *code = json_string_value(json_object_get(row, "code")), *letter = json_string_value(json_object_get(row, "letter"));
	char read[CODE_TEXT];
	if (code && code_read(code, read)) {
		json_object_set_new(out, "code", json_string(read));
		return NULL;
	}
	if (letter && read_letter(letter, out))
		return NULL;
	return code     ? "this is no code: it has 16 letters and digits"
	       : letter ? "letter is JOB/NUMBER, the job and the number of the record in its data file: 7/11 or letters-2027-03-18-7/11; or the touch's number"
			: "it names no letter: code, or letter as the data file has it";
}

/* touch: the letter that is meant; 0 = none is known. A file that comes in parts names one letter in two of them: who sends it knows it by that. */
static void answer_row(json_t *rows, int64_t n, const char *result, const char *why, int64_t touch)
{
	json_t *row = json_pack("{s:I, s:s, s:s*}", "n", (json_int_t)n, "result", result, "why", why);
	if (touch)
		json_object_set_new(row, "touch", json_integer(touch));
	json_array_append_new(rows, row);
}

/* The rows that can be asked for; what cannot is answered already. */
static json_t *read_rows(const struct office *office, const json_t *body, json_t *answers)
{
	static const char *const known[] = {"code", "letter", "reason", "street", "postal_code", "city", "country", NULL};
	json_t *given = json_array(), *row;
	char country[COUNTRY_CODES], unread[COUNTRY_WHY];
	size_t n;
	json_array_foreach (json_object_get(body, "rows"), n, row) {
		const struct reason *reason = reason_of(word_of(body, row));
		json_t *one = reason ? json_pack("{s:I, s:s, s:s, s:b}", "n", (json_int_t)n, "words", reason->words, "key", reason->key, "deceased", reason->deceased) : NULL;
		const char *why = reason ? name_letter(row, one) : "the reason is none: undeliverable, unknown, moved, deceased, refused, address, unclaimed, or a code that reasons explains";
		if (nurture_unknown_key(row, known, unread, sizeof unread) || (!why && !country_read(office, row, country, unread)))
			why = unread;
		if (!why && *country) /* as the lead is to have it */
			json_object_set_new(row, "country", json_string(country));
		if (why)
			answer_row(answers, (int64_t)n, "refused", why, 0);
		else
			json_array_append(given, one);
		json_decref(one);
	}
	return given;
}

/* Whoever is dead is written to, called and mailed no more: also when the file is told again, for the word may have died with a process. */
void returns_deceased(struct asking *asking, int64_t lead_id)
{
	json_t *data = json_pack("{s:s}", "reason", "deceased");
	char key[60];
	snprintf(key, sizeof key, "deceased:%" PRId64, lead_id);
	asking_tell(asking, lead_id, "consent.withdraw", "*", data, key);
	json_decref(data);
}

/* The address that the post has of who moved: the lead's from now on (source: returned letter), once. */
static void tell_moved(struct asking *asking, const json_t *row, int64_t touch_id, int64_t lead_id)
{
	static const char *const parts[][2] = {{"street", "address"}, {"postal_code", "postal_code"}, {"city", "city"}, {"country", "country"}};
	json_t *set = json_object(), *data;
	char key[60];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (json_is_string(json_object_get(row, parts[i][0])))
			json_object_set(set, parts[i][1], json_object_get(row, parts[i][0]));
	if (!json_object_get(set, "address") || !(json_object_get(set, "city") || json_object_get(set, "postal_code"))) {
		json_decref(set);
		return;
	}
	data = json_pack("{s:o, s:s, s:I}", "set", set, "by", "returned letter", "touch", (json_int_t)touch_id);
	snprintf(key, sizeof key, "moved:%" PRId64, touch_id);
	asking_tell(asking, lead_id, "lead.update", "returned letter", data, key);
	json_decref(data);
}

static void on_marked(void *arg, const struct nurture_answer *answer)
{
	static const struct { const char *state, *result, *why; } words[] = {
		{"", "unknown", "no letter is known by that"}, {"waiting", "not sent", "this letter was not sent yet"}, {"cut", "not sent", "this letter was not sent yet"},
		{"over", "not sent", "this letter will not be sent"}, {"twice", "named twice", "an earlier row names this letter"}, {"before", "returned before", NULL}};
	struct asking *asking = arg;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	for (size_t i = 0; i < rows->rows; i++) {
		const char *state = row_text(rows, i, 3), *result = *row_text(rows, i, 1) && strcmp(state, "returned") == 0 ? "returned" : NULL, *why = NULL;
		for (size_t k = 0; !result && k < sizeof words / sizeof *words; k++)
			if (strcmp(state, words[k].state) == 0)
				result = words[k].result, why = words[k].why;
		answer_row(asking->kept, row_number(rows, i, 0), result ? result : "unknown", why, row_number(rows, i, 1));
		if (row_is(rows, i, 4) && row_number(rows, i, 2))
			returns_deceased(asking, row_number(rows, i, 2));
		else if (result && row_number(rows, i, 2))
			tell_moved(asking, json_array_get(json_object_get(asking->body, "rows"), (size_t)row_number(rows, i, 0)), row_number(rows, i, 1), row_number(rows, i, 2));
	}
	news_resume(asking->office);
	asking_reply_told(asking, json_pack("{s:O}", "rows", asking->kept));
}

void route_returns(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	if (!asking || asking_refuses(asking, (const char *const[]){"rows", "reasons", "reason", NULL}))
		return;
	const json_t *rows = json_object_get(asking->body, "rows");
	if (!json_is_array(rows) || json_array_size(rows) > ROWS_MOST) {
		asking_fail(asking, 422, "rows: which letters came back: [{\"code\": …, \"reason\": …}], at most %d.", ROWS_MOST);
		return;
	}
	asking->kept = json_array();
	json_t *given = read_rows(asking->office, asking->body, asking->kept);
	char *text = json_dumps(given, JSON_COMPACT);
	put_text(&v, asking->office->host->channel_name);
	put_text(&v, text);
	put_number(&v, office_now(asking->office));
	office_ask(asking->office, (const struct nurture_step[]){{&mark, v.items, v.count}}, 1, on_marked, asking);
	free(text);
	json_decref(given);
}
