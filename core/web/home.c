/* /home: where a person goes after the log-in, by role: pages of channels, reports, one's own password. Links stand here only where they may be followed. */
#include "web/sign_in.h"

static const struct {
	const char *path, *title;
} readable[] = {
	{"/v1/reports/campaigns", "Campaigns (JSON)"}, {"/v1/campaigns", "Campaigns and who stands in them (JSON)"}, {"/v1/channels", "Channels (JSON)"},
	{"/v1/jobs", "Long work (JSON)"}, {"/v1/leads", "Leads (JSON)"},
};

static void put_link(struct buf *page, const char *path, const char *title, const char *beside)
{
	buf_puts(page, "<li><a href=\"");
	web_put_text(page, path);
	buf_puts(page, "\">");
	web_put_text(page, title);
	buf_puts(page, "</a>");
	if (beside) {
		buf_puts(page, " (");
		web_put_text(page, beside);
		buf_puts(page, ")");
	}
	buf_puts(page, "</li>");
}

static size_t put_channels(const struct web_request *req, struct buf *page)
{
	size_t n = 0;
	for (size_t i = 0; i < req->web->channel_route_count; i++) {
		const struct web_channel_route *row = &req->web->channel_routes[i];
		if (!row->title || !(row->route.scope == SCOPE_PUBLIC || web_role_may(req->role, &row->route)))
			continue;
		put_link(page, row->route.pattern, row->title, row->channel);
		n++;
	}
	return n;
}

void web_home_get(struct web_request *req)
{
	struct buf page = {0};
	web_page_begin(&page, "en", "Nurture");
	buf_puts(&page, "<p>You are signed in as <strong>");
	web_put_text(&page, req->asker_name);
	buf_puts(&page, "</strong>, ");
	web_put_text(&page, req->role);
	buf_puts(&page, ".</p><ul>");
	size_t n = put_channels(req, &page);
	for (size_t i = 0; web_scope_may(req->scope, SCOPE_READ) && i < sizeof readable / sizeof *readable; i++, n++)
		put_link(&page, readable[i].path, readable[i].title, NULL);
	buf_puts(&page, "</ul>");
	if (!n)
		buf_puts(&page, "<p>There is nothing for you here yet: no channel of this server has a page for your role.</p>");
	buf_printf(&page, "<p><a href=\"/password\">Another password</a></p><form method=\"post\" action=\"/logout\"><input type=\"hidden\" name=\"csrf\" value=\"%s\">"
			  "<button>Sign out</button></form>", req->csrf);
	web_staff_page(req, 200, &page);
}
