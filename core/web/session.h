/* Who is signed in: the cookie of a session, what a person's role may, and what a request by cookie must show beside it. */
#ifndef NURTURE_WEB_SESSION_H
#define NURTURE_WEB_SESSION_H

#include "web/context.h"

enum { SESSION_SECRET = 32, SESSION_TEXT = 44 /* base64url of it, with NUL */ };

/* The cookie's value where a request has one that could be ours; p NULL = none. */
struct str web_session_cookie(const struct web_request *req);
/* Set-Cookie: a session's, or with "" one that takes it away. In the request's arena. */
struct str web_session_set(const struct web_request *req, const char *value);
/* Calls fn when the cookie is of a living session whose person may use the route, or replies 401, 403, 503 or the way to the log-in. req has a cookie. */
void web_session_check(struct web_request *req, web_handler_fn *fn);
/* The token that goes with the session of that cookie: `csrf` of forms, X-CSRF-Token of scripts. Of no use to who has it without the cookie. */
void web_session_token(struct str cookie, char out[SESSION_TEXT]);

/* `person 7 ann` for the audit, the name only as far as it is plain, as of tokens. In the request's arena. */
const char *web_person_actor(struct web_request *req, int64_t person_id, const char *name);

/* Does it come from a page of ours? By Sec-Fetch-Site, else by Origin, of which browsers send one with each POST; *why says what is wrong. */
bool web_same_origin(const struct web_request *req, const char **why);
/* The same, pure: site and origin p NULL = not sent; public_url as configured; host and https as the request has them. */
bool web_origin_fits(struct str site, struct str origin, const char *public_url, struct str host, bool https);
/* A place of our own to go to after the log-in: never another host, never anything but a path with its query. */
bool web_own_path(struct str path);
/* A browser that shows a page, and would rather be shown the log-in than told 401. */
bool web_wants_page(const struct web_request *req);
void web_session_to_login(struct web_request *req);

/* ---- roles.c ---- */
/* What core's routes let a person of this role do; SCOPE_PUBLIC: nothing of them. */
enum web_scope web_role_scope(const char *role);
/* By that scope, or because the route or the role says so by name. */
bool web_role_may(const char *role, const struct web_route *route);

#endif
