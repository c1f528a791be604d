/* Addresses of our own pages, sealed for one lead. */
#include "web/page.h"

static const char *sealed(struct web_request *req, const char *path, struct token token)
{
	char text[TOKEN_TEXT];
	struct token_keys keys = {req->web->keys, req->web->key_count};
	if (!keys.count)
		return "";
	token_write(&keys, &token, text);
	return arena_printf(http_arena(req->http), "%s/%s/%s", req->web->worker->config->public_url, path, text);
}

const char *web_asset_url(struct web_request *req, const struct asset *asset, int64_t lead_id, bool believed)
{
	return sealed(req, "d", (struct token){.purpose = believed ? TOKEN_DOWNLOAD : TOKEN_GIVEN, .lead_id = lead_id, .link = asset_number(asset)});
}

const char *web_refer_url(struct web_request *req, int64_t lead_id, bool believed)
{
	return sealed(req, "r", (struct token){.purpose = believed ? TOKEN_REFER : TOKEN_CLAIM, .lead_id = lead_id});
}
