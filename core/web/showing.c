/* Showings of forms: sealed tokens that say when which form was shown. They tell a person who filled in a page from a robot that posts blindly,
 * and one press of a button from two. */
#include "web/form.h"

#include "base/hash.h"

static const int64_t SHOWN_LONGEST = INT64_C(24) * 3600 * 1000000; /* then it is shown again, with what was filled in */
static const int64_t FILLED_FASTEST = 1500000;                     /* nobody reads and types in less */

const char *web_showing_write(struct web_request *req, uint32_t print)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	char *text = arena_alloc(http_arena(req->http), TOKEN_TEXT);
	struct token token = {.purpose = TOKEN_FORM, .touch_id = (int64_t)(hash_random_u64() >> 1 | 1), .lead_id = real_now(), .link = print};
	if (keys.count)
		token_write(&keys, &token, text);
	return text;
}

uint64_t web_showing_read(struct web_request *req, struct str text, uint32_t print)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	struct token token;
	if (!keys.count || !token_read(&keys, text, TOKEN_FORM, &token) || token.link != print)
		return 0;
	int64_t age = real_now() - token.lead_id;
	return age < FILLED_FASTEST || age > SHOWN_LONGEST ? 0 : (uint64_t)token.touch_id;
}
