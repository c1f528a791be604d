/* Pages for the public that we make ourselves: one frame, no script, everything escaped by whoever puts it in. */
#ifndef NURTURE_WEB_PAGE_H
#define NURTURE_WEB_PAGE_H

#include "base/buf.h"
#include "web/context.h"
#include "web/words.h"

/* The language of the active playbook, "en" without one. */
const char *web_language(const struct web *web);
/* Everything up to the content, with title as title and heading. */
void web_page_begin(struct buf *page, const char *language, const char *title);
/* Replies with what was written, closed; page is empty afterwards. */
void web_page_reply(struct web_request *req, int status, struct buf *page);
/* The same with headers of one's own, before and instead of the usual ones. */
void web_page_reply_with(struct web_request *req, int status, const struct http_header *headers, struct buf *page);
/* A whole page of a heading and a sentence; text may be NULL. */
void web_page_say(struct web_request *req, int status, const char *title, const char *text);
/* Would the client rather have JSON? By its Accept, or because it sent JSON. */
bool web_wants_json(const struct web_request *req);
/* 429: as a page, or as a problem. */
void web_page_too_often(struct web_request *req);
/* What went wrong on our side (web_fail), for whoever may be a person: as a page, or as a problem. */
void web_page_fail(struct web_request *req, const struct error *error);

/* Reads the token in the path; false: replied to already, with the answer that every wrong token gets. */
bool web_page_token(struct web_request *req, enum token_purpose purpose, struct token *out) MUST_USE;
/* The same for a token that says who somebody is, or one that only somebody typed in; which, says out->purpose. */
bool web_page_token_of(struct web_request *req, enum token_purpose believed, enum token_purpose typed, struct token *out) MUST_USE;
/* Addresses of our own pages for one lead, in the request's arena; "" while the keys are not known. `believed`: who has it is that lead. */
const char *web_asset_url(struct web_request *req, const struct asset *asset, int64_t lead_id, bool believed);
const char *web_refer_url(struct web_request *req, int64_t lead_id, bool believed);
void web_page_dead_link(struct web_request *req);

/* `<p>…</p>`, escaped; empty lines part paragraphs. */
void web_put_paragraphs(struct buf *page, const char *text);
static inline void web_put_text(struct buf *page, const char *text)
{
	buf_put_html(page, str_of(text));
}

#endif
