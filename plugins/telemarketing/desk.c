/* Values, rows and waiting requests: what every file here does with the host. */
#include "desk.h"

#include <nurture/requests.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- queries ---- */

void put_text(struct values *values, const char *text)
{
	values->items[values->count++] = text && !*text ? (struct nurture_value){"", 0, false} : (struct nurture_value){text, 0, false};
}

void put_number(struct values *values, int64_t number)
{
	char *text = values->numbers[values->count];
	snprintf(text, sizeof values->numbers[0], "%" PRId64, number);
	values->items[values->count++] = (struct nurture_value){text, 0, false};
}

void put_number_or_null(struct values *values, int64_t number)
{
	if (number)
		put_number(values, number);
	else
		put_text(values, NULL);
}

const char *row_text(const struct nurture_rows *rows, size_t row, size_t column)
{
	const char *value = rows->values[row * rows->columns + column].value;
	return value ? value : "";
}

int64_t row_number(const struct nurture_rows *rows, size_t row, size_t column)
{
	return strtoll(row_text(rows, row, column), NULL, 10);
}

static void ask(struct desk *desk, const struct nurture_step *steps, size_t count, bool read_only, nurture_query_fn *fn, void *arg)
{
	const struct nurture_query query = {.size = sizeof query, .steps = steps, .count = count, .read_only = read_only};
	desk->host->query(desk->host->data, &query, fn, arg);
}

void desk_ask(struct desk *desk, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg)
{
	ask(desk, steps, count, false, fn, arg);
}

void desk_read(struct desk *desk, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg)
{
	ask(desk, steps, count, true, fn, arg);
}

int64_t desk_now(const struct desk *desk)
{
	return desk->host->now(desk->host->data);
}

void desk_let_go(struct desk *desk, int64_t touch_id, int64_t until, nurture_offer_fn *fn, void *arg)
{
	int64_t now = desk_now(desk);
	desk->host->offer(desk->host->data, touch_id, until > now ? until - now : 0, fn, arg);
}

/* ---- replies ---- */

static void reply_json(struct desk *desk, struct nurture_handle handle, int status, const char *type, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const struct nurture_reply reply = {.size = sizeof reply, .status = status, .content_type = type, .body = text, .body_length = text ? strlen(text) : 0};
	desk->host->reply(desk->host->data, handle, &reply);
	free(text);
	json_decref(json);
}

void reply_problem(struct desk *desk, struct nurture_handle handle, int status, const char *message)
{
	reply_json(desk, handle, status, "application/problem+json", json_pack("{s:i, s:s}", "status", status, "detail", message));
}

void asking_free(struct asking *asking)
{
	LIST_REMOVE(asking, link);
	json_decref(asking->body);
	json_decref(asking->kept);
	json_decref(asking->ending);
	json_decref(asking->place);
	json_decref(asking->told);
	free(asking);
}

void asking_reply(struct asking *asking, int status, json_t *json)
{
	reply_json(asking->desk, asking->handle, status, NULL, json);
	asking_free(asking);
}

void asking_fail(struct asking *asking, int status, const char *fmt, ...)
{
	char message[600];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	nurture_whole_characters(message);
	reply_problem(asking->desk, asking->handle, status, message);
	asking_free(asking);
}

void asking_db(struct asking *asking, const struct nurture_answer *answer)
{
	const struct nurture_host *host = asking->desk->host;
	if (!answer->again)
		host->log(host->data, NURTURE_LOG_ERROR, "calls.query", answer->error);
	asking_fail(asking, answer->again ? 503 : 500, answer->again ? "the database does not answer just now: try again." : "the database refused this: see the log.");
}

/* ---- requests ---- */

/* Who calls: the person of the session; of a token its name, and behind that the line that its dialer names. */
static bool name_agent(const struct nurture_request *request, const json_t *body, char out[AGENT_MOST + 1], char owner[AGENT_MOST + 1])
{
	const char *line = json_string_value(json_object_get(body, "agent"));
	bool person = strcmp(request->asker, "person") == 0;
	if (json_object_get(body, "agent") && (!line || !*line || strlen(line) > 40 || person))
		return false;
	int n = person ? snprintf(out, AGENT_MOST + 1, "%s", request->asker_name)
		       : snprintf(out, AGENT_MOST + 1, "token:%.60s%s%s", request->asker_name, line ? "/" : "", line ? line : "");
	snprintf(owner, AGENT_MOST + 1, person ? "%.*s" : "token:%.*s", person ? AGENT_MOST : 60, request->asker_name);
	nurture_whole_characters(out);
	nurture_whole_characters(owner);
	return n > 0 && n <= AGENT_MOST;
}

static bool supervises(const struct nurture_request *request)
{
	bool may = strcmp(request->role, "supervisor") == 0 || strcmp(request->role, "admin") == 0;
	for (size_t i = 0; request->scopes && request->scopes[i]; i++)
		may |= strcmp(request->scopes[i], "admin") == 0;
	return may;
}

bool asking_refuses(struct asking *asking, const char *const *known)
{
	char why[400];
	if (!nurture_unknown_key(asking->body, known, why, sizeof why))
		return false;
	asking_fail(asking, 422, "%s", why);
	return true;
}

struct asking *asking_new(struct desk *desk, const struct nurture_request *request)
{
	struct asking *asking = calloc(1, sizeof *asking);
	if (!asking)
		abort();
	*asking = (struct asking){.desk = desk, .handle = request->handle, .touch_id = nurture_parameter_id(request), .supervises = supervises(request)};
	LIST_INSERT_HEAD(&desk->askings, asking, link);
	if (request->body_length) {
		json_error_t wrong;
		asking->body = json_loadb(request->body, request->body_length, JSON_REJECT_DUPLICATES, &wrong);
		if (!json_is_object(asking->body)) {
			asking_fail(asking, 400, "the body is no JSON object%s%s", asking->body ? "." : ": ", asking->body ? "" : wrong.text);
			return NULL;
		}
	}
	if (!name_agent(request, asking->body, asking->agent, asking->owner)) {
		asking_fail(asking, 422, "agent names a line of a dialer's token: a text of at most 40 letters. Who is signed in is the agent.");
		return NULL;
	}
	return asking;
}
