/* Sessions of people who signed in. The cookie holds 256 random bits, the database their SHA-256; each request asks it anew, so that what ends a session
 * ends it with the next request, on every node.
 *
 *   cookie ─► session_find ─► role may? ─► POST, PUT, PATCH, DELETE: from our own page, with the session's token? ─► the handler
 *
 * The token is a keyed hash of the cookie: nothing is kept for it, and no session's token fits another. On https the cookie's name begins with __Host-, so
 * that no other host, and nobody without TLS, can set it. */
#include "web/session.h"

#include "base/hash.h"
#include "base/mem.h"
#include "store/people.h"
#include "web/page.h"

#include <sodium.h>
#include <stdlib.h>

enum { PATH_MOST = 1000 };
static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. ";
static const char BASE64URL[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

struct asked {
	struct web_request *req; /* NULL: the client left before its body came */
	struct web *web;
	web_handler_fn *fn;
};

/* ---- the cookie ---- */

static bool is_https(const struct web_request *req)
{
	return strncmp(req->web->worker->config->public_url, "https:", 6) == 0;
}

static const char *name_of(const struct web_request *req)
{
	return is_https(req) ? "__Host-nurture=" : "nurture=";
}

static bool all_of(struct str s, const char *letters)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(letters, s.p[i]))
			return false;
	return true;
}

struct str web_session_cookie(const struct web_request *req)
{
	struct str cookies = http_header(req->http, "Cookie"), name = str_of(name_of(req));
	while (cookies.p) {
		struct str pair = str_trim(str_cut(&cookies, ';'));
		if (!str_starts(pair, name))
			continue;
		struct str value = {pair.p + name.n, pair.n - name.n};
		return value.n == SESSION_TEXT - 1 && all_of(value, BASE64URL) ? value : (struct str){0};
	}
	return (struct str){0};
}

struct str web_session_set(const struct web_request *req, const char *value)
{
	return str_of(arena_printf(http_arena(req->http), "%s%s; Path=/; HttpOnly; SameSite=Lax%s%s", name_of(req), value, is_https(req) ? "; Secure" : "",
				   *value ? "" : "; Max-Age=0"));
}

void web_session_token(struct str cookie, char out[SESSION_TEXT])
{
	static const char what[] = "nurture csrf";
	unsigned char hash[SESSION_SECRET];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)what, sizeof what - 1, (const unsigned char *)cookie.p, cookie.n);
	sodium_bin2base64(out, SESSION_TEXT, hash, sizeof hash, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* ---- where a request comes from ---- */

/* scheme://host[:port] of an address. */
static struct str origin_of(const char *url)
{
	const char *host = strstr(url, "://");
	return host ? (struct str){url, (size_t)(host - url) + 3 + strcspn(host + 3, "/")} : (struct str){0};
}

static bool is_ours(struct str origin, const char *public_url, struct str host, bool https)
{
	struct str scheme = https ? STR("https://") : STR("http://");
	if (str_same_nocase(origin, origin_of(public_url)))
		return true;
	/* Beside public_url, as in development; but never by http what is https outside. */
	bool plain_beside = https || strncmp(public_url, "https:", 6) != 0;
	return plain_beside && host.n && str_starts(origin, scheme) && str_same_nocase((struct str){origin.p + scheme.n, origin.n - scheme.n}, host);
}

bool web_origin_fits(struct str site, struct str origin, const char *public_url, struct str host, bool https)
{
	bool named = origin.p && !str_is(origin, "null");
	if (site.p && !str_is(site, "same-origin"))
		return false;
	if (named)
		return is_ours(origin, public_url, host, https);
	return site.p;
}

bool web_same_origin(const struct web_request *req, const char **why)
{
	struct http_request *http = req->http;
	*why = "this does not come from a page of this server.";
	return web_origin_fits(http_header(http, "Sec-Fetch-Site"), http_header(http, "Origin"), req->web->worker->config->public_url, http_header(http, "Host"),
			       http_is_https(http));
}

bool web_own_path(struct str path)
{
	static const char more[] = "/~?=&%+:,;@!$'()*.";
	if (!path.n || path.n > PATH_MOST || path.p[0] != '/' || (path.n > 1 && path.p[1] == '/'))
		return false;
	for (size_t i = 0; i < path.n; i++)
		if (!path.p[i] || !(strchr(BASE64URL, path.p[i]) || strchr(more, path.p[i])))
			return false;
	return true;
}

bool web_wants_page(const struct web_request *req)
{
	struct str accept = http_header(req->http, "Accept");
	bool reads = http_method(req->http) == HTTP_GET || http_method(req->http) == HTTP_HEAD;
	return reads && accept.n && memmem(accept.p, accept.n, "text/html", 9) && !web_wants_json(req);
}

/* After it, back to where the person wanted to go. */
void web_session_to_login(struct web_request *req)
{
	struct buf place = {0};
	struct str path = http_path(req->http), query = http_query_text(req->http);
	char *wanted = arena_printf(http_arena(req->http), "%.*s%s%.*s", STR_ARG(path), query.n ? "?" : "", STR_ARG(query));
	buf_puts(&place, "/login");
	if (web_own_path(str_of(wanted)) && strcmp(wanted, "/home") != 0) {
		buf_puts(&place, "?next=");
		for (const char *c = wanted; *c; c++)
			buf_printf(&place, strchr(BASE64URL, *c) || *c == '/' ? "%c" : "%%%02X", (unsigned char)*c);
	}
	http_reply_redirect(req->http, 303, buf_str(&place));
	buf_fini(&place);
}

/* ---- the request ---- */

static bool changes(const struct web_request *req)
{
	enum http_method method = http_method(req->http);
	return method != HTTP_GET && method != HTTP_HEAD && method != HTTP_OPTIONS;
}

static bool same_token(struct str given, const char *token)
{
	return given.n == SESSION_TEXT - 1 && sodium_memcmp(given.p, token, SESSION_TEXT - 1) == 0;
}

/* Of a body that has not come the form is not there yet: it is looked at again when it is. */
static bool shows_token(struct web_request *req)
{
	struct str header = http_header(req->http, "X-CSRF-Token");
	struct http_params form = {0};
	struct error unread;
	if (header.p)
		return same_token(header, req->csrf);
	if (req->early)
		return true;
	return http_form(req->http, &form, &unread) == 0 && same_token(http_param(&form, "csrf"), req->csrf);
}

static void go_on(struct web_request *req, web_handler_fn *fn)
{
	const char *why = NULL;
	if (!web_role_may(req->role, req->route))
		web_refuse(req, ERROR_DENIED, NULL, "this is not for people whose role is %s.", req->role);
	else if (changes(req) && !web_same_origin(req, &why))
		web_refuse(req, ERROR_DENIED, "Origin", "%s", why);
	else if (changes(req) && !shows_token(req))
		web_refuse(req, ERROR_DENIED, "csrf", "the session's token is missing or of another one: `csrf` in a form, X-CSRF-Token of a script. Load the page again.");
	else
		fn(req);
}

const char *web_person_actor(struct web_request *req, int64_t person_id, const char *name)
{
	bool plain = strspn(name, PLAIN) == strlen(name);
	return arena_printf(http_arena(req->http), "person %lld%s%.40s", (long long)person_id, plain ? " " : "", plain ? name : "");
}

static void name(struct web_request *req, const json_t *row)
{
	const char *called = json_string_value(json_object_get(row, "name"));
	char token[SESSION_TEXT];
	web_session_token(web_session_cookie(req), token);
	req->asker = "person";
	req->asker_id = json_integer_value(json_object_get(row, "person_id"));
	req->asker_name = arena_dup(http_arena(req->http), called);
	req->role = arena_dup(http_arena(req->http), json_string_value(json_object_get(row, "role")));
	req->scope = web_role_scope(req->role);
	req->session_id = json_integer_value(json_object_get(row, "session_id"));
	req->csrf = arena_dup(http_arena(req->http), token);
	req->actor = web_person_actor(req, req->asker_id, called);
}

static void on_seen(void *arg, const struct error *error)
{
	(void)arg, (void)error; /* seen again a minute later */
}

static void on_found(void *arg, json_t *rows, const struct error *error)
{
	struct asked asked = *(struct asked *)arg;
	struct web_request *req = asked.req;
	const json_t *row = json_array_get(rows, 0);
	free(arg);
	if (!req)
		return;
	web_hold(req, NULL);
	if (error) {
		web_fail(req, error);
	} else if (!row && web_wants_page(req)) {
		web_session_to_login(req);
	} else if (!row) {
		web_refuse_401(req, "this session is over: sign in again at /login.");
	} else {
		if (json_is_true(json_object_get(row, "tired")))
			store_session_seen(asked.web->store, json_integer_value(json_object_get(row, "session_id")), on_seen, NULL);
		name(req, row);
		go_on(req, asked.fn);
	}
}

void web_session_check(struct web_request *req, web_handler_fn *fn)
{
	unsigned char digest[HASH_SHA256];
	char hash[HASH_HEX], idle[16];
	struct asked *asked = mem_alloc(sizeof *asked);
	*asked = (struct asked){.req = req, .web = req->web, .fn = fn};
	hash_sha256(web_session_cookie(req), digest);
	hash_hex(digest, sizeof digest, hash);
	snprintf(idle, sizeof idle, "%d", req->web->worker->config->session_idle * 60);
	web_hold(req, &asked->req);
	const char *params[] = {hash, idle};
	store_query(req->web->store, "session_find", params, 2, on_found, asked);
}
