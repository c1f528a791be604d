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

/* Into an attribute. */
static void put_escaped(FILE *out, const char *text)
{
	for (; *text; text++)
		if (strchr("&<>\"'", *text))
			fprintf(out, "&#%d;", *text);
		else
			fputc(*text, out);
}

/* The page with its marks filled in. The word against cross-site posts stands in it, where another site cannot read it. */
static void reply_page(struct desk *desk, const struct nurture_request *request, const char *text)
{
	const char *csrf = NURTURE_HAS(request, csrf) && request->csrf ? request->csrf : "";
	const struct { const char *mark, *value; } fills[] = {{"@CSRF@", csrf}, {"@AGENT@", request->asker_name}, {"@ROLE@", request->role}};
	char *page = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&page, &size);
	if (!out)
		abort();
	for (size_t i = 0; i < sizeof fills / sizeof *fills; i++) {
		const char *at = strstr(text, fills[i].mark);
		if (!at)
			continue;
		fwrite(text, 1, (size_t)(at - text), out);
		put_escaped(out, fills[i].value);
		text = at + strlen(fills[i].mark);
	}
	fputs(text, out);
	if (fclose(out))
		abort();
	reply(desk, request, "text/html; charset=utf-8", page, size);
	free(page);
}

void route_page(void *self, const struct nurture_request *request)
{
	reply_page(self, request, text_agent_html);
}

void route_script(void *self, const struct nurture_request *request)
{
	reply(self, request, "text/javascript; charset=utf-8", text_agent_js, sizeof text_agent_js - 1);
}

void route_style(void *self, const struct nurture_request *request)
{
	reply(self, request, "text/css; charset=utf-8", text_agent_css, sizeof text_agent_css - 1);
}
