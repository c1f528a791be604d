/* GET /v1/leads/{id}/export: all that is known of one person, with what is known of the leads that were merged into it, as one JSON object: the sections of
 * `nurture lead --export`. Gathered query by query; who has more than fits into one answer is exported by the command. */
#include "report/person.h"
#include "web/context.h"

enum { PAGE = 1000, ANSWER_MOST = 32 << 20 };

struct person {
	struct web_request *req;
	const char *leads, *after;
	size_t section;
	struct report_person_text text;
};

static void end(struct person *p)
{
	report_person_fini(&p->text);
}

static void fail(struct person *p, const struct error *error)
{
	web_fail(p->req, error);
	end(p);
}

static void next(struct person *p);

static void on_rows(void *arg, json_t *rows, const struct error *error)
{
	struct person *p = arg;
	struct error much;
	size_t got = json_array_size(rows);
	if (error) {
		fail(p, error);
		return;
	}
	const char *cursor = json_string_value(json_object_get(json_array_get(rows, got - 1), "cursor"));
	bool more = report_person[p->section].pages && got == PAGE && cursor;
	p->after = more ? arena_dup(http_arena(p->req->http), cursor) : NULL;
	report_person_rows(&p->text, p->section, rows);
	if (p->text.out.n > ANSWER_MOST) {
		error_set(&much, ERROR_LIMIT, "lead", "more is known of this lead than fits into one answer: nurture lead LEAD --export writes all of it.");
		fail(p, &much);
		return;
	}
	if (!more)
		report_person_end(&p->text, p->section++);
	next(p);
}

static void next(struct person *p)
{
	static const char size[] = "1000";
	if (http_is_gone(p->req->http)) {
		http_reply_json(p->req->http, 200, NULL, json_object());
		end(p);
		return;
	}
	if (p->section == REPORT_PERSON_SECTIONS) {
		const struct http_header headers[3] = {{"Content-Type", STR("application/json")}, {"Cache-Control", STR("no-store")}};
		size_t n = p->text.out.n;
		char *body = buf_take(&p->text.out);
		end(p);
		http_reply_take(p->req->http, 200, headers, body, n);
		return;
	}
	const struct report_section *section = &report_person[p->section];
	if (!p->after)
		report_person_begin(&p->text, p->section);
	const char *params[] = {p->leads, p->after, size};
	store_query(p->req->web->store, section->query, params, section->pages ? 3 : 1, on_rows, p);
}

static void on_leads(void *arg, json_t *rows, const struct error *error)
{
	struct person *p = arg;
	const char *leads = json_string_value(json_object_get(json_array_get(rows, 0), "leads"));
	if (error || !leads) {
		struct error gone;
		error_set(&gone, ERROR_NOT_FOUND, "lead", "there is no such lead.");
		fail(p, error ? error : &gone);
		return;
	}
	p->leads = arena_dup(http_arena(p->req->http), leads);
	next(p);
}

static void on_lead(struct web_request *req, int64_t lead_id)
{
	struct person *p = arena_alloc(http_arena(req->http), sizeof *p);
	*p = (struct person){.req = req};
	const char *params[] = {arena_printf(http_arena(req->http), "%lld", (long long)lead_id)};
	store_query(req->web->store, "erase_preview", params, 1, on_leads, p);
}

void web_lead_export(struct web_request *req)
{
	web_find_lead(req, req->args[0], on_lead);
}
