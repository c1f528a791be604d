/* The cookie `nv`, read and written. Called by everything public that may know a browser again: pages, links in mails, forms.
 *
 * The cookie says nothing but a number, and only who holds our key can make one; so a number cannot be guessed, and one of another
 * installation is noise. It is no proof of who a person is: it opens nothing, it only says where an event of this browser belongs. */
#include "web/visitor.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { LIFETIME = 395 * 86400 /* seconds: thirteen months */, TRIED = 4 /* cookies of our name that a browser may send */ };

static void put_hex(struct visitor *out, uint64_t high, uint64_t low)
{
	snprintf(out->hex, sizeof out->hex, "%016" PRIx64 "%016" PRIx64, high, low);
}

bool web_visitor_token(const struct token_keys *keys, struct str text, struct visitor *out)
{
	struct token token;
	*out = (struct visitor){0};
	if (!keys->count || !token_read(keys, text, TOKEN_VISITOR, &token))
		return false;
	put_hex(out, (uint64_t)token.touch_id, (uint64_t)token.lead_id);
	return true;
}

bool web_visitor_find(const struct token_keys *keys, struct str cookies, struct visitor *out)
{
	int tried = 0;
	*out = (struct visitor){0};
	while (keys->count && cookies.p && tried < TRIED) {
		struct str pair = str_trim(str_cut(&cookies, ';'));
		if (str_starts(pair, STR("nv=")) && ++tried && web_visitor_token(keys, (struct str){pair.p + 3, pair.n - 3}, out))
			return true;
	}
	return false;
}

bool web_visitor_read(const struct web_request *req, struct visitor *out)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	*out = (struct visitor){0};
	return !web_visitor_refuses(req) && web_visitor_find(&keys, http_header(req->http, "Cookie"), out);
}

void web_visitor_new(struct visitor *out)
{
	uint64_t number[2];
	hash_random(number, sizeof number);
	put_hex(out, number[0], number[1]);
}

static struct str set_cookie(struct arena *arena, const char *value, int lifetime, bool https)
{
	return str_of(arena_printf(arena, "nv=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", value, lifetime, https ? "; Secure" : ""));
}

static bool is_https(const struct web_request *req)
{
	return strncmp(req->web->worker->config->public_url, "https:", 6) == 0;
}

struct str web_visitor_write(const struct token_keys *keys, const struct visitor *visitor, bool https, struct arena *arena)
{
	struct token token = {.purpose = TOKEN_VISITOR};
	char text[TOKEN_TEXT], half[VISITOR_HEX / 2 + 1] = "";
	if (!keys->count || strlen(visitor->hex) != VISITOR_HEX - 1)
		return (struct str){"", 0};
	memcpy(half, visitor->hex, sizeof half - 1);
	token.touch_id = (int64_t)strtoull(half, NULL, 16);
	token.lead_id = (int64_t)strtoull(visitor->hex + sizeof half - 1, NULL, 16);
	token_write(keys, &token, text);
	return set_cookie(arena, text, LIFETIME, https);
}

struct str web_visitor_cookie(const struct web_request *req, const struct visitor *visitor)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	return web_visitor_write(&keys, visitor, is_https(req), http_arena(req->http));
}

struct str web_visitor_forget(const struct web_request *req)
{
	return set_cookie(http_arena(req->http), "", 0, is_https(req));
}

bool web_visitor_asks(const struct web *web)
{
	const struct playbook *playbook = web_playbook(web);
	for (size_t i = 0; playbook && i < playbook->consent_count; i++)
		if (strcmp(playbook->consents[i].channel, "cookie") == 0)
			return playbook->consents[i].unknown != NEED_OPT_OUT;
	return !playbook;
}

bool web_visitor_refuses(const struct web_request *req)
{
	return str_is(http_header(req->http, "Sec-GPC"), "1");
}
