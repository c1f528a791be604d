/* /login and /logout: plain HTML, without a script. A log-in is taken from our own page alone, makes a session that nobody can have known before, and goes on
 * to `next`, which is a path of this server or is not looked at. */
#include "store/people.h"
#include "web/sign_in.h"

static const char *next_of(struct str given, struct arena *arena)
{
	return web_own_path(given) ? arena_dup_n(arena, given.p, given.n) : "/home";
}

static void show(struct web_request *req, int status, const char *notice, const char *name, const char *next)
{
	struct buf page = {0};
	web_page_begin(&page, "en", "Sign in");
	web_staff_notice(&page, notice);
	buf_puts(&page, "<form method=\"post\" action=\"/login\"><label for=\"name\">Name</label><input type=\"text\" id=\"name\" name=\"name\" required "
			"autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" autofocus value=\"");
	web_put_text(&page, name);
	buf_puts(&page, "\"><label for=\"password\">Password</label><input type=\"password\" id=\"password\" name=\"password\" required "
			"autocomplete=\"current-password\"><input type=\"hidden\" name=\"next\" value=\"");
	web_put_text(&page, next);
	buf_puts(&page, "\"><button>Sign in</button></form>");
	web_staff_page(req, status, &page);
}

void web_login_get(struct web_request *req)
{
	show(req, 200, NULL, "", next_of(http_param(http_query(req->http), "next"), http_arena(req->http)));
}

static const struct {
	int status;
	const char *notice;
} refusals[] = {
	[SIGN_IN_WRONG] = {403, "That name and that password do not go together."},
	[SIGN_IN_TOO_OFTEN] = {429, "Too many attempts that failed. Wait a minute, then try again."},
	[SIGN_IN_BUSY] = {503, "Many people sign in just now. Try again in a moment."},
};

static void on_tried(struct web_request *req, enum sign_in what, const struct sign_in_person *person)
{
	struct http_params form = {0};
	struct error unread;
	if (http_form(req->http, &form, &unread))
		return; /* it was read before */
	struct str name = http_param(&form, "name");
	const char *next = next_of(http_param(&form, "next"), http_arena(req->http));
	if (what == SIGN_IN_RIGHT)
		web_sign_in_begin(req, person, next);
	else
		show(req, refusals[what].status, refusals[what].notice, arena_dup_n(http_arena(req->http), name.n ? name.p : "", name.n), next);
}

void web_login_post(struct web_request *req)
{
	struct http_params form = {0};
	struct error error = {0};
	const char *why = NULL;
	if (http_form(req->http, &form, &error))
		web_fail(req, &error);
	else if (!web_same_origin(req, &why))
		web_refuse(req, ERROR_DENIED, "Origin", "%s", why);
	else
		web_sign_in_try(req, str_trim(http_param(&form, "name")), http_param(&form, "password"), STR(""), on_tried);
}

static void on_ended(void *arg, const struct error *error)
{
	struct web_request *req = arg;
	if (error)
		web_fail(req, error);
	else
		web_staff_redirect(req, "", "/login");
}

void web_logout_post(struct web_request *req)
{
	store_session_end(req->web->store, req->session_id, req->actor, on_ended, req);
}
