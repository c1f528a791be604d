/* The agents' page: a frame, a script and a style, as files of this folder that the build embeds. All that comes from leads is put in by the script as text, never as HTML; the policy
 * lets nothing run or load but these two files. */
#include "desk.h"

#include "agent.css.h"
#include "agent.html.h"
#include "agent.js.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct nurture_pair policy[] = {
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
};

static void reply(struct desk *desk, const struct nurture_request *request, const char *type, const char *text, size_t n)
{
	const struct nurture_reply all = {.size = sizeof all, .status = 200, .content_type = type, .body = text, .body_length = n, .headers = policy, .header_count = 1};
	desk->host->reply(desk->host->data, request->handle, &all);
}

/* The word against cross-site posts stands in the page, where another site cannot read it. */
void route_page(void *self, const struct nurture_request *request)
{
	static const char mark[] = "@CSRF@";
	const char *csrf = NURTURE_HAS(request, csrf) && request->csrf ? request->csrf : "", *at = strstr(text_agent_html, mark);
	size_t before = (size_t)(at - text_agent_html), n = strlen(csrf);
	char *page = malloc(sizeof text_agent_html + n);
	if (!page)
		abort();
	bool plain = strspn(csrf, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=") == n;
	int length = snprintf(page, sizeof text_agent_html + n, "%.*s%s%s", (int)before, text_agent_html, plain ? csrf : "", at + sizeof mark - 1);
	reply(self, request, "text/html; charset=utf-8", page, (size_t)length);
	free(page);
}

void route_script(void *self, const struct nurture_request *request)
{
	reply(self, request, "text/javascript; charset=utf-8", text_agent_js, sizeof text_agent_js - 1);
}

void route_style(void *self, const struct nurture_request *request)
{
	reply(self, request, "text/css; charset=utf-8", text_agent_css, sizeof text_agent_css - 1);
}
