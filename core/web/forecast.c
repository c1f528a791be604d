/* POST /v1/playbook/forecast: how many contacts a campaign of the active playbook will make a day. Many leads are walked: the answer is 202 with the job's
 * number, GET /v1/jobs/ID has in `result` what core/turn/forecast.h describes. */
#include "web/context.h"

#include "turn/forecast.h"

#include <string.h>

static bool is_refused(struct web_request *req, const json_t *body)
{
	static const struct { const char *name; json_type type; } fields[] = {
		{"campaign", JSON_STRING}, {"segment", JSON_STRING}, {"days", JSON_INTEGER}, {"sample", JSON_INTEGER}};
	static const char *const names[] = {"campaign", "segment", "days", "sample", NULL};
	const char *foreign = web_json_foreign((json_t *)body, names);
	if (foreign)
		web_refuse(req, ERROR_INVALID, foreign, "there is no field \"%s\" here.", foreign);
	for (size_t i = 0; !foreign && i < sizeof fields / sizeof *fields; i++) {
		const json_t *value = json_object_get(body, fields[i].name);
		if (value ? json_typeof(value) == fields[i].type : i > 0)
			continue;
		web_refuse(req, ERROR_INVALID, fields[i].name, value ? "%s has the wrong type." : "%s is missing: its name.", fields[i].name);
		return true;
	}
	return foreign != NULL;
}

static const char *campaign_name(const struct playbook *playbook, size_t i)
{
	return playbook->campaigns[i].name;
}

static const char *segment_name(const struct playbook *playbook, size_t i)
{
	return playbook->segments[i].name;
}

static bool is_name_unknown(struct web_request *req, const json_t *body, const char *field, size_t count, const char *name_of(const struct playbook *playbook, size_t i))
{
	const struct playbook *playbook = web_playbook(req->web);
	const char *name = json_string_value(json_object_get(body, field));
	const char **names = arena_array(http_arena(req->http), count + 1, sizeof *names);
	for (size_t i = 0; name && i < count; i++) {
		names[i] = name_of(playbook, i);
		if (strcmp(names[i], name) == 0)
			return false;
	}
	if (!name)
		return false;
	const char *near = str_nearest(str_of(name), names, count);
	web_refuse(req, ERROR_INVALID, field, "there is no %s \"%s\".%s%s%s", field, name, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return true;
}

static bool is_out_of_range(struct web_request *req, const json_t *body, const char *field, int most)
{
	const json_t *value = json_object_get(body, field);
	if (!value || (json_integer_value(value) >= 1 && json_integer_value(value) <= most))
		return false;
	web_refuse(req, ERROR_INVALID, field, "%s is a number from 1 to %d.", field, most);
	return true;
}

/* What the job would say later is said at once. */
static bool cannot_be_done(struct web_request *req, const json_t *body)
{
	const struct playbook *playbook = web_playbook(req->web);
	if (!playbook) {
		web_refuse(req, ERROR_CONFLICT, NULL, "no playbook is published: there is nothing to forecast by.");
		return true;
	}
	return is_name_unknown(req, body, "campaign", playbook->campaign_count, campaign_name) ||
	       is_name_unknown(req, body, "segment", playbook->segment_count, segment_name) || is_out_of_range(req, body, "days", FORECAST_DAYS_MOST) ||
	       is_out_of_range(req, body, "sample", FORECAST_SAMPLE_MOST);
}

void web_forecast_post(struct web_request *req)
{
	json_t *body = web_json_body(req);
	if (body && (is_refused(req, body) || cannot_be_done(req, body))) {
		json_decref(body);
		return;
	}
	if (!body)
		return;
	web_job_post(req, "forecast", body);
}
