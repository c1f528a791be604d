/* PATCH /v1/accounts/{id}: fields of a company. Its own turn applies them and wakes its people. 202; 400 names the field.
 *
 * Read by query alone (route.c, store/query.sql): GET /v1/accounts (after, limit), /v1/accounts/{id} with the roles of the buying centre that its people
 * cover ("roles_covered": [{"role", "leads"}]) and those that nobody has ("roles_missing"), /v1/accounts/{id}/leads (after, limit). */
#include "store/admin.h"
#include "web/context.h"

static int take_field(const struct schema *schema, const char *name, json_t *json, struct arena *arena, json_t *set, struct error *error)
{
	struct value value;
	int slot = schema_account_slot(schema, str_of(name));
	if (slot == ACCOUNT_DOMAIN)
		return error_set(error, ERROR_INVALID, name, "the domain names the account and cannot be changed.");
	if (slot < 0)
		return error_set(error, ERROR_INVALID, name, "there is no field \"%s\" of accounts. They are declared in fields.lua with of = \"account\".", name);
	if (value_from_json(&schema->account[slot], json, arena, &value, error) < 0)
		return -1;
	json_object_set_new(set, name, value_to_json(&value));
	return 0;
}

static void on_written(void *arg, const struct error *error)
{
	struct web_request *req = arg;
	if (error)
		web_fail(req, error);
	else
		http_reply_json(req->http, 202, NULL, json_pack("{s:s}", "detail", "accepted; the account's turn writes it in a moment."));
}

void web_account_patch(struct web_request *req)
{
	int64_t id = 0;
	const char *name;
	struct error error = {0};
	struct arena *arena = http_arena(req->http);
	if (!str_to_int(req->args[0], &id) || id <= 0) {
		web_refuse(req, ERROR_NOT_FOUND, "account", "there is no such account. Name it by its id.");
		return;
	}
	json_t *value, *body = web_json_body(req), *set = json_object();
	if (!body)
		goto out;
	json_object_foreach (body, name, value) {
		if (take_field(web_schema(req->web), name, value, arena, set, &error) < 0) {
			web_fail(req, &error);
			goto out;
		}
	}
	json_t *data = json_pack("{s:O}", "set", set);
	size_t n = json_dumpb(data, NULL, 0, JSON_COMPACT);
	char *text = arena_alloc(arena, n + 1);
	json_dumpb(data, text, n, JSON_COMPACT);
	json_decref(data);
	store_account_update(req->web->store, id, (struct str){text, n}, on_written, req);
out:
	json_decref(set);
	json_decref(body);
}
