/* What is wrong with events that came together: each is told by the number of its line (or place in the array), the good ones are kept. Called by events.c and
 * beacon.c; never says more than the caller's own words gave back. */
#include "web/refused.h"

enum { ERRORS_SHOWN = 100 };

/* Some are found while the body is cut into lines, others when all lines are there: they are told in the order of lines all the same. */
void refused_add(struct refused *refused, size_t line, const struct error *error)
{
	refused->count++;
	if (!refused->errors)
		refused->errors = json_array();
	size_t at = json_array_size(refused->errors);
	while (at && json_integer_value(json_object_get(json_array_get(refused->errors, at - 1), "line")) > (json_int_t)line)
		at--;
	if (at < ERRORS_SHOWN)
		json_array_insert_new(refused->errors, at, json_pack("{s:i, s:s, s:s}", "line", (int)line, "field", error->where, "detail", error->message));
	if (json_array_size(refused->errors) > ERRORS_SHOWN)
		json_array_remove(refused->errors, ERRORS_SHOWN);
}

void refused_tell(const struct refused *refused, json_t *reply)
{
	if (!refused->count)
		return;
	json_object_set_new(reply, "refused", json_integer((json_int_t)refused->count));
	json_object_set(reply, "errors", refused->errors);
}

void refused_reply(const struct refused *refused, struct web_request *req, bool array)
{
	const struct http_header headers[] = {{"Content-Type", STR("application/problem+json")}, {0}};
	json_t *first = json_array_get(refused->errors, 0);
	json_t *body = json_pack("{s:s, s:s, s:i, s:O?, s:O?}", "type", "urn:nurture:invalid", "title", "Bad Request", "status", 400, "detail",
				 json_object_get(first, "detail"), "field", json_object_get(first, "field"));
	if (array)
		json_object_set(body, "errors", refused->errors);
	http_reply_json(req->http, 400, headers, body);
}

void refused_fini(struct refused *refused)
{
	json_decref(refused->errors);
	refused->errors = NULL;
}
