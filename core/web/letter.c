/* /r/{code}: somebody answers a letter, by the QR code or the code printed beside it (base/reply_code.h).
 *
 *   GET /r/           a page to type the code
 *   GET /r/?code=…    the same as /r/{code}, which whoever scans comes to
 *   GET /r/{code}     event letter.response, and on to what the template says (`page:`), nowhere else; a page of thanks where it says nothing
 *   GET /r/{token}    not a letter's: refer.c
 *
 * It is kept as a click in a mail is (follow.c, hits.c): once for a visit, machines flagged, the browser made the lead's if it is nobody's yet. Codes are looked up in
 * groups: those that come while one group is asked for go with the next. What is none of ours is not asked for at all, and few may be tried from one address. */
#include "web/page.h"

#include "base/mem.h"
#include "base/reply_code.h"
#include "playbook/template.h"
#include "web/flood.h"
#include "web/hits.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct flood_limit address_limit = {"letter code", 20, INT64_C(30000000)}, network_limit = {"letter code network", 200, INT64_C(3000000)};

struct visit {
	struct web_request *req;
	int64_t touch_id;
	struct visit *next;
};
struct web_letters {
	struct web *web;
	struct visit *waiting, *flying;
};

struct web_letters *web_letters_new(struct web *web)
{
	struct web_letters *letters = mem_alloc(sizeof *letters);
	letters->web = web;
	return letters;
}

void web_letters_free(struct web_letters *letters)
{
	free(letters);
}

/* ---- guessing ---- */

/* Takes one try; who has none left is told so, whatever the code. */
static bool may_try(struct web_request *req)
{
	char network[16];
	struct str address = str_of(http_client_text(req->http)), around = flood_network(http_client(req->http), network);
	mono_t now = mono_now();
	if (!flood_take(req->web->flood, &network_limit, around, now))
		return false;
	if (flood_take(req->web->flood, &address_limit, address, now))
		return true;
	flood_back(req->web->flood, &network_limit, around, now);
	return false;
}

/* It was a code of ours: that is no guess. */
static void was_right(struct web_request *req)
{
	char network[16];
	flood_back(req->web->flood, &address_limit, str_of(http_client_text(req->http)), mono_now());
	flood_back(req->web->flood, &network_limit, flood_network(http_client(req->http), network), mono_now());
}

/* ---- pages ---- */

static void put_form(struct web_request *req, int status, struct str code, bool unknown)
{
	struct buf page = {0};
	const char *language = web_language(req->web);
	web_page_begin(&page, language, web_word(language, WORD_REPLY));
	if (unknown) {
		buf_puts(&page, "<p class=\"notice\" role=\"alert\">");
		web_put_text(&page, web_word(language, WORD_REPLY_UNKNOWN));
		buf_puts(&page, "</p>");
	} else {
		web_put_paragraphs(&page, web_word(language, WORD_REPLY_TEXT));
	}
	buf_printf(&page, "<form method=\"get\" action=\"/r/\"><label for=\"code\">%s</label><input id=\"code\" name=\"code\" type=\"text\" required maxlength=\"60\" "
			  "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" placeholder=\"XXXX-XXXX-XXXX-XXXX\" value=\"",
		   web_word(language, WORD_REPLY_CODE_LABEL));
	buf_put_html(&page, (struct str){code.p, code.n < 60 ? code.n : 0});
	buf_puts(&page, "\"><div><button>");
	web_put_text(&page, web_word(language, WORD_REPLY_BUTTON));
	buf_puts(&page, "</button></div></form>");
	web_page_reply(req, status, &page);
}

static void unknown(struct web_request *req, struct str code)
{
	put_form(req, 404, code, true);
}

/* ---- where it leads ---- */

/* NULL: nowhere; whoever comes is thanked. */
static const char *address_of(struct web_request *req, const char *template_name, int64_t lead_id, bool erased)
{
	const struct playbook *playbook = web_playbook(req->web);
	const char *page = playbook ? playbook_letter_page(playbook, str_of(template_name)) : NULL;
	const struct asset *asset = page ? playbook_asset(playbook, str_of(page)) : NULL;
	if (asset)
		return asset->file || asset->url ? web_asset_url(req, asset, lead_id, !erased) : NULL;
	if (page && page[0] == '/' && page[1] != '/')
		return arena_printf(http_arena(req->http), "%s%s", req->web->worker->config->public_url, page);
	return page && str_starts(str_of(page), STR("https://")) ? page : NULL;
}

static void lead_on(struct visit *visit, const json_t *row)
{
	struct web_request *req = visit->req;
	struct token token = {.touch_id = visit->touch_id, .lead_id = json_integer_value(json_object_get(row, "lead_id")), .link = 1u << 16};
	const char *language = web_language(req->web), *address = address_of(req, json_string_value(json_object_get(row, "template")), token.lead_id,
									     json_is_true(json_object_get(row, "erased")));
	was_right(req);
	struct str to = address ? str_of(address) : STR(""), cookie = web_click_keep(req, &token, to);
	const struct http_header headers[] = {
		{"Cache-Control", STR("no-store")}, {"Referrer-Policy", STR("no-referrer")}, {address ? "Location" : cookie.n ? "Set-Cookie" : NULL, address ? to : cookie},
		{address && cookie.n ? "Set-Cookie" : NULL, cookie}, {0}};
	if (address) {
		http_reply(req->http, 302, headers, STR(""));
		return;
	}
	struct buf page = {0};
	web_page_begin(&page, language, web_word(language, WORD_REPLIED));
	web_put_paragraphs(&page, web_word(language, WORD_REPLIED_TEXT));
	web_page_reply_with(req, 200, headers, &page);
}

/* ---- looking up ---- */

static void pump(struct web_letters *letters);

/* They come in the order of their touches. */
static const json_t *row_of(const json_t *rows, int64_t touch_id)
{
	size_t from = 0, to = json_array_size(rows);
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const json_t *row = json_array_get(rows, middle);
		int64_t here = json_integer_value(json_object_get(row, "touch_id"));
		if (here == touch_id)
			return row;
		if (here < touch_id)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct web_letters *letters = arg;
	struct visit *visit = letters->flying;
	letters->flying = NULL;
	for (struct visit *next; visit; visit = next) { /* a visit dies with its reply */
		const json_t *row = error ? NULL : row_of(rows, visit->touch_id);
		next = visit->next;
		if (error)
			web_page_fail(visit->req, error);
		else if (row)
			lead_on(visit, row);
		else
			unknown(visit->req, STR(""));
	}
	pump(letters);
}

static void pump(struct web_letters *letters)
{
	struct buf ids = {0};
	if (letters->flying || !letters->waiting)
		return;
	letters->flying = letters->waiting;
	letters->waiting = NULL;
	for (const struct visit *visit = letters->flying; visit; visit = visit->next)
		buf_printf(&ids, "%c%" PRId64, ids.n ? ',' : '{', visit->touch_id);
	buf_putc(&ids, '}');
	const char *params[] = {ids.p};
	store_query(letters->web->store, "letters", params, 1, on_found, letters);
	buf_fini(&ids);
}

static void look_up(struct web_request *req, struct str code)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	int64_t touch_id = 0;
	if (!keys.count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
	} else if (!may_try(req)) {
		web_page_too_often(req);
	} else if (!reply_code_read(&keys, code, &touch_id)) {
		unknown(req, code);
	} else {
		struct visit *visit = arena_alloc(http_arena(req->http), sizeof *visit);
		*visit = (struct visit){.req = req, .touch_id = touch_id, .next = req->web->letters->waiting};
		req->web->letters->waiting = visit;
		pump(req->web->letters);
	}
}

void web_letter_form(struct web_request *req)
{
	struct str code = str_trim(http_param(http_query(req->http), "code"));
	if (code.n)
		look_up(req, code);
	else
		put_form(req, 200, STR(""), false);
}

/* Tokens are longer than the longest that somebody may type. */
void web_letter_get(struct web_request *req)
{
	enum { TYPED_MOST = 60 };
	if (req->args[0].n <= TYPED_MOST)
		look_up(req, req->args[0]);
	else
		web_refer_get(req);
}
