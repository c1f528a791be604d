/* A round of looks: every letter of the job is asked of the server, page by page: whether it may go, where to, and what it says now. What leaves the job is written at once; what stays is kept
 * with its words in the first round, and only counted later: what was looked at a moment ago is asked whether anything has changed since (host.look_again), which costs a small part of a look. */
#include "cut.h"
#include "firm.h"
#include "letter_view.h"
#include "paper.h"

#include "cut.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 500, PATIENCE = 60 /* looks at one that nobody can say of */, PATIENCE_WHOLE = 8 /* where it is so of all */ };
static const int64_t AGAIN = 250000, LATER = 60000000;

struct page {
	LIST_ENTRY(page) entry;
	struct cut *cut;
	int waiting;                /* looks whose answer will come */
	json_t *keep, *out, *wait, *gone;
	int64_t again[PAGE];        /* who could not be said of */
	size_t again_count;
	bool whole;                 /* of any letter: the channel is stopped, or its server cannot ask */
	int tries;
	struct nurture_timer *timer;
};

static const struct nurture_statement
	read_page = {sizeof read_page, "cut_page", sql_cut_page},
	keep = {sizeof keep, "cut_keep", sql_cut_keep},
	out = {sizeof out, "cut_out", sql_cut_out},
	wait_on = {sizeof wait_on, "cut_wait", sql_cut_wait},
	gone = {sizeof gone, "cut_gone", sql_cut_gone};

static void next_page(struct cut *cut);
static void on_look(void *arg, const struct nurture_look *look);

static struct page *page_new(struct cut *cut)
{
	struct page *page = calloc(1, sizeof *page);
	if (!page)
		abort();
	*page = (struct page){.cut = cut, .keep = json_array(), .out = json_array(), .wait = json_array(), .gone = json_array()};
	LIST_INSERT_HEAD(&cut->alive, page, entry);
	cut->pages_alive++;
	return page;
}

static void page_free(struct page *page)
{
	LIST_REMOVE(page, entry);
	page->cut->pages_alive--;
	if (page->timer)
		page->cut->office->host->timer_free(page->timer);
	json_decref(page->keep);
	json_decref(page->out);
	json_decref(page->wait);
	json_decref(page->gone);
	free(page);
}

/* ---- what a look says ---- */

static const char *text_of(const json_t *content, const char *name)
{
	const char *text = json_string_value(json_object_get(content, name));
	return text ? text : "";
}

/* All fields in one flat object; the body only where something is made of it. */
static json_t *content_of(const struct cut *cut, const struct nurture_look *look)
{
	json_t *content = json_object();
	bool pages = cut->office->settings.letters != LETTERS_NONE;
	for (size_t i = 0; i < look->field_count; i++) {
		const char *name = look->fields[i].name;
		bool body = strcmp(name, "html") == 0;
		if ((!body || pages) && look->fields[i].value && *look->fields[i].value)
			json_object_set_new(content, name, json_string(look->fields[i].value));
	}
	return content;
}

/* The order of the job: by country and code, as posts want it. */
static void sort_of(const struct post_address *address, char sort[130])
{
	size_t n = 0;
	const char *const parts[] = {address->country, " ", address->postal_code};
	for (size_t i = 0; i < 3; i++)
		for (const char *c = parts[i]; *c && n < 100; c++)
			if ((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || *c == ' ')
				sort[n++] = *c;
	sort[n] = 0;
}

static void put_out(struct page *page, int64_t touch, json_t *outcome)
{
	json_array_append_new(page->out, json_pack("{s:I, s:o}", "touch", (json_int_t)touch, "outcome", outcome));
	page->cut->left++;
}

/* Where letters are printed here. A print house that has the data file alone has windows of its own. */
static bool fits_window(struct cut *cut, const json_t *content)
{
	const struct settings *settings = &cut->office->settings;
	if (settings->letters == LETTERS_NONE)
		return true;
	if (!cut->window)
		cut->window = paper_window_new(settings);
	return paper_window_fits(cut->window, content);
}

/* No word of the body, nor of those that a print house puts into its own. Nobody pays for a page with an address alone. */
static bool says_nothing(const struct nurture_look *look)
{
	for (size_t i = 0; i < look->field_count; i++) {
		const char *name = look->fields[i].name, *value = look->fields[i].value ? look->fields[i].value : "";
		bool body = strcmp(name, "html") == 0 || (strncmp(name, "text", 4) == 0 && name[4]);
		if (body && value[strspn(value, " \t\r\n")])
			return false;
	}
	return true;
}

/* Where the print house has nothing but the data file: what is not in its columns is on no letter. */
static size_t lost_lines(const struct settings *settings, const json_t *content)
{
	const struct folder_of of = {.settings = settings};
	const struct folder_letter letter = {.content = content};
	struct letter_view view;
	if (settings->letters != LETTERS_NONE)
		return 0;
	letter_view_init(&view, &of, &letter);
	size_t lines = letter_view_lost(&view);
	letter_view_fini(&view);
	return lines;
}

/* Why no letter gets there as it would be printed; false = it does. */
static bool is_undeliverable(struct cut *cut, const json_t *content, const char *missing, char why[120])
{
	const struct settings *settings = &cut->office->settings;
	size_t lines = missing ? 0 : lost_lines(settings, content);
	if (missing)
		snprintf(why, 120, "the address has no %s that a post can do with", strcmp(missing, "postal_code") == 0 ? "postal code" : missing);
	else if (lines)
		snprintf(why, 120, "the address has %zu lines, and the columns of the data file print %d", lines, settings->lines);
	else if (!fits_window(cut, content))
		snprintf(why, 120, "the address does not fit the window");
	else
		return false;
	return true;
}

static void put_kept(struct page *page, const struct nurture_look *look)
{
	char why[120], street[400], street2[400], sort[130], house[OUT_HASH_TEXT], person[OUT_HASH_TEXT], firm[OUT_HASH_TEXT], site[OUT_HASH_TEXT];
	const char *sender = text_of(page->cut->office->settings.sender, "country"), *missing;
	struct post_address address;
	if (says_nothing(look)) {
		put_out(page, look->touch_id, json_pack("{s:s, s:s}", "rejected", "the letter says nothing: no words come out of its template", "kind", "policy"));
		return;
	}
	json_t *content = content_of(page->cut, look);
	letter_address(content, street, street2, &address);
	missing = post_address_missing(&address, sender);
	if (is_undeliverable(page->cut, content, missing, why)) {
		put_out(page, look->touch_id, json_pack("{s:s, s:s}", "rejected", why, "kind", "hard"));
		json_decref(content);
		return;
	}
	cut_pictures_keep(page->cut, look);
	letter_keys(&address, sender, house, person);
	firm_keys(&address, sender, text_of(content, "to.domain"), firm, site);
	sort_of(&address, sort);
	json_array_append_new(page->keep, json_pack("{s:I, s:o, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:I}", "touch", (json_int_t)look->touch_id, "content", content, "sort", sort, "country",
						    *address.country ? address.country : sender, "house", *house ? house : NULL, "person", *person ? person : NULL, "firm",
						    *firm ? firm : NULL, "site", *site ? site : NULL, "lead", (json_int_t)look->lead_id));
}

static void put_wait(struct page *page, int64_t touch, int64_t until)
{
	json_array_append_new(page->wait, json_pack("{s:I, s:I}", "touch", (json_int_t)touch, "until", (json_int_t)until));
	page->cut->left++;
}

static void judge(struct page *page, const struct nurture_look *look)
{
	struct cut *cut = page->cut;
	const char *revision = json_string_value(json_object_get(look->sheet, "revision"));
	switch (look->standing) {
	case NURTURE_LOOK_GO:
		if (revision && !*cut->revision)
			snprintf(cut->revision, sizeof cut->revision, "%s", revision);
		if (!*cut->sums)
			put_kept(page, look);
		break;
	case NURTURE_LOOK_WAIT:
		if (!cut->again)
			put_wait(page, look->touch_id, look->until);
		break;
	case NURTURE_LOOK_HOLD:
		put_out(page, look->touch_id, json_pack("{s:s}", "back", look->reason && *look->reason ? look->reason : "it may not go now"));
		break;
	case NURTURE_LOOK_OVER:
		json_array_append_new(page->gone, json_integer(look->touch_id));
		cut->left++;
		break;
	case NURTURE_LOOK_LATER:
		page->whole = page->whole || (NURTURE_HAS(look, whole) && look->whole);
		if (page->again_count < PAGE)
			page->again[page->again_count++] = look->touch_id;
		break;
	}
}

/* ---- a page is written ---- */

static void on_page_written(void *arg, const struct nurture_answer *answer)
{
	struct page *page = arg;
	struct cut *cut = page->cut;
	page_free(page);
	if (!cut_answer(cut, answer))
		return;
	if (cut->read_all && !cut->pages_alive)
		cut_looked(cut);
	else
		next_page(cut);
}

static char *gone_text(const json_t *numbers)
{
	size_t i, n = 0, room = json_array_size(numbers) * 21 + 1;
	json_t *number;
	char *text = calloc(1, room);
	if (!text)
		abort();
	json_array_foreach ((json_t *)(uintptr_t)numbers, i, number)
		n += (size_t)snprintf(text + n, room - n, "%s%" JSON_INTEGER_FORMAT, i ? "," : "", json_integer_value(number));
	return text;
}

static void write_page(struct page *page)
{
	struct cut *cut = page->cut;
	struct nurture_step steps[4];
	struct values v[4] = {0};
	size_t count = 0;
	char *texts[4] = {0};
	json_t *const arrays[] = {page->keep, page->out, page->wait, page->gone};
	static const struct nurture_statement *const statements[] = {&keep, &out, &wait_on, &gone};
	for (size_t i = 0; i < 4; i++) {
		if (!json_array_size(arrays[i]))
			continue;
		texts[i] = i == 3 ? gone_text(arrays[i]) : json_dumps(arrays[i], JSON_COMPACT);
		put_text(&v[i], texts[i]);
		put_text(&v[i], cut->office->host->channel_name);
		put_number(&v[i], cut->id);
		if (i == 0)
			put_number(&v[i], cut->round);
		steps[count++] = (struct nurture_step){statements[i], v[i].items, v[i].count};
	}
	if (count) {
		cut_ask(cut, steps, count, false, on_page_written, page);
	} else {
		cut->on_the_way++;
		on_page_written(page, &(struct nurture_answer){.size = sizeof(struct nurture_answer), .sqlstate = ""});
	}
	for (size_t i = 0; i < 4; i++)
		free(texts[i]);
}

/* ---- asking ---- */

/* A job that waited for its release for days is looked at wholly. */
static void ask_one(struct page *page, int64_t touch)
{
	struct cut *cut = page->cut;
	const struct nurture_host *host = cut->office->host;
	cut->on_the_way++;
	if (*cut->sums && !cut->again && cut->looked_since)
		host->look_again(host->data, touch, cut->looked_since, on_look, page);
	else
		host->look(host->data, touch, on_look, page);
}

static void ask_again(void *arg)
{
	struct page *page = arg;
	struct cut *cut = page->cut;
	int64_t again[PAGE];
	size_t count = page->again_count;
	cut->on_the_way--;
	page->cut->office->host->timer_free(page->timer);
	page->timer = NULL;
	if (cut->failed) {
		page_free(page);
		cut_step(cut);
		return;
	}
	memcpy(again, page->again, count * sizeof *again);
	page->again_count = 0;
	page->whole = false;
	page->waiting = (int)count;
	for (size_t i = 0; i < count; i++)
		ask_one(page, again[i]);
}

/* All of a page are answered. */
static void page_over(struct page *page)
{
	struct cut *cut = page->cut;
	if (cut->failed) {
		page_free(page);
		cut_step(cut);
		return;
	}
	if (page->again_count && page->tries++ < (page->whole ? PATIENCE_WHOLE : PATIENCE)) {
		page->timer = cut->office->host->timer_new(cut->office->host->data, ask_again, page);
		cut->office->host->timer_set(page->timer, AGAIN);
		cut->on_the_way++;
		return;
	}
	if (page->again_count && (cut->again || page->whole)) {
		cut->stopped = page->whole;
		cut_fail(cut, "%s", page->whole ? "nothing goes out now (is the channel stopped?)" : "nobody can say of some letters whether they may go: it is asked again each minute.");
		page_free(page);
		cut_step(cut);
		return;
	}
	for (size_t i = 0; i < page->again_count; i++)
		put_wait(page, page->again[i], office_now(cut->office) + LATER);
	page->again_count = 0;
	write_page(page);
}

static void on_look(void *arg, const struct nurture_look *look)
{
	struct page *page = arg;
	page->cut->on_the_way--;
	if (!page->cut->failed)
		judge(page, look);
	if (--page->waiting == 0)
		page_over(page);
}

static void on_page(void *arg, const struct nurture_answer *answer)
{
	struct cut *cut = arg;
	cut->reading = false;
	if (!cut_answer(cut, answer))
		return;
	const struct nurture_rows *rows = &answer->steps[0];
	cut->read_all = rows->rows < PAGE;
	if (!rows->rows) {
		if (!cut->pages_alive)
			cut_looked(cut);
		return;
	}
	struct page *page = page_new(cut);
	cut->last_looked = (int32_t)row_number(rows, rows->rows - 1, 1);
	cut->last_touch = row_number(rows, rows->rows - 1, 0);
	page->waiting = (int)rows->rows;
	for (size_t i = 0; i < rows->rows; i++)
		ask_one(page, row_number(rows, i, 0));
	next_page(cut);
}

static void next_page(struct cut *cut)
{
	struct values v = {0};
	if (cut->reading || cut->read_all || cut->pages_alive >= CUT_PAGES)
		return;
	cut->reading = true;
	put_number(&v, cut->id);
	put_number(&v, cut->round);
	put_number(&v, cut->last_looked);
	put_number(&v, cut->last_touch);
	cut_ask(cut, (const struct nurture_step[]){{&read_page, v.items, v.count}}, 1, true, on_page, cut);
}

void cut_look(struct cut *cut)
{
	if (!*cut->sums || cut->again)
		cut->looked_since = office_now(cut->office);
	cut->last_looked = -1;
	cut->last_touch = 0;
	cut->left = 0;
	cut->read_all = false;
	next_page(cut);
}

void cut_look_end(struct cut *cut)
{
	while (!LIST_EMPTY(&cut->alive))
		page_free(LIST_FIRST(&cut->alive));
	paper_window_free(cut->window);
	cut->window = NULL;
}
