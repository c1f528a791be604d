/* /r/{token}: a lead names a colleague. The colleague becomes a lead (source "referral", event referral.receive with who it was), the one who named
 * it has done something too (referral.make). Nobody is written to because of it: what the colleague gets, if anything, is for the playbook to say
 * and for the gate to let through. A lead that is known already is changed in nothing. Which of these it was, the answer does not tell.
 *
 * Where the link came from a form in which somebody typed a known lead's address, nobody has shown to be that lead: the colleague is taken in all the same,
 * with `claimed_by` for `by`, and the lead whose name it was has done nothing. */
#include "web/form.h"

#include "base/hash.h"
#include "web/flood.h"

#include <stdlib.h>

enum { NAME_MOST = 100 };
static const struct flood_limit address_limit = {"refer address", 10, INT64_C(60000000)}, lead_limit = {"refer lead", 5, INT64_C(3600000000)},
				colleague_limit = {"refer colleague", 2, INT64_C(3600000000)};

struct referral {
	struct web_request *req;
	struct token token;
	struct str email, first, last; /* as they came; email normalised once it was read */
	bool wrong, stale;
	uint64_t showing;
	struct intake intake;
	struct intake_event events[2];
};

static uint32_t print_of(const struct token *token)
{
	return (uint32_t)hash_stable((struct str){(const char *)&token->lead_id, sizeof token->lead_id}) ^ 0x72656672;
}

static const char *word(const struct referral *referral, enum web_word which)
{
	return web_word(web_language(referral->req->web), which);
}

/* ---- the page ---- */

static void put_input(struct buf *page, const struct referral *referral, const char *name, const char *attributes, enum web_word label, struct str value)
{
	buf_printf(page, "<label for=\"q-%s\">", name);
	web_put_text(page, word(referral, label));
	buf_printf(page, "</label><input id=\"q-%s\" name=\"%s\" autocomplete=\"off\" %s value=\"", name, name, attributes);
	buf_put_html(page, value);
	buf_puts(page, "\">");
}

static void show(struct referral *referral, int status)
{
	struct buf page = {0};
	bool wrong = referral->wrong;
	web_page_begin(&page, web_language(referral->req->web), word(referral, WORD_REFER));
	web_put_paragraphs(&page, word(referral, WORD_REFER_TEXT));
	if (wrong || referral->stale) {
		buf_puts(&page, "<p class=\"notice\" role=\"alert\">");
		web_put_text(&page, word(referral, wrong ? WORD_LOOK_AGAIN : WORD_SEND_AGAIN));
		buf_puts(&page, "</p>");
	}
	buf_puts(&page, "<form method=\"post\" accept-charset=\"utf-8\">");
	put_input(&page, referral, "email", wrong ? "type=\"text\" inputmode=\"email\" required aria-invalid=\"true\" aria-describedby=\"e-email\"" : "type=\"text\" inputmode=\"email\" required",
		  WORD_REFER_EMAIL, referral->email);
	if (wrong)
		buf_printf(&page, "<p class=\"error\" id=\"e-email\">%s</p>", word(referral, WORD_NO_EMAIL));
	put_input(&page, referral, "first_name", "type=\"text\" maxlength=\"100\"", WORD_REFER_FIRST, referral->first);
	put_input(&page, referral, "last_name", "type=\"text\" maxlength=\"100\"", WORD_REFER_LAST, referral->last);
	buf_printf(&page, "<div class=\"trap\" aria-hidden=\"true\"><label>%s <input type=\"text\" name=\"" FORM_TRAP "\" tabindex=\"-1\" autocomplete=\"off\"></label></div>",
		   word(referral, WORD_LEAVE_EMPTY));
	buf_printf(&page, "<input type=\"hidden\" name=\"" FORM_INSTANCE "\" value=\"%s\"><div><button>", web_showing_write(referral->req, print_of(&referral->token)));
	web_put_text(&page, word(referral, WORD_REFER_BUTTON));
	buf_puts(&page, "</button></div></form>");
	web_page_reply(referral->req, status, &page);
}

static void say_thanks(struct referral *referral)
{
	web_page_say(referral->req, 200, word(referral, WORD_REFERRED), word(referral, WORD_REFERRED_TEXT));
}

/* NULL: replied to. */
static struct referral *open_referral(struct web_request *req)
{
	struct token token;
	if (!web_page_token_of(req, TOKEN_REFER, TOKEN_CLAIM, &token))
		return NULL;
	struct referral *referral = arena_alloc(http_arena(req->http), sizeof *referral);
	*referral = (struct referral){.req = req, .token = token, .email = STR(""), .first = STR(""), .last = STR("")};
	return referral;
}

void web_refer_get(struct web_request *req)
{
	struct referral *referral = open_referral(req);
	if (referral)
		show(referral, 200);
}

/* ---- what was named ---- */

static void on_taken(void *arg, const struct error *error)
{
	struct referral *referral = arg;
	if (error)
		web_page_fail(referral->req, error);
	else
		say_thanks(referral);
}

static struct str set_text(struct referral *referral)
{
	json_t *set = json_pack("{s:s}", "source", "referral"), *data = json_pack("{s:o}", "set", set);
	if (referral->first.n)
		json_object_set_new(set, "first_name", json_stringn(referral->first.p, referral->first.n));
	if (referral->last.n)
		json_object_set_new(set, "last_name", json_stringn(referral->last.p, referral->last.n));
	char *text = json_dumps(data, JSON_COMPACT);
	struct str out = arena_str(http_arena(referral->req->http), str_of(text));
	free(text);
	json_decref(data);
	return out;
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct referral *referral = arg;
	struct arena *arena = http_arena(referral->req->http);
	long long by = (long long)referral->token.lead_id;
	bool believed = referral->token.purpose == TOKEN_REFER;
	if (error) {
		web_page_fail(referral->req, error);
		return;
	}
	referral->events[0] = (struct intake_event){
		.email = referral->email, .verb = STR("referral.receive"), .create = true, .source = STR("referral"), .create_data = set_text(referral),
		.data = str_of(arena_printf(arena, "{\"%s\":%lld}", believed ? "by" : "claimed_by", by)), .at = now,
		.key = str_of(arena_printf(arena, "refer:%lld:%.*s", by, STR_ARG(referral->email)))};
	referral->events[1] = (struct intake_event){.lead_id = referral->token.lead_id, .verb = STR("referral.make"), .at = now,
						    .key = str_of(arena_printf(arena, "refers:%lld:%.*s", by, STR_ARG(referral->email)))};
	referral->intake = (struct intake){.events = referral->events, .event_count = believed ? 2 : 1, .now = now, .fn = on_taken, .arg = referral};
	store_intake(referral->req->web->store, &referral->intake);
}

/* Who names nobody but oneself has named nobody, and is thanked all the same. */
static void on_known(void *arg, json_t *rows, const struct error *error)
{
	struct referral *referral = arg;
	if (error)
		web_page_fail(referral->req, error);
	else if (json_integer_value(json_object_get(json_array_get(rows, 0), "lead_id")) == referral->token.lead_id)
		say_thanks(referral);
	else
		web_now(referral->req->web, on_time, referral);
}

static void look_up(struct referral *referral)
{
	const char *email = arena_dup_n(http_arena(referral->req->http), referral->email.p, referral->email.n);
	store_query(referral->req->web->store, "lead_find", &email, 1, on_known, referral);
}

static struct str name_of(const struct http_params *params, const char *name)
{
	struct str text = str_trim(http_param(params, name));
	return text.n && str_is_text(text) && str_utf8_length(text) <= NAME_MOST && !memchr(text.p, '\n', text.n) && !memchr(text.p, '\r', text.n) ? text
																		   : STR("");
}

static void read_names(struct referral *referral, const struct http_params *params)
{
	struct error error;
	struct str email = http_param(params, "email");
	referral->email = email.n && email.n <= 320 && str_is_text(email) ? email : STR("");
	referral->first = name_of(params, "first_name");
	referral->last = name_of(params, "last_name");
	referral->showing = web_showing_read(referral->req, http_param(params, FORM_INSTANCE), print_of(&referral->token));
	referral->stale = !referral->showing;
	referral->wrong = model_email_normalise(referral->email, http_arena(referral->req->http), &email, &error) < 0;
	if (!referral->wrong)
		referral->email = email;
}

static bool may_name(struct referral *referral)
{
	struct flood *flood = referral->req->web->flood;
	struct str lead = {(const char *)&referral->token.lead_id, sizeof referral->token.lead_id};
	return flood_take(flood, &lead_limit, lead, mono_now()) && flood_take(flood, &colleague_limit, referral->email, mono_now());
}

void web_refer_post(struct web_request *req)
{
	struct http_params params;
	struct error error;
	struct referral *referral = open_referral(req);
	if (!referral)
		return;
	if (!flood_take(req->web->flood, &address_limit, str_of(http_client_text(req->http)), mono_now())) {
		web_page_too_often(req);
		return;
	}
	if (http_form(req->http, &params, &error) < 0) {
		web_fail(req, &error);
		return;
	}
	read_names(referral, &params);
	if (http_param(&params, FORM_TRAP).n)
		say_thanks(referral);
	else if (referral->wrong || referral->stale)
		show(referral, 400);
	else if (!may_name(referral))
		web_page_too_often(req);
	else
		look_up(referral);
}
