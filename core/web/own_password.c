/* /password: who is signed in sets another password; the old one is asked for. All sessions of that person end, and this browser gets a new one. */
#include "base/password.h"
#include "store/people.h"
#include "web/sign_in.h"

struct setting {
	struct web_request *req;
	const char *name;
};

static void put_field(struct buf *page, const char *name, const char *label, const char *kind)
{
	buf_printf(page, "<label for=\"%s\">%s</label><input type=\"password\" id=\"%s\" name=\"%s\" required autocomplete=\"%s\">", name, label, name, name, kind);
}

static void show(struct web_request *req, int status, const char *notice)
{
	struct buf page = {0};
	web_page_begin(&page, "en", "Another password");
	web_staff_notice(&page, notice);
	buf_printf(&page, "<form method=\"post\" action=\"/password\"><input type=\"hidden\" name=\"csrf\" value=\"%s\">", req->csrf);
	put_field(&page, "old", "The password that you have", "current-password");
	put_field(&page, "password", "The new one, at least 10 letters", "new-password");
	put_field(&page, "again", "The new one once more", "new-password");
	buf_puts(&page, "<button>Set it</button></form><p><a href=\"/home\">Back</a></p>");
	web_staff_page(req, status, &page);
}

void web_password_get(struct web_request *req)
{
	show(req, 200, NULL);
}

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct setting *setting = arg;
	const json_t *row = json_array_get(rows, 0);
	const struct sign_in_person person = {.person_id = setting->req->asker_id, .name = setting->name, .epoch = json_integer_value(json_object_get(row, "epoch"))};
	if (error)
		web_fail(setting->req, error);
	else
		web_sign_in_begin(setting->req, &person, "/home");
}

static void on_set(void *arg, const struct error *error)
{
	struct setting *setting = arg;
	if (error)
		web_fail(setting->req, error);
	else
		store_query(setting->req->web->store, "login_find", &setting->name, 1, on_found, setting);
}

static void on_tried(struct web_request *req, enum sign_in what, const struct sign_in_person *person)
{
	struct setting *setting = arena_alloc(http_arena(req->http), sizeof *setting);
	*setting = (struct setting){.req = req, .name = req->asker_name};
	if (what == SIGN_IN_WRONG)
		show(req, 403, "That is not your password.");
	else if (what == SIGN_IN_TOO_OFTEN)
		show(req, 429, "Too many attempts that failed. Wait a minute, then try again.");
	else if (what == SIGN_IN_BUSY || !*person->made)
		show(req, 503, "Many people sign in just now. Try again in a moment.");
	else
		store_person_password(req->web->store, setting->name, person->made, req->actor, on_set, setting);
}

void web_password_post(struct web_request *req)
{
	struct http_params form = {0};
	struct error error = {0};
	if (http_form(req->http, &form, &error)) {
		web_fail(req, &error);
		return;
	}
	struct str wanted = http_param(&form, "password");
	if (!str_same(wanted, http_param(&form, "again")))
		show(req, 400, "The new password was not typed in the same way twice.");
	else if (password_check(wanted, req->asker_name, &error))
		show(req, 400, error.message);
	else
		web_sign_in_try(req, str_of(req->asker_name), http_param(&form, "old"), wanted, on_tried);
}
