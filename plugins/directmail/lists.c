/* Whom no letter goes to.
 *
 *   GET    /lists                                             which there are, how many rows, since when
 *   PUT    /lists/NAME?taken=2027-03-01&begin=…&end=…         a preference file (Robinson list, MPS, DMAchoice): {"rows": [{name, street, postal_code, city, country}]}. It replaces the list: what is
 *                                                             too large for one request comes in parts, the first begins (all others say begin=false), and until the last one came (all others say
 *                                                             end=false) the list of before stands
 *   PUT    /lists/internal, /lists/deceased                   ours, which only grow, at once and for ever
 *   DELETE /lists/NAME                                        a list that is not kept any more
 *
 * Who is on "deceased" and had or waits for a letter of ours loses all permissions, on all channels, at once; of all other leads the server's /v1/lead-places says that, which the command asks as
 * well.
 *
 * A row with a name is that person there; one without is the whole household; one of an organisation and a postal code, or of a domain, alone is all of that organisation (firm.h). Kept are hashes of what address.h makes of it, so names and addresses are not in the list. It is asked when a letter comes
 * in and when its job is cut: SQL function refuse(). */
#include "country.h"
#include "firm.h"
#include "letter_view.h"
#include "office.h"
#include "routes.h"

#include <nurture/requests.h>

#include "lists.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS_MOST = 5000 };

static const struct nurture_statement
	all = {sizeof all, "lists_all", sql_lists_all},
	begin = {sizeof begin, "lists_begin", sql_lists_begin},
	open_list = {sizeof open_list, "lists_open", sql_lists_open},
	clear = {sizeof clear, "lists_clear", sql_lists_clear},
	add = {sizeof add, "lists_add", sql_lists_add},
	end = {sizeof end, "lists_end", sql_lists_end},
	dead = {sizeof dead, "lists_dead", sql_lists_dead},
	come = {sizeof come, "lists_come", sql_lists_come},
	drop = {sizeof drop, "lists_drop", sql_lists_drop};

static void on_all(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	json_t *lists = json_array();
	for (size_t i = 0; i < rows->rows; i++)
		json_array_append_new(lists, json_pack("{s:s, s:s, s:I, s:I, s:I, s:b}", "list", row_text(rows, i, 0), "kind", row_text(rows, i, 1), "taken_at",
						       (json_int_t)row_number(rows, i, 2), "loaded_at", (json_int_t)row_number(rows, i, 3), "rows", (json_int_t)row_number(rows, i, 4),
						       "loading", row_is(rows, i, 5)));
	asking_reply(asking, 200, json_pack("{s:o}", "lists", lists));
}

void route_lists(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	if (asking)
		office_read(asking->office, (const struct nurture_step[]){{&all, NULL, 0}}, 1, on_all, asking);
}

/* ---- rows ---- */

static const char *text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));
	return text ? text : "";
}

/* The key of a row: of the person, or where it names none of the household. false with *why: too little is there to know anybody by, or a word that nobody knows,
 * which may be what would have told two of a name apart. */
static bool key_of(const struct office *office, const json_t *row, bool persons, char out[OUT_HASH_TEXT], char why[COUNTRY_WHY])
{
	static const char *const known[] = {"name", "first_name", "last_name", "organisation", "street", "postal_code", "city", "region", "country", "domain", NULL};
	char name[400], country[COUNTRY_CODES], person[OUT_HASH_TEXT], house[OUT_HASH_TEXT], firm[OUT_HASH_TEXT], site[OUT_HASH_TEXT];
	const char *given = text_of(row, "name"), *first = text_of(row, "first_name"), *last = text_of(row, "last_name");
	*out = 0;
	if (nurture_unknown_key(row, known, why, COUNTRY_WHY) || !country_read(office, row, country, why))
		return false;
	snprintf(name, sizeof name, "%s%s%s%s%s", given, *given && *last ? " " : "", first, *first && *last ? " " : "", last);
	const struct post_address address = {.name = name, .organisation = text_of(row, "organisation"), .street = text_of(row, "street"), .street2 = "", .city = text_of(row, "city"),
					     .region = text_of(row, "region"), .postal_code = text_of(row, "postal_code"), .country = country};
	const char *sender = text_of(office->settings.sender, "country");
	letter_keys(&address, sender, house, person);
	firm_keys(&address, sender, text_of(row, "domain"), firm, site);
	bool anybody = !*name && !*address.street && !persons; /* an organisation, whoever of it and at whichever house */
	snprintf(out, OUT_HASH_TEXT, "%s", anybody ? *site ? site : firm : *name || persons ? person : house);
	snprintf(why, COUNTRY_WHY, "too little is there to know anybody by: %sstreet, and postal code or city%s", persons ? "name, " : "",
		 persons ? "" : "; of an organisation: organisation and postal_code, or domain");
	return *out;
}

struct reading {
	char *keys;      /* hex with commas between */
	size_t length, count;
	json_t *answers;
};

static void read_rows(const struct office *office, const json_t *rows, bool persons, struct reading *r)
{
	size_t n;
	const json_t *row;
	r->keys = calloc(json_array_size(rows) + 1, OUT_HASH_TEXT + 1);
	r->answers = json_array();
	if (!r->keys)
		abort();
	json_array_foreach (rows, n, row) {
		char key[OUT_HASH_TEXT], why[COUNTRY_WHY];
		bool good = key_of(office, row, persons, key, why);
		if (good)
			r->length += (size_t)sprintf(r->keys + r->length, "%s%s", r->count++ ? "," : "", key);
		json_array_append_new(r->answers, json_pack("{s:I, s:s, s:s*}", "n", (json_int_t)n, "result", good ? "listed" : "refused", "why",
							    good ? NULL : why));
	}
}

/* ---- loading ---- */

/* Whether there is a list to load into, and where it ends whether anybody stands on it. */
static void on_loaded(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error)
		asking_db(asking, answer);
	else if (!answer->steps[asking->begins].rows)
		asking_fail(asking, 409, "no such list is being loaded: its first part says begin=true.");
	else if (asking->ends && !answer->steps[answer->count - 1].changed)
		asking_fail(asking, 422, "nobody of this list could be read: it is as it was before.");
	else {
		const struct nurture_rows *dead_rows = &answer->steps[answer->count - 1];
		for (size_t i = 0; asking->job_id && i < dead_rows->rows; i++)
			returns_deceased(asking, row_number(dead_rows, i, 0));
		asking_reply_told(asking, json_pack("{s:O}", "rows", asking->kept));
	}
}

/* 0 = no day, or one that is to come. */
static int64_t day_of(const char *text, int64_t now)
{
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || strspn(text, "0123456789-") != 10)
		return 0;
	struct tm date = {.tm_year = (int)strtol(text, NULL, 10) - 1900, .tm_mon = (int)strtol(text + 5, NULL, 10) - 1, .tm_mday = (int)strtol(text + 8, NULL, 10)};
	if (date.tm_mon < 0 || date.tm_mon > 11 || date.tm_mday < 1 || date.tm_mday > 31)
		return 0;
	int64_t at = (int64_t)timegm(&date) * INT64_C(1000000);
	return at > 0 && at <= now + INT64_C(86400000000) ? at : 0;
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n <= 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static bool is_ours(const char *name)
{
	return strcmp(name, "internal") == 0 || strcmp(name, "deceased") == 0;
}

static bool is_dead(const char *name)
{
	return strcmp(name, "deceased") == 0;
}

/* All in one transaction: begun, looked at, filled, and whole. */
static void load(struct asking *asking, const char *name, const struct reading *r, int64_t taken, bool begins, bool ends)
{
	struct values b = {0}, n = {0}, a = {0}, e = {0}, d = {0};
	int64_t now = office_now(asking->office);
	struct nurture_step steps[6];
	size_t count = 0;
	asking->begins = begins;
	asking->ends = ends;
	put_text(&b, name);
	put_text(&b, "do-not-mail");
	put_number(&b, taken);
	put_text(&n, name);
	put_text(&a, name);
	put_text(&a, r->keys);
	put_number(&a, now);
	put_text(&e, name);
	put_number(&e, taken);
	put_number(&e, now);
	if (begins)
		steps[count++] = (struct nurture_step){&begin, b.items, b.count};
	steps[count++] = (struct nurture_step){&open_list, n.items, n.count};
	steps[count++] = (struct nurture_step){&clear, n.items, n.count};
	steps[count++] = (struct nurture_step){&add, a.items, a.count};
	if (ends) { /* the last one says whether anybody stands on it */
		steps[count++] = (struct nurture_step){&come, n.items, n.count};
		steps[count++] = (struct nurture_step){&end, e.items, e.count};
	}
	put_text(&d, r->keys);
	asking->job_id = is_dead(name); /* its last step says whose letters are those of the dead */
	if (asking->job_id)
		steps[count++] = (struct nurture_step){&dead, d.items, d.count};
	office_ask(asking->office, steps, count, on_loaded, asking);
}

/* Why not; NULL = it may be loaded. What came back only the post says (returns.c). */
static const char *refuse_load(const char *name, const json_t *rows, int64_t taken)
{
	if (!is_name(name) || strcmp(name, "returned") == 0)
		return "a list has a name of small letters, digits and hyphens, and is not \"returned\".";
	if (!json_is_array(rows) || json_array_size(rows) > ROWS_MOST)
		return "rows: who stands on the list: [{\"name\", \"street\", \"postal_code\", \"city\", \"country\"}], at most 5000 a request.";
	return !is_ours(name) && !taken ? "say when the list was taken from its keeper: taken=2027-03-01, and no day that is to come." : NULL;
}

void route_list_put(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	if (!asking || asking_refuses(asking, (const char *const[]){"rows", NULL}))
		return;
	const char *name = request->parameters[0].value;
	const json_t *rows = json_object_get(asking->body, "rows");
	int64_t taken = day_of(nurture_query_text(request, "taken"), request->now);
	const char *why = refuse_load(name, rows, taken);
	struct reading r = {0};
	if (why) {
		asking_fail(asking, 422, "%s", why);
		return;
	}
	read_rows(asking->office, rows, is_dead(name), &r);
	asking->kept = r.answers;
	load(asking, name, &r, taken, strcmp(nurture_query_text(request, "begin"), "false") != 0 && !is_ours(name), strcmp(nurture_query_text(request, "end"), "false") != 0 && !is_ours(name));
	free(r.keys);
}

static void on_dropped(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error)
		asking_db(asking, answer);
	else if (!answer->steps[0].changed)
		asking_fail(asking, 404, "there is no such list that could be dropped.");
	else
		asking_reply(asking, 200, json_pack("{s:b}", "dropped", 1));
}

void route_list_drop(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	if (!asking)
		return;
	put_text(&v, request->parameters[0].value);
	office_ask(asking->office, (const struct nurture_step[]){{&drop, v.items, v.count}}, 1, on_dropped, asking);
}
