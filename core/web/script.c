/* /t.js: the script for pages of the company's site (t.js beside this file). Its text depends on nothing but whether the playbook asks for consent
 * before a cookie, so browsers and proxies may keep it; a change is seen by the ETag. */
#include "web/visitor.h"

#include "base/hash.h"

#include "web/t.js.h"

static const char PLACE[] = "$ASKS$";

struct served {
	char *text;
	size_t n;
	char etag[24]; /* in quotes */
};

static void make(struct served *served, bool asks)
{
	struct buf text = {0};
	const char *place = strstr(text_t, PLACE);
	unsigned char digest[HASH_SHA256];
	char hex[HASH_HEX];
	buf_put(&text, text_t, (size_t)(place - text_t));
	buf_puts(&text, asks ? "true" : "false");
	buf_puts(&text, place + strlen(PLACE));
	hash_sha256(buf_str(&text), digest);
	hash_hex(digest, sizeof digest, hex);
	snprintf(served->etag, sizeof served->etag, "\"%.16s\"", hex);
	served->n = text.n;
	served->text = buf_take(&text);
}

void web_script_get(struct web_request *req)
{
	static struct served both[2]; /* for the life of the process */
	bool asks = web_visitor_asks(req->web);
	struct served *served = &both[asks];
	if (!served->text)
		make(served, asks);
	const struct http_header headers[] = {{"Content-Type", STR("text/javascript; charset=utf-8")}, {"Cache-Control", STR("public, max-age=3600")},
					      {"ETag", str_of(served->etag)}, {"Cross-Origin-Resource-Policy", STR("cross-origin")}, {0}};
	bool same = str_is(http_header(req->http, "If-None-Match"), served->etag);
	http_reply(req->http, same ? 304 : 200, headers, same ? STR("") : (struct str){served->text, served->n});
}
