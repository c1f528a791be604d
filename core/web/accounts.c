/* GET /v1/accounts/{account} (its id, its domain or its name): what is known of a company and, under "models", a receipt for every point of its scores, by the code that its turns run.
 * PATCH: its fields. Its own turn applies them and wakes its people. 202; 400 names the field.
 *
 * Read by query alone (route.c, store/query.sql): GET /v1/accounts (the best first; after, limit), /v1/accounts/{account}/leads and /changes (after, limit). */
#include "store/accounts.h"
#include "store/admin.h"
#include "turn/account.h"
#include "web/context.h"

/* ---- one ---- */

struct showing {
	struct web_request *req;
	int64_t id;
	const struct schema *schema; /* that the facts are loaded by */
	json_t *row;
};

static void on_row(void *arg, json_t *rows, const struct error *error)
{
	struct showing *showing = arg;
	if (error)
		web_fail(showing->req, error);
	else if (json_array_size(rows) == 0)
		web_refuse(showing->req, ERROR_NOT_FOUND, "account", "there is no such account.");
	else
		http_reply_json(showing->req->http, 200, NULL, json_object_update(showing->row, json_array_get(rows, 0)) ? NULL : json_incref(showing->row));
	json_decref(showing->row);
}

static void ask(struct showing *showing);

static void on_account(void *arg, struct account_batch *batch, const struct error *error)
{
	struct showing *showing = arg;
	struct web *web = showing->req->web;
	struct playbook *playbook = web_playbook(web);
	if (error) {
		web_fail(showing->req, error);
	} else if (batch->count && showing->schema != web_schema(web)) {
		ask(showing); /* another playbook came into force meanwhile */
	} else {
		const char *id = arena_printf(http_arena(showing->req->http), "%lld", (long long)showing->id);
		showing->row = playbook && batch->count ? turn_account_explain_json(playbook, batch->rows[0].account, batch->arena) : json_object();
		store_query(web->store, "account_get", &id, 1, on_row, showing);
	}
	store_accounts_free(batch);
}

static void ask(struct showing *showing)
{
	showing->schema = web_schema(showing->req->web);
	store_account_facts(showing->req->web->store, showing->schema, showing->id, on_account, showing);
}

static void show(struct web_request *req, int64_t account_id)
{
	struct showing *showing = arena_alloc(http_arena(req->http), sizeof *showing);
	*showing = (struct showing){.req = req, .id = account_id};
	ask(showing);
}

void web_account_get(struct web_request *req)
{
	if (http_query(req->http)->count)
		web_refuse(req, ERROR_INVALID, "query", "this address takes no parameters.");
	else
		web_find_account(req, req->args[0], show);
}

/* ---- its fields ---- */

static int take_field(const struct schema *schema, const char *name, json_t *json, struct arena *arena, json_t *set, struct error *error)
{
	struct value value;
	int slot = model_account_set_slot(schema, name, error);
	if (slot < 0 || value_from_json(&schema->account[slot], json, arena, &value, error) < 0)
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

static void set_fields(struct web_request *req, int64_t account_id)
{
	const char *name;
	struct error error = {0};
	struct arena *arena = http_arena(req->http);
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
	store_account_update(req->web->store, account_id, (struct str){text, n}, on_written, req);
out:
	json_decref(set);
	json_decref(body);
}

void web_account_patch(struct web_request *req)
{
	web_find_account(req, req->args[0], set_fields);
}
