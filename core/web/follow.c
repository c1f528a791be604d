/* /o/{token}.gif and /c/{token}: the picture in a mail, and its links.
 *
 * The reader is answered at once, whatever becomes of what is kept (hits.c). The picture is the same for every address that begins so: nobody
 * learns from it whether a token is one of ours. A link goes only where we sealed it to go: the address is in the token, nothing of the
 * request has a say. It goes there for ever, also when nothing may be kept any more. */
#include "web/flood.h"
#include "web/hits.h"
#include "web/visitor.h"

/* Transparent, one pixel (GIF89a). */
static const unsigned char PICTURE[] = {0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00,
					0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00,
					0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x01, 0x44, 0x00, 0x3b};

/* Requests of one picture or link that are kept: by what is in the token, for the proxies of large providers fetch for thousands. */
static const struct flood_limit open_limit = {"open", 20, INT64_C(60000000)}, click_limit = {"click", 5, INT64_C(10000000)};

static bool is_again(struct web_request *req, const struct flood_limit *limit, const struct token *token)
{
	struct { int64_t touch; int64_t link; } key = {token->touch_id, token->link};
	return !flood_take(req->web->flood, limit, (struct str){(const char *)&key, sizeof key}, mono_now());
}

static struct token_keys keys_of(const struct web_request *req)
{
	return (struct token_keys){req->web->keys, req->web->key_count};
}

void web_open_get(struct web_request *req)
{
	static const struct http_header headers[] = {{"Content-Type", STR("image/gif")}, {"Cache-Control", STR("no-store")}, {0}};
	struct token_keys keys = keys_of(req);
	struct token token;
	struct str text = req->args[0];
	if (str_ends(text, STR(".gif")))
		text.n -= 4;
	if (keys.count && token_read(&keys, text, TOKEN_OPEN, &token) && !is_again(req, &open_limit, &token))
		web_hits_add(req->web->hits, &(struct hit){.touch_id = token.touch_id, .lead_id = token.lead_id, .why = web_machine_why(req, true)});
	http_reply(req->http, 200, headers, (struct str){(const char *)PICTURE, sizeof PICTURE});
}

/* The address as the event keeps it. What is sealed in one of our own (an asset's, a colleague's) opens pages in the lead's name: its place is told, not the token. */
static struct str told(struct web_request *req, struct str url)
{
	static const struct { const char *path; enum token_purpose purpose; } ours[] = {{"/d/", TOKEN_DOWNLOAD}, {"/r/", TOKEN_REFER}};
	const struct playbook *playbook = web_playbook(req->web);
	struct token_keys keys = keys_of(req);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		const char *at = memmem(url.p, url.n, ours[i].path, 3);
		struct str rest = at ? (struct str){at + 3, (size_t)(url.p + url.n - at) - 3} : (struct str){"", 0};
		struct token token;
		if (!at || !token_read(&keys, str_cut(&rest, '/'), ours[i].purpose, &token))
			continue;
		const struct asset *asset = playbook && token.link ? playbook_asset_numbered(playbook, token.link) : NULL;
		return str_of(arena_printf(http_arena(req->http), "%.*s%s", (int)(at + 3 - url.p), url.p, asset ? asset->name : ""));
	}
	return url;
}

struct str web_click_keep(struct web_request *req, const struct token *token, struct str url)
{
	struct visitor visitor;
	struct str cookie = {"", 0};
	const char *why = web_machine_why(req, false);
	if (!web_visitor_read(req, &visitor) && !why && !web_visitor_refuses(req) && !web_visitor_asks(req->web)) {
		web_visitor_new(&visitor);
		cookie = web_visitor_cookie(req, &visitor);
	}
	if (is_again(req, &click_limit, token))
		return cookie;
	web_hits_add(req->web->hits, &(struct hit){.touch_id = token->touch_id, .lead_id = token->lead_id, .link = (int)(token->link & 0xffff),
						   .links = (int)(token->link >> 16), .why = why, .url = told(req, url),
						   .visitor = visitor_str(&visitor)});
	return cookie;
}

void web_click_get(struct web_request *req)
{
	char *room = arena_alloc(http_arena(req->http), TOKEN_URL + 1);
	struct token_keys keys = keys_of(req);
	struct token token;
	struct str url;
	if (!keys.count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		return;
	}
	if (!token_link_read(&keys, req->args[0], TOKEN_CLICK, &token, room, &url)) {
		http_reply_html(req->http, 404, NULL,
				STR("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>This link does not work</title></head><body>"
				    "<h1>This link does not work</h1><p>Part of it may be missing. Please use the link in the message itself.</p></body></html>"));
		return;
	}
	struct str cookie = web_click_keep(req, &token, url);
	const struct http_header headers[] = {{"Location", url}, {"Cache-Control", STR("no-store")}, {cookie.n ? "Set-Cookie" : NULL, cookie}, {0}};
	http_reply(req->http, 302, headers, STR(""));
}
