/* Receipts: what the receiver tells us later, by POST to /v1/channels/CHANNEL/receipts, signed as we sign what we post. A route that is public proves each request by
 * itself: the signature over moment and body, the moment not old, and each receipt's id counts once (the primary key), so that a replay changes nothing.
 *
 *   POST {"id": "r1", "touch_id": 64} ─► signature ─► insert ─► {"new": true}, or false when it was known */
#include "webhook.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OLD_SECONDS = 300 };

static const struct nurture_migration rows[] = {
	{1, "receipt", "create table receipt (id text primary key, touch_id bigint not null, at timestamptz not null default now())"},
};
const struct nurture_migrations receipt_migrations = {
	.size = sizeof receipt_migrations, .migration_size = sizeof *rows, .count = sizeof rows / sizeof *rows, .migrations = rows};

static const struct nurture_statement
	insert = {sizeof insert, "insert", "insert into receipt (id, touch_id) values ($1, $2) on conflict do nothing"},
	count = {sizeof count, "count", "select count(*) from receipt"};

struct asking { /* a request that waits for the database: by its handle, a value */
	struct webhook *webhook;
	struct nurture_handle handle;
	LIST_ENTRY(asking) entry;
};

static void reply(struct webhook *webhook, struct nurture_handle handle, int status, const char *body)
{
	const struct nurture_reply all = {.size = sizeof all, .status = status, .body = body, .body_length = strlen(body)};
	webhook->host->reply(webhook->host->data, handle, &all);
}

static struct asking *asking_new(struct webhook *webhook, const struct nurture_request *request)
{
	struct asking *asking = calloc(1, sizeof *asking);
	if (!asking)
		abort();
	asking->webhook = webhook;
	asking->handle = request->handle;
	LIST_INSERT_HEAD(&webhook->askings, asking, entry);
	return asking;
}

static void asking_end(struct asking *asking, int status, const char *body)
{
	reply(asking->webhook, asking->handle, status, body);
	LIST_REMOVE(asking, entry);
	free(asking);
}

void receipts_close(struct webhook *webhook)
{
	for (struct asking *asking; (asking = LIST_FIRST(&webhook->askings));) { /* no answer comes after close has begun */
		LIST_REMOVE(asking, entry);
		free(asking);
	}
}

static bool is_signed(const struct webhook *webhook, const struct nurture_request *request)
{
	char wanted[128];
	int64_t stamp = 0;
	const char *given = request->header_count ? request->headers[0].value : "";
	int64_t now = time(NULL);
	if (sscanf(given, "t=%" SCNd64 ",", &stamp) != 1 || stamp < now - OLD_SECONDS || stamp > now + OLD_SECONDS)
		return false;
	payload_sign(webhook->settings.secret, stamp, request->body, request->body_length, wanted);
	return strlen(given) == strlen(wanted) && CRYPTO_memcmp(given, wanted, strlen(wanted)) == 0;
}

static void on_inserted(void *arg, const struct nurture_answer *answer)
{
	if (answer->error)
		asking_end(arg, 503, "{\"error\": \"not now\"}"); /* the receiver tells it again: it counts once */
	else
		asking_end(arg, 200, answer->steps[0].changed ? "{\"new\": true}" : "{\"new\": false}");
}

static void post_receipt(void *self, const struct nurture_request *request)
{
	struct webhook *webhook = self;
	const char *id;
	json_int_t touch;
	char number[32];
	if (!is_signed(webhook, request)) {
		reply(webhook, request->handle, 403, "{\"error\": \"the signature is missing, wrong or old\"}");
		return;
	}
	json_t *body = json_loadb(request->body, request->body_length, JSON_REJECT_DUPLICATES, NULL);
	if (json_unpack(body, "{s:s, s:I}", "id", &id, "touch_id", &touch) || strlen(id) > 100) {
		reply(webhook, request->handle, 400, "{\"error\": \"a receipt is {\\\"id\\\": text, \\\"touch_id\\\": number}\"}");
	} else {
		snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, touch);
		const struct nurture_value values[] = {{id, 0, false}, {number, 0, false}};
		const struct nurture_step step = {&insert, values, 2};
		webhook->host->query(webhook->host->data, &(struct nurture_query){.size = sizeof(struct nurture_query), .steps = &step, .count = 1}, on_inserted,
				     asking_new(webhook, request));
	}
	json_decref(body);
}

static void on_counted(void *arg, const struct nurture_answer *answer)
{
	char body[64];
	snprintf(body, sizeof body, "{\"receipts\": %s}", answer->error ? "null" : (const char *)answer->steps[0].values[0].value);
	asking_end(arg, answer->error ? 503 : 200, body);
}

static void get_receipts(void *self, const struct nurture_request *request)
{
	struct webhook *webhook = self;
	const struct nurture_step step = {&count, NULL, 0};
	webhook->host->query(webhook->host->data, &(struct nurture_query){.size = sizeof(struct nurture_query), .steps = &step, .count = 1, .read_only = true},
			     on_counted, asking_new(webhook, request));
}

static const char *const signature[] = {"Nurture-Signature", NULL};
static const struct nurture_route routes[] = {
	{.method = "POST", .path = "/receipts", .scope = "public", .fn = post_receipt, .body = 4096, .headers = signature},
	{.method = "GET", .path = "/receipts", .scope = "read", .fn = get_receipts},
};
const struct nurture_routes receipt_routes = {.size = sizeof receipt_routes, .route_size = sizeof *routes, .count = sizeof routes / sizeof *routes, .routes = routes};
