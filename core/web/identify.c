/* POST /v1/leads/{id}/identify: a token by which a page may say that its reader is this lead. The site's own server asks for it, for somebody who has
 * logged in there, and puts it into the page: nurture.push(["identify", TOKEN]). The page tells it to /b (beacon.c). Good for 24 hours, and of no other
 * use: it is sealed for this purpose alone. It says when it was given: of two people who log in with one browser it is the later one's, whatever pages of
 * the other say afterwards. */
#include "web/identify.h"

static const int64_t GOOD_FOR = 24 * 60; /* minutes */

int64_t web_identify_read(const struct web *web, json_t *json, moment_t *said_at)
{
	struct token_keys keys = {web->keys, web->key_count};
	struct token token;
	if (!json_is_string(json) || !keys.count ||
	    !token_read(&keys, (struct str){json_string_value(json), json_string_length(json)}, TOKEN_IDENTIFY, &token))
		return 0;
	*said_at = token.touch_id ? token.touch_id : token.link * MOMENT_MINUTE; /* programs of before this gave the minute alone */
	return real_now() / MOMENT_MINUTE - token.link <= GOOD_FOR ? token.lead_id : 0;
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	char text[TOKEN_TEXT];
	if (!keys.count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		return;
	}
	moment_t now = real_now();
	token_write(&keys, &(struct token){.purpose = TOKEN_IDENTIFY, .touch_id = now, .lead_id = lead_id, .link = (uint32_t)(now / MOMENT_MINUTE)}, text);
	http_reply_json(req->http, 200, NULL, json_pack("{s:I, s:s, s:i}", "lead", (json_int_t)lead_id, "token", text, "good_for", (int)GOOD_FOR * 60));
}

void web_identify_post(struct web_request *req)
{
	web_find_living_lead(req, req->args[0], on_lead);
}
