/* What whoever filled in a form sees then: words, a page of the playbook, or a page of the company's own site, to which the browser is sent (303). Where it
 * goes stands in the playbook alone. Called by form.c and form_keep.c; who filled in the trap is answered as everybody is. */
#include "web/form.h"

#include <string.h>

/* ---- where a form may lead ---- */

/* Browsers hold `form-action` against the redirect after a form, too (Content Security Policy 3, 6.4.1.1; Chromium), so the page that shows the form has to name
 * the site of its thanks. The playbook's check lets no letter into the host that could end the word. */
void form_put_origin(struct buf *policy, const struct form *form)
{
	if (!form->goes)
		return;
	size_t scheme = strlen("https://");
	buf_putc(policy, ' ');
	buf_put(policy, form->goes, scheme + strcspn(form->goes + scheme, "/?#"));
}

void form_reply_framed(struct form_page *page, int status, struct buf *html)
{
	struct buf policy = {0};
	buf_puts(&policy, "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'");
	form_put_origin(&policy, page->form);
	const struct http_header headers[] = {{"Content-Security-Policy", buf_str(&policy)}, {0}};
	web_page_reply_with(page->req, status, headers, html);
	buf_fini(&policy);
}

/* ---- thanks ---- */

/* Whoever ticked a box reads the same, whether anybody is known or was written to. */
const char *form_notice(const struct form_page *page)
{
	for (size_t i = 0; page->form->asks_again && i < page->form->consent_count; i++)
		if (page->agreed[i])
			return web_word(page->playbook->language, WORD_MAY_CONFIRM);
	return NULL;
}

void form_reply_thanks(struct form_page *page, int64_t lead_id, bool made)
{
	const char *language = page->playbook->language, *thanks = page->form->thanks;
	const char *url = page->form->gives && lead_id ? web_asset_url(page->req, page->form->gives, lead_id, made) : NULL;
	const char *notice = form_notice(page);
	struct buf out = {0};
	if (page->json) {
		http_reply_json(page->req->http, 200, form_cors,
				json_pack("{s:s, s:s?, s:s*, s:s*}", "thanks", thanks ? thanks : web_word(language, WORD_THANKS_TEXT), "asset", url, "notice", notice,
					  "location", page->form->goes));
		return;
	}
	if (page->form->goes) {
		http_reply_redirect(page->req->http, 303, str_of(page->form->goes));
		return;
	}
	if (page->form->page) {
		landing_reply_thanks(page, url);
		return;
	}
	web_page_begin(&out, language, web_word(language, WORD_THANKS));
	web_put_paragraphs(&out, thanks ? thanks : web_word(language, WORD_THANKS_TEXT));
	if (notice)
		web_put_paragraphs(&out, notice);
	if (url) {
		buf_puts(&out, "<p><a class=\"button\"");
		buf_puts(&out, " href=\"");
		buf_put_html(&out, str_of(url));
		buf_puts(&out, "\">");
		web_put_text(&out, page->form->gives->title);
		buf_puts(&out, "</a></p>");
	}
	web_page_reply(page->req, 200, &out);
}
