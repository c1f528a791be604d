/* HTTP under /v1/channels/{channel}: part of nurture/plugin.h. */
#ifndef NURTURE_ROUTES_H
#define NURTURE_ROUTES_H

#include <nurture/touch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A name and its text, both ended by NUL. It never grows. */
struct nurture_pair {
	const char *name;
	const char *value;
};

enum {
	NURTURE_ROUTES_MOST = 100,            /* of a plugin */
	NURTURE_PARAMETERS_MOST = 4,          /* of a path */
	NURTURE_BODY_MOST = 16 << 20,         /* bytes of a request's body */
	NURTURE_REPLY_MOST = 16 << 20,        /* bytes of a reply's body */
};

struct nurture_request;

/* One route: a row of a const table. It grows at its end; nurture_routes.route_size says how large the plugin's rows are. */
struct nurture_route {
	const char *method;                   /* "GET" (HEAD is answered by it), "POST", "PUT", "PATCH", "DELETE" */
	const char *path;                     /* behind /v1/channels/{channel}: "/calls/:call/answers"; `:name` is one segment, never empty. Letters, digits, - _ . */
	const char *scope;                    /* who may: "read", "write", "track", "admin" as tokens and people have them, checked before it is passed to
	                                       * you; "public" = anybody on earth: for web hooks, which prove themselves, and pages before a login */
	/* Takes one request; answers by host->reply. On the loop thread, between open and close, also while the channel drains. */
	void (*fn)(void *self, const struct nurture_request *request);
	size_t body;                          /* bytes that its body may have: 0 = 1 MiB; at most NURTURE_BODY_MOST. More is answered 413 */
	const char *const *headers;           /* names of header fields to be told of, NULL-ended; NULL = none. Never Authorization or Cookie */
	/* Of people who signed in: these roles may, too, whatever else they may: "agent", "supervisor", "owner", "marketing", "admin", NULL-ended. NULL =
	 * the scope decides alone. Agents have no scope at all: what is for them names them. */
	const char *const *roles;
	const char *title;                    /* of a page (GET, no :names) that people go to after they signed in: its link's text; NULL = no link */
};

struct nurture_routes {
	size_t size;
	size_t route_size;                    /* sizeof(struct nurture_route) */
	size_t count;
	const struct nurture_route *routes;
};

/* A request. All of it is borrowed: copy what is needed after fn has returned. Texts are UTF-8, decoded, without NUL, and were written by strangers. */
struct nurture_request {
	size_t size;
	struct nurture_handle handle;         /* for reply: a value */
	const struct nurture_route *route;
	const char *path;                     /* the whole of it, as it came */
	const struct nurture_pair *parameters; /* what stood for each :name of the path, in order */
	size_t parameter_count;
	const struct nurture_pair *query;     /* in the order in which they came; a name may come twice */
	size_t query_count;
	const struct nurture_pair *headers;   /* of those that the route asks for, those that came; names as the route writes them */
	size_t header_count;
	const char *content_type;             /* in small letters without parameters, "application/json"; "" = none */
	const char *body;                     /* any bytes; ended by a NUL that is not counted */
	size_t body_length;
	const char *asker;                    /* "token", "person", or "" = nobody is known: a public route */
	int64_t asker_id;                     /* of that token or person; 0 */
	const char *asker_name;               /* "" = none */
	const char *role;                     /* of a person: "agent", "supervisor", "owner", "marketing", "admin"; else "" */
	const char *const *scopes;            /* what the asker may, NULL-ended: of "read", "write", "track", "admin" */
	const char *remote;                   /* the client's address: "192.0.2.7"; "unix" */
	bool https;                           /* between the client and the outermost proxy that is trusted */
	int64_t now;                          /* domain time of the call */
	const char *csrf;                     /* of a person: what each form of yours must hold as `csrf` (<input type="hidden">), or a script send as
	                                       * X-CSRF-Token, with everything that is not GET; the server has looked at it before a request reaches you. "" = no person */
};

struct nurture_reply {
	size_t size;
	int status;                           /* 200 to 599 */
	const char *content_type;             /* NULL = application/json */
	const void *body;                     /* may be NULL when body_length is 0 */
	size_t body_length;
	const struct nurture_pair *headers;   /* more of them: at most 20. Length, connection, date and cookies are the server's. Without a Cache-Control
	                                       * it says no-store; a page without a Content-Security-Policy may load and run nothing from elsewhere */
	size_t header_count;
};

#ifdef __cplusplus
}
#endif

#endif
