/* /d/{token}: what a lead may have from the library.
 *
 *   GET /d/{token}        a page: the asset, what the link map offers after it, and a way to tell a colleague; records nothing
 *   GET /d/{token}/open   the event asset.download, then the file itself, or on to its address, which the playbook gave
 *
 * Nothing of the request but the sealed token says what is given. HEAD and what browsers fetch ahead record nothing; what another machine fetches (a
 * messenger's preview, a mail gateway's scanner: machine.c) is kept as such, with why, and counts for nothing. Within an hour a download counts once. Files lie in the active revision under library/, at most 4 MB each. */
#include "web/page.h"

#include "web/file.h"
#include "web/flood.h"
#include "web/hits.h"

#include <string.h>

static const struct flood_limit address_limit = {"asset address", 60, INT64_C(2000000)}, files_limit = {"asset file", 32, INT64_C(200000)};

struct opening {
	struct web_request *req;
	struct edition *edition;
	const struct asset *asset;
	struct intake intake;
	struct intake_event event;
};

/* NULL: replied to, as every wrong link is. */
static const struct asset *find(struct web_request *req, struct token *token)
{
	const struct playbook *playbook = web_playbook(req->web);
	if (!web_page_token_of(req, TOKEN_DOWNLOAD, TOKEN_GIVEN, token))
		return NULL;
	const struct asset *asset = playbook ? playbook_asset_numbered(playbook, token->link) : NULL;
	if (asset && (asset->file || asset->url))
		return asset;
	web_page_dead_link(req);
	return NULL;
}

/* ---- the page ---- */

static void put_link(struct buf *page, const char *url, const char *text, const char *class)
{
	buf_printf(page, "<a%s href=\"", class);
	web_put_text(page, url);
	buf_puts(page, "\">");
	web_put_text(page, text);
	buf_puts(page, "</a>");
}

static void put_next(struct buf *page, struct web_request *req, const struct asset *asset, const struct token *token)
{
	const struct playbook *playbook = web_playbook(req->web);
	bool any = false;
	for (size_t i = 0; i < asset->next_count; i++) {
		const struct asset *next = playbook_asset(playbook, str_of(asset->next[i]));
		const char *url = next && (next->file || next->url) ? web_asset_url(req, next, token->lead_id, token->purpose == TOKEN_DOWNLOAD) : NULL;
		if (!url)
			continue;
		if (!any)
			buf_printf(page, "<h2>%s</h2><ul>", web_word(playbook->language, WORD_NEXT));
		any = true;
		buf_puts(page, "<li>");
		put_link(page, url, next->title, "");
		buf_puts(page, "</li>");
	}
	if (any)
		buf_puts(page, "</ul>");
}

void web_asset_page(struct web_request *req)
{
	struct token token;
	const struct asset *asset = find(req, &token);
	struct buf page = {0};
	if (!asset)
		return;
	const char *language = web_language(req->web), *refer = web_refer_url(req, token.lead_id, token.purpose == TOKEN_DOWNLOAD);
	web_page_begin(&page, language, asset->title);
	buf_puts(&page, "<p>");
	put_link(&page, arena_printf(http_arena(req->http), "/d/%.*s/open", STR_ARG(req->args[0])), web_word(language, WORD_DOWNLOAD),
		 " class=\"button\" rel=\"nofollow\"");
	buf_puts(&page, "</p>");
	put_next(&page, req, asset, &token);
	buf_puts(&page, "<p>");
	put_link(&page, refer, web_word(language, WORD_REFER), " rel=\"nofollow\"");
	buf_puts(&page, "</p>");
	web_page_reply(req, 200, &page);
}

/* ---- what is given ---- */

static void over(struct opening *opening)
{
	edition_unref(opening->edition);
}

static void on_file(void *arg, json_t *rows, const struct error *error)
{
	struct opening *opening = arg;
	json_t *row = json_array_get(rows, 0);
	if (error)
		web_page_fail(opening->req, error);
	else if (!row)
		web_page_dead_link(opening->req);
	else
		web_file_reply(opening->req, opening->asset->file, json_string_value(json_object_get(row, "bytes")),
			       (size_t)json_integer_value(json_object_get(row, "size")));
	over(opening);
}

static void give(struct opening *opening)
{
	struct web_request *req = opening->req;
	if (opening->asset->url) {
		http_reply_redirect(req->http, 303, str_of(opening->asset->url));
		over(opening);
		return;
	}
	const char *params[] = {arena_dup(http_arena(req->http), opening->edition->playbook->revision),
				arena_printf(http_arena(req->http), "library/%s", opening->asset->file)};
	store_query(req->web->store, "library_file", params, 2, on_file, opening);
}

static void on_recorded(void *arg, const struct error *error)
{
	struct opening *opening = arg;
	if (error) {
		web_page_fail(opening->req, error);
		over(opening);
		return;
	}
	metrics_add(opening->req->web->worker->metrics, METRIC_EVENTS_TAKEN, opening->event.event_id != 0);
	give(opening);
}

static struct str words_of(struct opening *opening, int64_t touch_id, const char *machine)
{
	const struct asset *asset = opening->asset;
	json_t *data = json_pack("{s:s*, s:s*, s:s*, s:s*}", "kind", asset->kind, "topic", asset->topic, "buying_stage", asset->buying_stage, "why", machine);
	if (touch_id)
		json_object_set_new(data, "touch", json_integer(touch_id));
	size_t n = json_dumpb(data, NULL, 0, JSON_COMPACT);
	char *text = arena_alloc(http_arena(opening->req->http), n + 1);
	json_dumpb(data, text, n, JSON_COMPACT);
	json_decref(data);
	return (struct str){text, n};
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct opening *opening = arg;
	if (error) {
		on_recorded(opening, error);
		return;
	}
	opening->event.at = now;
	opening->event.key = str_of(arena_printf(http_arena(opening->req->http), "asset:%s%lld:%u:%lld", opening->event.machine ? "machine:" : "",
						 (long long)opening->event.lead_id, asset_number(opening->asset), (long long)(now / MOMENT_HOUR)));
	opening->intake = (struct intake){.events = &opening->event, .event_count = 1, .now = now, .fn = on_recorded, .arg = opening};
	store_intake(opening->req->web->store, &opening->intake);
}

void web_asset_open(struct web_request *req)
{
	struct token token;
	const struct asset *asset = find(req, &token);
	if (!asset)
		return;
	if (!flood_take(req->web->flood, &address_limit, str_of(http_client_text(req->http)), mono_now()) ||
	    (asset->file && !flood_take(req->web->flood, &files_limit, STR(""), mono_now()))) {
		web_page_too_often(req);
		return;
	}
	struct opening *opening = arena_alloc(http_arena(req->http), sizeof *opening);
	opening->req = req;
	opening->asset = asset;
	opening->edition = edition_ref(web_edition(req->web));
	opening->event = (struct intake_event){.lead_id = token.lead_id, .verb = STR("asset.download"), .subject = str_of(asset->name)};
	const char *machine = web_machine_why(req, false);
	opening->event.machine = machine != NULL;
	opening->event.data = words_of(opening, token.touch_id, machine);
	if (machine && (strcmp(machine, "HEAD") == 0 || strcmp(machine, "prefetch") == 0))
		give(opening);
	else
		web_now(req->web, on_time, opening);
}
