/* /f/{form}: the forms that the playbook declares.
 *
 *   GET  /f/demo             the page; with Accept: application/json what is asked; ?part=form the form alone
 *   GET  /f/demo.js          a script that puts the form into a page of somebody else
 *   POST /f/demo             urlencoded, multipart or JSON: 200 and thanks, 400 and the form again with what is wrong, 429 too often
 *
 * Public: any site may post here and nothing is believed but what the form itself asks, so there is no session to ride on. A showing of the form
 * is a sealed token: without one (a copied form, a blind robot), after a day, or within a second and a half of it the form is shown again with what was
 * filled in, and nothing is taken. The answer to a form does not tell whether its address is known, nor does what is asked of that browser afterwards:
 * what it filled in itself is not asked again; what is known of a person is left out only where a click, a login or the lead's first form showed that
 * the browser is theirs (identity.how). Who types another address than the browser sent last, and than its person has, is somebody else: what is needed
 * is asked of them, too, whether we know that address or not. */
#include "web/form.h"

#include "web/flood.h"
#include "web/visitor.h"

static const struct flood_limit address_limit = {"form address", 20, INT64_C(6000000)}, network_limit = {"form network", 100, INT64_C(1000000)},
				form_limit = {"form", 500, INT64_C(100000)}, email_limit = {"form email", 6, INT64_C(600000000)},
				showing_limit = {"form showing", 6, INT64_C(600000000)};

void form_over(struct form_page *page)
{
	edition_unref(page->edition);
	page->edition = NULL;
}

static void reply_none(struct web_request *req)
{
	if (web_wants_json(req))
		web_refuse(req, ERROR_NOT_FOUND, NULL, "there is no such form.");
	else
		web_page_say(req, 404, web_word(web_language(req->web), WORD_NOT_HERE), NULL);
}

/* NULL: replied to. */
static struct form_page *open_page(struct web_request *req, struct str name)
{
	struct edition *edition = web_edition(req->web);
	if (!edition || !req->web->key_count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		return NULL;
	}
	const struct form *form = playbook_form(edition->playbook, name);
	if (!form) {
		reply_none(req);
		return NULL;
	}
	struct form_page *page = arena_alloc(http_arena(req->http), sizeof *page);
	*page = (struct form_page){.req = req, .edition = edition_ref(edition), .playbook = edition->playbook, .form = form, .json = web_wants_json(req)};
	return page;
}

/* ---- who asks ---- */

typedef void page_fn(struct form_page *page, json_t *known);
struct asking {
	struct form_page *page;
	page_fn *fn;
};

static void go_on(struct form_page *page, json_t *known, page_fn *fn)
{
	form_choose(page, known);
	fn(page, known);
}

/* Without the database the form asks everything, as of a stranger. */
static void on_known(void *arg, json_t *rows, const struct error *error)
{
	struct asking *asking = arg;
	go_on(asking->page, error ? NULL : json_array_get(rows, 0), asking->fn);
}

/* Only what is known of the browser's own lead changes what is asked, and only which questions: no answer of anybody is ever shown. */
static void with_known(struct form_page *page, page_fn *fn)
{
	struct visitor visitor;
	struct web_request *req = page->req;
	if (web_visitor_refuses(req) || !web_visitor_read(req, &visitor)) {
		go_on(page, NULL, fn);
		return;
	}
	struct asking *asking = arena_alloc(http_arena(req->http), sizeof *asking);
	const char *params[] = {arena_dup(http_arena(req->http), visitor.hex)};
	*asking = (struct asking){page, fn};
	store_query(req->web->store, "visitor_known", params, 1, on_known, asking);
}

/* ---- GET ---- */

static void show(struct form_page *page, json_t *known)
{
	(void)known;
	form_place_query(page);
	if (page->json)
		form_reply_json(page);
	else
		form_reply_page(page, 200);
	form_over(page);
}

void web_form_get(struct web_request *req)
{
	struct str name = req->args[0];
	bool script = str_ends(name, STR(".js"));
	if (script)
		name.n -= 3;
	struct form_page *page = open_page(req, name);
	if (!page)
		return;
	bool part = str_is(http_param(http_query(req->http), "part"), "form");
	if (!script && !part) {
		with_known(page, show);
		return;
	}
	form_choose(page, NULL); /* the same for everybody: any site may read it */
	if (script)
		form_reply_script(page);
	else
		form_reply_part(page);
	form_over(page);
}

/* Asked by browsers before a page of another site posts JSON. */
void web_form_options(struct web_request *req)
{
	static const struct http_header headers[] = {{"Allow", {"GET, HEAD, POST, OPTIONS", 24}},
						     {"Access-Control-Allow-Origin", {"*", 1}},
						     {"Access-Control-Allow-Methods", {"GET, POST", 9}},
						     {"Access-Control-Allow-Headers", {"Content-Type", 12}},
						     {"Access-Control-Max-Age", {"86400", 5}},
						     {0}};
	http_reply(req->http, 204, headers, STR(""));
}

/* ---- POST ---- */

static bool allowed(struct web_request *req, const struct form *form)
{
	char network[16];
	struct flood *flood = req->web->flood;
	mono_t now = mono_now();
	return flood_take(flood, &address_limit, str_of(http_client_text(req->http)), now) &&
	       flood_take(flood, &network_limit, flood_network(http_client(req->http), network), now) &&
	       flood_take(flood, &form_limit, str_of(form->name), now);
}

/* What an e-mail address may be written into, and one showing be sent: whoever they belong to. */
static bool allowed_more(const struct form_page *page)
{
	struct flood *flood = page->req->web->flood;
	struct str showing = {(const char *)&page->instance, sizeof page->instance};
	return flood_take(flood, &email_limit, page->email, mono_now()) && flood_take(flood, &showing_limit, showing, mono_now());
}

static void show_again(struct form_page *page)
{
	if (page->json)
		form_reply_wrong(page);
	else
		form_reply_page(page, 400);
}

/* Whoever filled in the trap is told what everybody is told. */
static void take(struct form_page *page, json_t *known)
{
	if (form_read(page, known) < 0) {
		form_over(page);
		return;
	}
	if (page->all) {
		form_reply_page(page, 200);
		form_over(page);
		return;
	}
	if (!page->trapped && !page->wrong && !page->stale && allowed_more(page)) {
		form_keep(page);
		return;
	}
	if (page->trapped)
		form_reply_thanks(page, 0, false);
	else if (page->wrong || page->stale)
		show_again(page);
	else
		web_page_too_often(page->req);
	form_over(page);
}

void web_form_post(struct web_request *req)
{
	struct form_page *page = open_page(req, req->args[0]);
	if (!page)
		return;
	if (allowed(req, page->form)) {
		with_known(page, take);
		return;
	}
	web_page_too_often(req);
	form_over(page);
}
