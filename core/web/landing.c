/* /z/{page}: pages of the playbook (templates/page/NAME.html), with its forms in them.
 *
 * What is HTML in the template stands as marketing wrote it; what is data is escaped, and there is little of it, as a page names nothing of a
 * lead. Where {{ form.NAME }} stands, a mark comes out of rendering that no text can hold, and the form is put there. Pages may
 * have styles, pictures and fonts from anywhere, and scripts from this server alone (/t.js). */
#include "playbook/template.h"
#include "web/form.h"

#include "base/log.h"

#include <string.h>

static const char POLICY[] = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline' 'self' https:; img-src 'self' data: https:; "
			     "font-src https:; media-src https:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

struct landing {
	struct web_request *req;
	struct edition *edition;
	const char *name;
	const char *data;      /* JSON for data.*; NULL = none */
	struct buf policy;     /* POLICY, and the sites to which the page's forms lead */
};

static void put_form(struct buf *out, struct landing *landing, struct str name)
{
	const struct playbook *playbook = landing->edition->playbook;
	struct form_page page = {.req = landing->req, .playbook = playbook, .form = playbook_form(playbook, name)};
	if (!page.form)
		return;
	form_choose(&page, NULL);
	form_place_query(&page);
	form_put(out, &page, false);
	form_put_origin(&landing->policy, page.form);
}

/* …\1demo\1… → the form. */
static void put_html(struct buf *out, struct landing *landing, struct str html)
{
	for (bool inside = false; html.p; inside = !inside) {
		struct str part = str_cut(&html, '\1');
		if (inside)
			put_form(out, landing, part);
		else
			buf_put(out, part.p, part.n);
	}
}

static void reply(struct landing *landing, moment_t now)
{
	struct arena *arena = http_arena(landing->req->http);
	struct template_fields fields = {0};
	struct error error = {0};
	struct touch touch = {.data = str_of(landing->data)};
	struct template_input input = {.view = {.now = now}, .touch = &touch, .public_url = landing->req->web->worker->config->public_url,
				       .postal_address = landing->edition->playbook->postal_address};
	struct buf out = {0};
	buf_puts(&landing->policy, POLICY);
	if (playbook_render(landing->edition->playbook, STR("page"), str_of(landing->name), &input, arena, &fields, &error) < 0) {
		log_error("page.template", log_str("page", landing->name), log_str("where", error.where), log_str("message", error.message));
		web_page_say(landing->req, 500, web_word(web_language(landing->req->web), WORD_LATER), NULL);
		return;
	}
	for (size_t i = 0; i < fields.count; i++)
		if (strcmp(fields.items[i].name, "html") == 0)
			put_html(&out, landing, fields.items[i].value);
	const struct http_header headers[] = {{"Content-Security-Policy", buf_str(&landing->policy)}, {0}};
	http_reply_html(landing->req->http, 200, headers, buf_str(&out));
	buf_fini(&out);
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct landing *landing = arg;
	if (error)
		web_page_fail(landing->req, error);
	else
		reply(landing, now);
	edition_unref(landing->edition);
	buf_fini(&landing->policy);
}

static struct landing *open_landing(struct web_request *req, struct edition *edition, struct str name)
{
	struct landing *landing = arena_alloc(http_arena(req->http), sizeof *landing);
	*landing = (struct landing){.req = req, .edition = edition_ref(edition), .name = arena_dup_n(http_arena(req->http), name.p, name.n)};
	return landing;
}

void web_landing_get(struct web_request *req)
{
	struct edition *edition = web_edition(req->web);
	if (!edition || !req->web->key_count)
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
	else if (!playbook_has_page(edition->playbook, req->args[0]))
		web_page_say(req, 404, web_word(web_language(req->web), WORD_NOT_HERE), NULL);
	else
		web_now(req->web, on_time, open_landing(req, edition, req->args[0]));
}

void landing_reply_thanks(struct form_page *page, const char *asset_url)
{
	struct landing *landing = open_landing(page->req, page->edition, str_of(page->form->page));
	struct buf data = {0};
	buf_puts(&data, "{\"form\":");
	buf_put_json(&data, str_of(page->form->name));
	if (asset_url) {
		buf_puts(&data, ",\"asset_url\":");
		buf_put_json(&data, str_of(asset_url));
	}
	if (form_notice(page)) {
		buf_puts(&data, ",\"notice\":");
		buf_put_json(&data, str_of(form_notice(page)));
	}
	buf_putc(&data, '}');
	landing->data = arena_dup_n(http_arena(page->req->http), data.p, data.n);
	buf_fini(&data);
	web_now(page->req->web, on_time, landing);
}
