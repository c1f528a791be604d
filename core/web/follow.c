/* /o/{token}.gif and /c/{token}: the picture in a mail, and its links.
 *
 * The reader is answered at once, whatever becomes of what is kept (hits.c). The picture is the same for every address that begins so: nobody
 * learns from it whether a token is one of ours. A link goes only where we sealed it to go: the address is in the token, nothing of the
 * request has a say. It goes there for ever, also when nothing may be kept any more. */
#include "web/hits.h"
#include "web/visitor.h"

/* Transparent, one pixel (GIF89a). */
static const unsigned char PICTURE[] = {0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00,
					0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00,
					0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x01, 0x44, 0x00, 0x3b};

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
	if (keys.count && token_read(&keys, text, TOKEN_OPEN, &token))
		web_hits_add(req->web->hits, &(struct hit){.touch_id = token.touch_id, .lead_id = token.lead_id, .machine = web_is_machine(req)});
	http_reply(req->http, 200, headers, (struct str){(const char *)PICTURE, sizeof PICTURE});
}

static void keep_click(struct web_request *req, const struct token *token, struct str url)
{
	struct visitor visitor;
	web_visitor_read(req, &visitor);
	web_hits_add(req->web->hits, &(struct hit){.touch_id = token->touch_id, .lead_id = token->lead_id, .link = (int)(token->link & 0xffff),
						   .links = (int)(token->link >> 16), .machine = web_is_machine(req), .url = url,
						   .visitor = visitor_str(&visitor)});
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
	keep_click(req, &token, url);
	http_reply_redirect(req->http, 302, url);
}
