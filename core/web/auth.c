/* Bearer tokens (RFC 6750) for /v1: looked up by their SHA-256, never stored or compared in the clear.
 *
 * An answer of the database is kept for five seconds, so a revoked or expired token works at most so long. Tokens in the query
 * string are not looked at: they end up in logs. Who sends no token and a cookie may be a person who signed in: session.c. */
#include "web/session.h"

#include "base/hash.h"
#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>

enum { KEPT = 256, ACTOR = 64 };
static const int64_t KEEP_US = 5000000;
static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ";

struct kept {
	char hash[HASH_HEX];
	enum web_scope scope;
	char actor[ACTOR], name[ACTOR];
	int64_t id;
	mono_t until;
};

struct web_auth {
	struct web *web;
	struct kept kept[KEPT];
};

struct asked {
	struct web *web;
	struct web_request *req; /* NULL: the client left before its body came */
	web_handler_fn *fn;
	char hash[HASH_HEX];
};

static const char *const scope_names[] = {
	[SCOPE_PUBLIC] = "public", [SCOPE_TRACK] = "track", [SCOPE_READ] = "read", [SCOPE_WRITE] = "write", [SCOPE_ADMIN] = "admin",
	[SCOPE_PERSON] = "person",
};

struct web_auth *web_auth_new(struct web *web)
{
	struct web_auth *auth = mem_alloc(sizeof *auth);
	auth->web = web;
	return auth;
}

void web_auth_free(struct web_auth *auth)
{
	free(auth);
}

/* What a token of scope `has` may do. A reader may not post events. */
bool web_scope_may(enum web_scope has, enum web_scope needs)
{
	if (has == SCOPE_PUBLIC || needs == SCOPE_PERSON)
		return needs == SCOPE_PUBLIC;
	return has == SCOPE_ADMIN || has == needs || (has == SCOPE_WRITE && needs != SCOPE_ADMIN);
}

enum web_scope web_scope_of(const char *name)
{
	for (int s = SCOPE_TRACK; name && s <= SCOPE_ADMIN; s++)
		if (strcmp(name, scope_names[s]) == 0)
			return (enum web_scope)s;
	return SCOPE_PUBLIC;
}

json_t *web_scopes(const struct web_request *req)
{
	json_t *scopes = json_array();
	for (int s = SCOPE_TRACK; req->scope != SCOPE_PUBLIC && s <= SCOPE_ADMIN; s++)
		if (web_scope_may(req->scope, (enum web_scope)s))
			json_array_append_new(scopes, json_string(scope_names[s]));
	return scopes;
}

void web_refuse_401(struct web_request *req, const char *why)
{
	struct http_header headers[] = {
		{"WWW-Authenticate", STR("Bearer")}, {"Content-Type", STR("application/problem+json")}, {0}};
	char *body = arena_printf(http_arena(req->http),
				  "{\"type\":\"urn:nurture:unauthorized\",\"title\":\"Unauthorized\",\"status\":401,\"detail\":\"%s\"}", why);
	http_reply(req->http, 401, headers, str_of(body));
}

static void decide(struct web_request *req, const struct kept *kept, web_handler_fn *fn)
{
	enum web_scope has = kept->scope;
	req->actor = arena_dup(http_arena(req->http), kept->actor);
	req->scope = has;
	req->asker = "token";
	req->asker_name = arena_dup(http_arena(req->http), kept->name);
	req->asker_id = kept->id;
	if (web_scope_may(has, req->route->scope))
		fn(req);
	else if (req->route->scope == SCOPE_PERSON)
		web_refuse(req, ERROR_DENIED, "Authorization", "this is for people who signed in, and no token is one.");
	else
		web_refuse(req, ERROR_DENIED, "Authorization", "this token has the scope %s; %s is needed here.", scope_names[has],
			   scope_names[req->route->scope]);
}

static struct kept *slot_of(struct web_auth *auth, const char *hash)
{
	return &auth->kept[strtoul((char[]){hash[0], hash[1], 0}, NULL, 16) % KEPT];
}

/* The name only as far as it is plain: the audit is read on terminals and by programs. */
static void name_actor(struct kept *kept, const json_t *row)
{
	const char *name = json_string_value(json_object_get(row, "name"));
	bool plain = name && strspn(name, PLAIN) == strlen(name);
	kept->id = json_integer_value(json_object_get(row, "token_id"));
	snprintf(kept->name, sizeof kept->name, "%.40s", plain ? name : "");
	snprintf(kept->actor, sizeof kept->actor, "token %lld%s%.40s", (long long)kept->id, plain && *name ? " " : "", plain ? name : "");
}

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct asked asked = *(struct asked *)arg;
	free(arg);
	if (!asked.req)
		return;
	web_hold(asked.req, NULL);
	if (error) {
		web_fail(asked.req, error);
		return;
	}
	enum web_scope scope = web_scope_of(json_string_value(json_object_get(json_array_get(rows, 0), "scope")));
	if (scope == SCOPE_PUBLIC) {
		web_refuse_401(asked.req, "this token is not known, has expired, or was revoked.");
		return;
	}
	struct kept *kept = slot_of(asked.web->auth, asked.hash);
	memcpy(kept->hash, asked.hash, sizeof kept->hash);
	kept->scope = scope;
	name_actor(kept, json_array_get(rows, 0));
	kept->until = mono_now() + KEEP_US;
	decide(asked.req, kept, asked.fn);
}

void web_auth_check(struct web_request *req, web_handler_fn *fn)
{
	struct str header = http_header(req->http, "Authorization");
	struct str scheme = str_cut(&header, ' ');
	struct str secret = str_trim(header);
	if (!scheme.p && web_session_cookie(req).p) {
		web_session_check(req, fn);
		return;
	}
	if (!scheme.p && web_wants_page(req)) {
		web_session_to_login(req);
		return;
	}
	if (!str_same_nocase(scheme, STR("Bearer")) || !secret.n) {
		web_refuse_401(req, "send a token: Authorization: Bearer … (nurture token create makes one).");
		return;
	}
	unsigned char digest[HASH_SHA256];
	char hash[HASH_HEX];
	hash_sha256(secret, digest);
	hash_hex(digest, sizeof digest, hash);
	const struct kept *kept = slot_of(req->web->auth, hash);
	if (kept->until > mono_now() && sodium_memcmp(kept->hash, hash, sizeof hash) == 0) {
		decide(req, kept, fn);
		return;
	}
	struct asked *asked = mem_alloc(sizeof *asked);
	*asked = (struct asked){.web = req->web, .req = req, .fn = fn};
	memcpy(asked->hash, hash, sizeof hash);
	web_hold(req, &asked->req);
	const char *params[] = {asked->hash};
	store_query(req->web->store, "token_find", params, 1, on_found, asked);
}
