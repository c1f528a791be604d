/* /u/{token}: the way out of a channel (RFC 8058, RFC 2369).
 *
 * GET and HEAD show a page and change nothing, however often a scanner asks. POST, with any body and from anywhere, takes the consent
 * back, cancels what is open and answers 200 with a page; again: the same. An address that is not a token of ours gets the
 * same answer as one that never was. */
#include "web/consent.h"

static const char PAGE_HEAD[] =
	"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
	"<meta name=\"robots\" content=\"noindex\"><title>E-mail preferences</title><style>body{font:16px/1.5 system-ui,sans-serif;"
	"max-width:32rem;margin:4rem auto;padding:0 1rem;color:#222}button{font:inherit;padding:.6rem 1.2rem;border:0;"
	"border-radius:.3rem;background:#1a5fb4;color:#fff;cursor:pointer}</style></head><body>";

static void reply_page(struct web_request *req, int status, const char *inside)
{
	struct str page = str_of(arena_printf(http_arena(req->http), "%s%s</body></html>", PAGE_HEAD, inside));
	http_reply_html(req->http, status, NULL, page);
}

static bool read_token(struct web_request *req, struct token *token)
{
	struct token_keys keys = {req->web->keys, req->web->key_count};
	if (!keys.count) {
		web_refuse(req, ERROR_UNAVAILABLE, NULL, "not ready yet: try again in a moment.");
		return false;
	}
	if (token_read(&keys, req->args[0], TOKEN_UNSUBSCRIBE, token))
		return true;
	reply_page(req, 404, "<h1>This link does not work</h1><p>Please use the link of a newer message, or answer the message itself.</p>");
	return false;
}

void web_unsubscribe_get(struct web_request *req)
{
	struct token token;
	if (read_token(req, &token))
		reply_page(req, 200,
			   "<h1>No more e-mails?</h1><p>Nothing has changed yet. Press the button and we will send you no more marketing e-mails.</p>"
			   "<form method=\"post\"><button name=\"List-Unsubscribe\" value=\"One-Click\">Unsubscribe</button></form>");
}

static void on_withdrawn(struct web_consent *change, const struct error *error)
{
	if (error)
		web_fail(change->req, error);
	else
		reply_page(change->req, 200, "<h1>You are unsubscribed</h1><p>We will send you no more marketing e-mails.</p>");
}

void web_unsubscribe_post(struct web_request *req)
{
	struct token token;
	if (!read_token(req, &token))
		return;
	struct web_consent *change = arena_alloc(http_arena(req->http), sizeof *change);
	*change = (struct web_consent){.req = req,
				       .fn = on_withdrawn,
				       .consent = {.lead_id = token.lead_id,
						   .channel = STR("email"),
						   .purpose = STR("marketing"),
						   .source = STR("unsubscribe"),
						   .wording = STR("Unsubscribe"),
						   .ip = str_of(http_client_text(req->http)),
						   .state = CONSENT_WITHDRAWN}};
	web_consent_record(change);
}
