/* The frame of our own public pages: language and direction, a style that works both ways, nothing from elsewhere. */
#include "web/page.h"

#include "base/log.h"

#include <string.h>

static const char END[] = "</main></body></html>\n";
static const char STYLE[] =
	"<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#222;background:#fff}"
	"label,legend{display:block;font-weight:600;margin-top:1rem}fieldset{border:0;margin:0;padding:0}fieldset label,.box label{display:inline;"
	"font-weight:400}input,select,textarea{font:inherit;padding:.4rem;border:1px solid #767676;border-radius:.25rem}input[type=text],"
	"input[type=email],input[type=tel],input[type=url],input[type=number],input[type=date],input[type=password],select,textarea{width:100%;box-sizing:border-box}"
	".box{margin-top:1rem}.error{color:#a40000;margin:.2rem 0}.notice{border-inline-start:.25rem solid #a40000;padding-inline-start:.75rem}"
	"[aria-invalid=true]{border-color:#a40000}.trap{position:absolute;inset-inline-start:-200rem}button,.button{display:inline-block;font:inherit;"
	"margin-top:1.5rem;padding:.6rem 1.2rem;border:0;border-radius:.3rem;background:#1a5fb4;color:#fff;text-decoration:none;cursor:pointer}"
	"button.quiet{background:none;color:#1a5fb4;text-decoration:underline}"
	":focus-visible{outline:.2rem solid #e66100;outline-offset:.1rem}</style>";

const char *web_language(const struct web *web)
{
	const struct playbook *playbook = web_playbook(web);
	return playbook ? playbook->language : "en";
}

void web_page_begin(struct buf *page, const char *language, const char *title)
{
	buf_puts(page, "<!doctype html><html lang=\"");
	web_put_text(page, language);
	buf_printf(page, "\"%s><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
			 "<meta name=\"robots\" content=\"noindex\"><title>", web_is_rtl(language) ? " dir=\"rtl\"" : "");
	web_put_text(page, title);
	buf_printf(page, "</title>%s</head><body><main><h1>", STYLE);
	web_put_text(page, title);
	buf_puts(page, "</h1>");
}

void web_page_reply_with(struct web_request *req, int status, const struct http_header *headers, struct buf *page)
{
	buf_puts(page, END);
	http_reply_html(req->http, status, headers, buf_str(page));
	buf_fini(page);
}

void web_page_reply(struct web_request *req, int status, struct buf *page)
{
	web_page_reply_with(req, status, NULL, page);
}

void web_page_say(struct web_request *req, int status, const char *title, const char *text)
{
	struct buf page = {0};
	web_page_begin(&page, web_language(req->web), title);
	if (text)
		web_put_paragraphs(&page, text);
	web_page_reply(req, status, &page);
}

void web_page_dead_link(struct web_request *req)
{
	web_page_say(req, 404, web_word(web_language(req->web), WORD_DEAD_LINK), NULL);
}

bool web_page_token_of(struct web_request *req, enum token_purpose believed, enum token_purpose typed, struct token *out)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	if (!keys.count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		return false;
	}
	struct token one = {0}, other = {0};
	bool is_one = token_read(&keys, req->args[0], believed, &one), is_other = token_read(&keys, req->args[0], typed, &other);
	*out = is_one ? one : other;
	if (is_one || is_other)
		return true;
	web_page_dead_link(req);
	return false;
}

bool web_page_token(struct web_request *req, enum token_purpose purpose, struct token *out)
{
	return web_page_token_of(req, purpose, purpose, out);
}

void web_put_paragraphs(struct buf *page, const char *text)
{
	for (const char *end; *text; text = end) {
		end = strstr(text, "\n\n");
		end = end ? end : text + strlen(text);
		buf_puts(page, "<p>");
		buf_put_html(page, (struct str){text, (size_t)(end - text)});
		buf_puts(page, "</p>");
		end += strspn(end, "\n");
	}
}

bool web_wants_json(const struct web_request *req)
{
	struct str accept = http_header(req->http, "Accept");
	const char *json = accept.n ? memmem(accept.p, accept.n, "application/json", 16) : NULL;
	const char *html = accept.n ? memmem(accept.p, accept.n, "text/html", 9) : NULL;
	return json ? !html || json < html : !html && str_is(http_content_type(req->http), "application/json");
}

static void put_not_now(struct buf *page, const char *language)
{
	web_page_begin(page, language, web_word(language, WORD_LATER));
	web_put_paragraphs(page, web_word(language, WORD_NOT_NOW));
}

struct str web_late(struct http_request *http, void *arg)
{
	const struct web_request req = {.web = arg, .http = http};
	struct str accept = http_header(http, "Accept"), text = {0};
	struct buf page = {0};
	if (!accept.n || !memmem(accept.p, accept.n, "text/html", 9) || web_wants_json(&req))
		return text;
	put_not_now(&page, web_language(req.web));
	buf_puts(&page, END);
	text = (struct str){arena_dup_n(http_arena(http), page.p, page.n), page.n};
	buf_fini(&page);
	return text;
}

void web_page_fail(struct web_request *req, const struct error *error)
{
	static const struct http_header later[] = {{"Retry-After", {"5", 1}}, {0}};
	bool ours = error->code == ERROR_SYSTEM || error->code == ERROR_UNAVAILABLE;
	struct buf page = {0};
	if (web_wants_json(req) || !ours) {
		web_fail(req, error);
		return;
	}
	if (error->code == ERROR_SYSTEM)
		log_error("http.failed", log_int("status", 500), log_str("where", error->where), log_str("message", error->message));
	put_not_now(&page, web_language(req->web));
	web_page_reply_with(req, error->code == ERROR_SYSTEM ? 500 : 503, error->code == ERROR_SYSTEM ? NULL : later, &page);
}

void web_page_too_often(struct web_request *req)
{
	struct error error;
	const char *language = web_language(req->web);
	if (!web_wants_json(req)) {
		web_page_say(req, 429, web_word(language, WORD_LATER), web_word(language, WORD_TOO_OFTEN));
		return;
	}
	error_set(&error, ERROR_LIMIT, NULL, "%s", web_word("en", WORD_TOO_OFTEN));
	http_reply_problem(req->http, 429, &error);
}
