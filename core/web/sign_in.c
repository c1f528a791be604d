/* Is this the password of that name? And the session that follows.
 *
 *   limits ─► login_find ─► the hasher looks, also for nobody ─► right: what the limits took comes back ─► a session of a new secret
 *
 * Limits are buckets of this worker (flood.h). What many networks try together is bounded by the hasher alone: some ten passwords a second. */
#include "web/sign_in.h"

#include "base/hash.h"
#include "base/log.h"
#include "store/people.h"
#include "web/flood.h"
#include "web/hasher.h"

#include <sodium.h>

enum { NAME_MOST = 100, AGENT_MOST = 200, LIMITS = 3, KEY = NAME_MOST + 16 };

/* Attempts at once, and then one in so long. Offices have one address: those who know their passwords spend nothing. */
static const struct flood_limit limits[LIMITS] = {
	{"sign-in name", 6, 60 * INT64_C(1000000)}, {"sign-in address", 10, 10 * INT64_C(1000000)}, {"sign-in network", 20, 5 * INT64_C(1000000)}};

struct trying {
	struct web_request *req;
	struct str password, new_password;
	char network[16];
	struct str keys[LIMITS];
	struct sign_in_person person;
	bool barred; /* disabled */
	web_sign_in_fn *fn;
};

/* ---- limits ---- */

static void make_keys(struct trying *trying, struct str name)
{
	struct http_request *http = trying->req->http;
	struct str network = flood_network(http_client(http), trying->network);
	char *both = arena_alloc(http_arena(http), KEY);
	size_t n = name.n < NAME_MOST ? name.n : NAME_MOST;
	memcpy(both, network.p, network.n);
	if (n)
		memcpy(both + network.n, name.p, n);
	trying->keys[0] = (struct str){both, network.n + n};
	trying->keys[1] = str_of(http_client_text(http));
	trying->keys[2] = network;
}

static void give_back(struct trying *trying, size_t count)
{
	for (size_t i = 0; i < count; i++)
		flood_back(trying->req->web->flood, &limits[i], trying->keys[i], mono_now());
}

static bool take(struct trying *trying)
{
	for (size_t i = 0; i < LIMITS; i++)
		if (!flood_take(trying->req->web->flood, &limits[i], trying->keys[i], mono_now())) {
			give_back(trying, i);
			return false;
		}
	return true;
}

/* ---- the password ---- */

static void refuse(struct trying *trying, enum sign_in what)
{
	metrics_add(trying->req->web->worker->metrics, METRIC_LOGINS_REFUSED, 1);
	trying->fn(trying->req, what, NULL);
}

static void on_looked(void *arg, bool is, const char *made)
{
	struct trying *trying = arg;
	metrics_add(trying->req->web->worker->metrics, METRIC_PASSWORDS, 1);
	if (!is || trying->barred) {
		log_warn("sign_in.refused", log_int("person", trying->person.person_id), log_str("from", http_client_text(trying->req->http)));
		refuse(trying, SIGN_IN_WRONG);
		return;
	}
	give_back(trying, LIMITS);
	trying->person.made = arena_dup(http_arena(trying->req->http), made);
	trying->fn(trying->req, SIGN_IN_RIGHT, &trying->person);
}

static void on_person(void *arg, json_t *rows, const struct error *error)
{
	struct trying *trying = arg;
	const json_t *row = json_array_get(rows, 0);
	const char *name = json_string_value(json_object_get(row, "name"));
	if (error && error->code != ERROR_INVALID) { /* what is no text is nobody's name */
		give_back(trying, LIMITS);
		web_fail(trying->req, error);
		return;
	}
	trying->person = (struct sign_in_person){.person_id = json_integer_value(json_object_get(row, "person_id")),
						 .epoch = json_integer_value(json_object_get(row, "epoch")),
						 .name = arena_dup(http_arena(trying->req->http), name ? name : "")};
	trying->barred = json_is_true(json_object_get(row, "disabled"));
	const struct hasher_work work = {.network = {trying->network, sizeof trying->network}, .hash = json_string_value(json_object_get(row, "password")),
					 .password = trying->password, .new_password = trying->new_password, .fn = on_looked, .arg = trying};
	if (hasher_take(trying->req->web->hasher, &work))
		return;
	give_back(trying, LIMITS);
	refuse(trying, SIGN_IN_BUSY);
}

void web_sign_in_try(struct web_request *req, struct str name, struct str password, struct str new_password, web_sign_in_fn *fn)
{
	struct trying *trying = arena_alloc(http_arena(req->http), sizeof *trying);
	*trying = (struct trying){.req = req, .password = password, .new_password = new_password, .fn = fn};
	make_keys(trying, name);
	if (!take(trying)) {
		refuse(trying, SIGN_IN_TOO_OFTEN);
		return;
	}
	const char *params[] = {name.n && name.n <= NAME_MOST && str_is_text(name) ? arena_dup_n(http_arena(req->http), name.p, name.n) : ""};
	store_query(req->web->store, "login_find", params, 1, on_person, trying);
}

/* ---- the session ---- */

struct beginning {
	struct web_request *req;
	const char *next;
	char secret[SESSION_TEXT];
};

static void on_begun(void *arg, int64_t id, const struct error *error)
{
	struct beginning *b = arg;
	if (error) {
		web_fail(b->req, error);
		return;
	}
	metrics_add(b->req->web->worker->metrics, METRIC_LOGINS, 1);
	log_info("sign_in.begun", log_int("session", id));
	web_staff_redirect(b->req, b->secret, b->next);
}

/* What a browser says of itself, as far as it is text. */
static const char *agent_of(struct web_request *req)
{
	struct str agent = http_header(req->http, "User-Agent");
	if (!agent.p || !str_is_text(agent))
		return "";
	while (agent.n > AGENT_MOST || !str_is_utf8(agent))
		agent.n--;
	return arena_dup_n(http_arena(req->http), agent.p, agent.n);
}

void web_sign_in_begin(struct web_request *req, const struct sign_in_person *person, const char *next)
{
	struct beginning *b = arena_alloc(http_arena(req->http), sizeof *b);
	unsigned char random[SESSION_SECRET], hash[HASH_SHA256], old[HASH_SHA256];
	struct str had = web_session_cookie(req);
	*b = (struct beginning){.req = req, .next = next};
	hash_random(random, sizeof random);
	sodium_bin2base64(b->secret, sizeof b->secret, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof random);
	hash_sha256(str_of(b->secret), hash);
	if (had.p)
		hash_sha256(had, old);
	const struct store_session session = {
		.hash = hash, .old = had.p ? old : NULL, .person_id = person->person_id, .epoch = person->epoch,
		.life_s = (int64_t)req->web->worker->config->session_life * 3600, .address = http_client_text(req->http), .agent = agent_of(req),
		.by = web_person_actor(req, person->person_id, person->name)};
	store_session_begin(req->web->store, &session, on_begun, b);
}

/* ---- pages ---- */

void web_staff_page(struct web_request *req, int status, struct buf *page)
{
	static const struct http_header headers[] = {{"Referrer-Policy", STR("same-origin")}, {0}};
	static const struct http_header later[] = {{"Referrer-Policy", STR("same-origin")}, {"Retry-After", STR("60")}, {0}};
	web_page_reply_with(req, status, status == 429 ? later : headers, page);
}

void web_staff_notice(struct buf *page, const char *notice)
{
	if (!notice)
		return;
	buf_puts(page, "<p class=\"notice\" role=\"alert\">");
	web_put_text(page, notice);
	buf_puts(page, "</p>");
}

void web_staff_redirect(struct web_request *req, const char *cookie, const char *place)
{
	const struct http_header headers[] = {{"Location", str_of(place)}, {"Set-Cookie", web_session_set(req, cookie)}, {"Cache-Control", STR("no-store")}, {0}};
	http_reply(req->http, 303, headers, STR(""));
}
