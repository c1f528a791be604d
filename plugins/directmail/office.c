/* Values, rows and waiting requests: what every file here does with the host. */
#include "office.h"

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

bool row_is(const struct nurture_rows *rows, size_t row, size_t column)
{
	return *row_text(rows, row, column) == 't';
}

static void ask(struct office *office, const struct nurture_step *steps, size_t count, bool read_only, nurture_query_fn *fn, void *arg)
{
	const struct nurture_query query = {.size = sizeof query, .steps = steps, .count = count, .read_only = read_only};
	office->host->query(office->host->data, &query, fn, arg);
}

void office_ask(struct office *office, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg)
{
	ask(office, steps, count, false, fn, arg);
}

void office_read(struct office *office, const struct nurture_step *steps, size_t count, nurture_query_fn *fn, void *arg)
{
	ask(office, steps, count, true, fn, arg);
}

int64_t office_now(const struct office *office)
{
	return office->host->now(office->host->data);
}

void office_log(struct office *office, enum nurture_log_level level, const char *event, const char *fmt, ...)
{
	char message[700];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	nurture_whole_characters(message);
	office->host->log(office->host->data, level, event, message);
}

/* ---- replies ---- */

static void reply_json(struct office *office, struct nurture_handle handle, int status, const char *type, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const struct nurture_reply reply = {.size = sizeof reply, .status = status, .content_type = type, .body = text, .body_length = text ? strlen(text) : 0};
	office->host->reply(office->host->data, handle, &reply);
	free(text);
	json_decref(json);
}

static void reply_problem(struct office *office, struct nurture_handle handle, int status, const char *message)
{
	reply_json(office, handle, status, "application/problem+json", json_pack("{s:i, s:s}", "status", status, "detail", message));
}

void asking_free(struct asking *asking)
{
	LIST_REMOVE(asking, link);
	json_decref(asking->body);
	json_decref(asking->kept);
	json_decref(asking->answer);
	free(asking);
}

void asking_reply(struct asking *asking, int status, json_t *json)
{
	reply_json(asking->office, asking->handle, status, NULL, json);
	asking_free(asking);
}

/* Not taken: the lead is not there any more, so nothing is left to be told. */
static void on_told(void *arg, bool taken)
{
	struct asking *asking = arg;
	(void)taken;
	if (--asking->telling == 0 && asking->answer)
		asking_reply(asking, 200, json_incref(asking->answer));
}

void asking_tell(struct asking *asking, int64_t lead_id, const char *verb, const char *subject, const json_t *data, const char *key)
{
	const struct nurture_host *host = asking->office->host;
	asking->telling++;
	host->event_then(host->data, lead_id, verb, subject, 0, data, key, on_told, asking);
}

void asking_reply_told(struct asking *asking, json_t *json)
{
	if (asking->telling)
		asking->answer = json;
	else
		asking_reply(asking, 200, json);
}

void asking_fail(struct asking *asking, int status, const char *fmt, ...)
{
	char message[600];
	va_list args;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	nurture_whole_characters(message);
	reply_problem(asking->office, asking->handle, status, message);
	asking_free(asking);
}

void asking_db(struct asking *asking, const struct nurture_answer *answer)
{
	const struct nurture_host *host = asking->office->host;
	if (!answer->again)
		host->log(host->data, NURTURE_LOG_ERROR, "letters.query", answer->error);
	asking_fail(asking, answer->again ? 503 : 500, answer->again ? "the database does not answer just now: try again." : "the database refused this: see the log.");
}

/* ---- requests ---- */

/* The person of the session; of a token its name. */
static void name_asker(const struct nurture_request *request, char out[WHO_MOST + 1])
{
	bool person = strcmp(request->asker, "person") == 0;
	snprintf(out, WHO_MOST + 1, "%s%.*s", person ? "" : "token:", WHO_MOST - 10, request->asker_name);
	nurture_whole_characters(out);
}

struct asking *asking_new(struct office *office, const struct nurture_request *request)
{
	struct asking *asking = calloc(1, sizeof *asking);
	bool json = request->body_length && strcmp(request->content_type, "application/json") == 0;
	if (!asking)
		abort();
	*asking = (struct asking){.office = office, .handle = request->handle, .job_id = nurture_parameter_id(request), .foreign = request->body_length && !json};
	name_asker(request, asking->who);
	LIST_INSERT_HEAD(&office->askings, asking, link);
	if (json) {
		json_error_t wrong;
		asking->body = json_loadb(request->body, request->body_length, JSON_REJECT_DUPLICATES, &wrong);
		if (!json_is_object(asking->body)) {
			asking_fail(asking, 400, "the body is no JSON object%s%s", asking->body ? "." : ": ", asking->body ? "" : wrong.text);
			return NULL;
		}
	}
	return asking;
}

bool asking_refuses(struct asking *asking, const char *const *known)
{
	char why[400];
	if (asking->foreign) {
		asking_fail(asking, 415, "the body is a JSON object: say so with Content-Type: application/json.");
		return true;
	}
	if (!nurture_unknown_key(asking->body, known, why, sizeof why))
		return false;
	asking_fail(asking, 422, "%s", why);
	return true;
}
