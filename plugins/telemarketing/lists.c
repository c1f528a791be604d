/* Do-not-call lists. GET /lists: which there are, how fresh. PUT /lists/NAME?scrubbed=2027-03-01[&begin=…&end=…&load=…]: the numbers of a national list, one a line or CSV whose first
 * column is the number, with country code (or the list's own: ?country=1). It replaces the list: its numbers go beside those of before, and become the list at once when the last of
 * them is there. What is too large for one request comes in parts: the first begins (all others say begin=false), the last ends (all others say end=false), and `load` is a word by which
 * parts know each other: they go into what the first began, and into nothing that was begun anew since. Parts without a word are refused: they could be those of two loads. Another load
 * of the same list is refused meanwhile. The internal list only grows: PUT /lists/internal. */
#include "answers.h"
#include "desk.h"
#include "moment.h"
#include "numbers.h"

#include <nurture/requests.h>

#include "lists.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_A_STATEMENT = 4000 }; /* other statements wait behind it */

static const struct nurture_statement
	all = {sizeof all, "lists_all", sql_lists_all},
	begin = {sizeof begin, "lists_begin", sql_lists_begin},
	part = {sizeof part, "lists_part", sql_lists_part},
	add = {sizeof add, "lists_add", sql_lists_add},
	finish = {sizeof finish, "lists_switch", sql_lists_switch},
	internal = {sizeof internal, "lists_internal", sql_lists_internal};

/* ---- which there are ---- */

static json_t *list_json(const struct desk *desk, const struct nurture_rows *rows, size_t i)
{
	int64_t scrubbed = row_number(rows, i, 1), until = scrubbed + desk->settings.scrub_us;
	bool own = strcmp(row_text(rows, i, 0), "internal") == 0;
	json_t *list = json_pack("{s:s, s:I, s:o, s:o, s:b}", "list", row_text(rows, i, 0), "numbers", (json_int_t)row_number(rows, i, 3), "scrubbed_at",
				 moment_json(scrubbed), "good_until", moment_json(own || !scrubbed ? 0 : until), "fresh", own || until >= desk_now(desk));
	if (*row_text(rows, i, 4) == 't')
		json_object_set_new(list, "loading", json_true());
	return list;
}

/* What the setting asks for and nobody has loaded is shown, too. */
static void add_missing(const char *country, const char *name, json_t *lists)
{
	size_t i;
	json_t *list;
	json_array_foreach (lists, i, list)
		if (strcmp(json_string_value(json_object_get(list, "list")), name) == 0) {
			json_object_set_new(list, "country", json_string(country));
			return;
		}
	json_array_append_new(lists, json_pack("{s:s, s:i, s:n, s:n, s:b, s:s}", "list", name, "numbers", 0, "scrubbed_at", "good_until", "fresh", false, "country", country));
}

static void on_all(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	const char *country;
	json_t *names, *name, *lists = json_array();
	size_t n;
	if (answer->error) {
		json_decref(lists);
		asking_db(asking, answer);
		return;
	}
	for (size_t i = 0; i < answer->steps[0].rows; i++)
		json_array_append_new(lists, list_json(asking->desk, &answer->steps[0], i));
	json_object_foreach (asking->desk->settings.lists, country, names) {
		if (json_is_string(names))
			add_missing(country, json_string_value(names), lists);
		json_array_foreach (names, n, name)
			add_missing(country, json_string_value(name), lists);
	}
	asking_reply(asking, 200, json_pack("{s:o}", "lists", lists));
}

void route_lists(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	if (asking)
		desk_read(asking->desk, (const struct nurture_step[]){{&all, NULL, 0}}, 1, on_all, asking);
}

/* ---- loading: one statement after the other ---- */

struct loading {
	struct asking *asking;
	struct numbers numbers;
	char name[44], key[64];
	char part[80]; /* that it loads into: what is begun anew by the same key is another one */
	int64_t scrubbed, added;
	bool own, begins, ends;
};

static void go_on(struct loading *load);

static void loading_free(struct loading *load)
{
	numbers_fini(&load->numbers);
	free(load);
}

static void done(struct loading *load)
{
	json_t *bad = json_array();
	for (size_t i = 0; i < load->numbers.bad && i < NUMBERS_BAD_SHOWN; i++)
		json_array_append_new(bad, json_integer((json_int_t)load->numbers.bad_at[i]));
	json_t *said = json_pack("{s:s, s:I, s:I, s:o, s:I}", "list", load->name, "numbers", (json_int_t)load->numbers.count, "bad_lines", (json_int_t)load->numbers.bad, "bad_at", bad,
				 "new", (json_int_t)load->added);
	asking_reply(load->asking, 200, said);
	loading_free(load);
}

/* Whether it went on; else it is answered and gone. */
static bool went_on(struct loading *load, const struct nurture_answer *answer)
{
	if (!answer->error && answer->steps[0].rows)
		return true;
	if (answer->error)
		asking_db(load->asking, answer);
	else
		asking_fail(load->asking, 409, "the list \"%s\" is being loaded by somebody else, or this load was begun anew or has ended: GET /lists says what the list is.",
			    load->name);
	loading_free(load);
	return false;
}

static void on_part(void *arg, const struct nurture_answer *answer)
{
	struct loading *load = arg;
	if (!went_on(load, answer))
		return;
	snprintf(load->part, sizeof load->part, "%s", row_text(&answer->steps[0], 0, 0));
	go_on(load);
}

static void on_added(void *arg, const struct nurture_answer *answer)
{
	struct loading *load = arg;
	if (!went_on(load, answer))
		return;
	load->added += row_number(&answer->steps[0], 0, 0);
	go_on(load);
}

static void on_finished(void *arg, const struct nurture_answer *answer)
{
	if (went_on(arg, answer))
		done(arg);
}

static void ask(struct loading *load, const struct nurture_statement *statement, const struct values *v, nurture_query_fn *fn)
{
	desk_ask(load->asking->desk, (const struct nurture_step[]){{statement, v->items, v->count}}, 1, fn, load);
}

static void go_on(struct loading *load)
{
	struct values v = {0};
	char *some;
	int64_t now = desk_now(load->asking->desk);
	bool known = load->own || *load->part, more = known && numbers_cut(&load->numbers, NUMBERS_A_STATEMENT, &some) > 0;
	if (!load->own) {
		put_text(&v, load->name);
		put_text(&v, known ? load->part : load->key);
	}
	if (!known) {
		ask(load, load->begins ? &begin : &part, &v, on_part);
	} else if (more) {
		put_text(&v, some);
		put_number(&v, now);
		ask(load, load->own ? &internal : &add, &v, on_added);
	} else if (load->ends) {
		put_number(&v, load->scrubbed);
		put_number(&v, now);
		ask(load, &finish, &v, on_finished);
	} else {
		done(load);
	}
}

/* ---- what is asked ---- */

/* A wrong file must not empty a list: an error page, a wrong country. What follows the first part may be empty. */
static bool is_rubbish(const struct loading *load)
{
	return !load->own && (load->numbers.bad > load->numbers.count || (load->begins && !load->numbers.count));
}

static bool is_name(const char *name, size_t least)
{
	size_t n = strlen(name);
	return n >= least && n <= 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static struct asking *plain_asking(struct desk *desk, const struct nurture_request *request)
{
	struct nurture_request empty = *request;
	empty.body_length = 0; /* it is no JSON */
	return asking_new(desk, &empty);
}

static void load_list(struct asking *asking, const struct nurture_request *request, const char *name, int64_t scrubbed)
{
	struct loading *load = calloc(1, sizeof *load);
	if (!load)
		abort();
	load->asking = asking;
	load->scrubbed = scrubbed;
	load->own = strcmp(name, "internal") == 0;
	load->begins = !load->own && strcmp(nurture_query_text(request, "begin"), "false") != 0;
	load->ends = !load->own && strcmp(nurture_query_text(request, "end"), "false") != 0;
	snprintf(load->name, sizeof load->name, "%s", name);
	snprintf(load->key, sizeof load->key, "%s", nurture_query_text(request, "load"));
	if (!load->own && !*load->key && !(load->begins && load->ends)) {
		asking_fail(asking, 422, "a list in parts needs a word by which they know each other, another one for each load: load=2027-03-01-a.");
		loading_free(load);
		return;
	}
	numbers_read(&load->numbers, request->body, request->body_length, nurture_query_text(request, "country"));
	if (is_rubbish(load)) {
		asking_fail(asking, 422, "that is no list of numbers: %zu numbers, %zu lines that are none; the list stays as it was.", load->numbers.count, load->numbers.bad);
		loading_free(load);
		return;
	}
	go_on(load);
}

void route_list_put(void *self, const struct nurture_request *request)
{
	const char *name = request->parameters[0].value, *country = nurture_query_text(request, "country");
	char day[40];
	snprintf(day, sizeof day, "%.10sT00:00:00Z", nurture_query_text(request, "scrubbed"));
	int64_t scrubbed = outcome_moment(day), now = request->now;
	struct asking *asking = plain_asking(self, request);
	if (!asking)
		return;
	if (!is_name(name, 1) || !is_name(nurture_query_text(request, "load"), 0) || strspn(country, "0123456789") != strlen(country) || strlen(country) > 3)
		asking_fail(asking, 422, "a list has a name of small letters, digits and hyphens; country is a country code: country=44.");
	else if (strcmp(name, "internal") != 0 && (!scrubbed || scrubbed > now + INT64_C(86400000000)))
		asking_fail(asking, 422, "say when the list was taken from its keeper: scrubbed=2027-03-01, and no day that is to come.");
	else
		load_list(asking, request, name, scrubbed);
}
