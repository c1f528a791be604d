/* The HTTP/1.1 server: small, strict, on the worker's loop (DESIGN section 8). Knows the protocol and nothing of leads.
 *
 * Made for a reverse proxy in front, safe without one. A request whose length could be read in two ways is refused and its
 * connection closed; one request of a connection is with the handler at a time; every wait has an absolute deadline in
 * machine time; an idle connection holds no buffers. Nothing here blocks or starts a thread.
 *
 *   begin (only when a body is announced)  → choose limit, deadline, streaming; or reply at once; or http_pause
 *   handler (the request is complete)      → http_reply…(req, …) now or later, exactly once
 *
 * A request is valid from begin or handler until the loop callback in which it was replied to ends. If the client goes away first,
 * it stays valid, and the reply is a no-op. */
#ifndef NURTURE_HTTP_HTTP_H
#define NURTURE_HTTP_HTTP_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct http_request;

/* ---- the server -------------------------------------------------------------------------------------------------- */

struct http_limits {         /* 0 = the default, which stands here */
	size_t line;            /* bytes of the request line, and of one header line: 8 KiB */
	size_t head;            /* bytes of all header lines: 16 KiB */
	unsigned fields;        /* header fields: 100; at most 128 */
	size_t body;            /* bytes of a body unless begin says otherwise: 1 MiB */
	size_t bodies;          /* bytes of all bodies held in memory at once: 256 MiB; beyond it 503 */
	unsigned connections;   /* what the descriptor limit allows, less 64 */
	unsigned per_address;   /* connections of one address (IPv6: of one /64), trusted proxies excepted: 256; beyond it 503 at once */
	int64_t head_us;        /* from the first byte (or accept) to the end of the headers: 10 s */
	int64_t body_us;        /* from there to the end of the body: 60 s */
	int64_t handle_us;      /* the handler's time; then the client gets 503 and the late reply is a no-op: 120 s */
	int64_t write_us;       /* for the reply to be taken, plus a second for each 16 KiB of it: 30 s */
	int64_t idle_us;        /* between requests: 60 s */
};
struct http_limits http_limits_default(void);

/* What is to be done with an announced body. begin finds the server's limits here and may change them. */
typedef void http_chunk_fn(struct http_request *req, struct str data, void *arg);
typedef void http_gone_fn(struct http_request *req, void *arg);
struct http_plan {
	size_t limit;           /* Content-Length beyond it is answered 413, the connection closed */
	const char *advice;     /* behind the words that a body is longer than that; NULL = none */
	int64_t deadline_us;    /* for the whole body; time spent paused does not count */
	bool gzip;              /* a body packed with gzip is taken, as it comes: the handler unpacks it. Else 415 */
	http_chunk_fn *chunk;   /* not NULL: the body comes through here in pieces (valid for the call) and is not kept */
	http_gone_fn *aborted;  /* the body will never be complete; the request is gone after the call. Needed with chunk, and by a
				 * begin that pauses or keeps the request */
	void *arg;              /* of chunk and aborted */
};
/* Called when the headers are complete and Content-Length is not 0. May reply (the body is then not read and the connection
 * closed afterwards) or http_pause until it is known whether the body is wanted. */
typedef void http_begin_fn(struct http_request *req, struct http_plan *plan, void *arg);
/* Called when the request is complete; of a streamed one after its last chunk. */
typedef void http_handler_fn(struct http_request *req, void *arg);
/* Called when the handler's time is over: a page for people in place of the problem (503), in the request's arena, or empty. Nothing may be replied here. */
typedef struct str http_late_fn(struct http_request *req, void *arg);

struct http_options {
	int listen_fd;          /* a listening socket; http closes it at http_drain or http_server_free */
	struct http_limits limits;
	const char *const *trusted_proxies; /* addresses or CIDR, NULL-ended, or NULL; a unix-socket peer is always trusted */
	http_handler_fn *handler;
	http_begin_fn *begin;   /* or NULL */
	http_late_fn *late;     /* or NULL */
	void *arg;
};
/* NULL with error when an address in trusted_proxies cannot be read; the descriptor is then left open. */
struct http_server *http_server_new(struct loop *loop, const struct http_options *options, struct error *error) MUST_USE;
/* Closes everything at once. Requests not replied to stay valid; their replies are no-ops. Takes NULL. */
void http_server_free(struct http_server *server);
/* Stops accepting and lets running requests finish; idle connections have two seconds for a last one. Replies say Connection: close. Then
 * calls done (which may free the server). */
void http_drain(struct http_server *server, loop_fn *done, void *arg);

/* For /metrics. All but `open` and `busy` only grow. */
struct http_counters {
	uint64_t accepted, open, busy;   /* connections; requests that wait for a reply */
	uint64_t requests, refused, gone; /* to the handler; answered 4xx/5xx by the protocol; clients that left before their reply */
	uint64_t replies[6];             /* by first digit of the status, [0] unused */
	uint64_t timeouts_head, timeouts_body, timeouts_handle, timeouts_write, timeouts_idle;
	uint64_t accept_pauses;          /* for want of descriptors, or at the limit of connections */
	uint64_t crowded;                /* connections refused because their address had too many */
	uint64_t bytes_in, bytes_out;
};
const struct http_counters *http_counters(const struct http_server *server);

/* Opens a listening socket: "127.0.0.1:8080", "[::1]:8080", "unix:/path" (mode 0660; a dead socket file is replaced).
 * Non-blocking, close-on-exec, TCP_NODELAY (inherited by what it accepts). Returns the descriptor or -1. */
int http_listen(const char *address, struct error *error) MUST_USE;

/* ---- the request ------------------------------------------------------------------------------------------------- */

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OPTIONS, HTTP_METHODS };
const char *http_method_name(enum http_method method);

/* A name and its value, of a query, a form or a multipart body. Decoded, valid UTF-8, no NUL. */
struct http_param {
	struct str name;
	struct str value;       /* of a file its bytes as they came */
	struct str file_name;   /* p is NULL unless the part was a file; never a path to trust */
	struct str type;        /* the part's own Content-Type, or empty */
};
struct http_params {
	const struct http_param *items;
	size_t count;
};
/* The first value of that name; p is NULL when there is none. */
struct str http_param(const struct http_params *params, const char *name);

enum http_method http_method(const struct http_request *req);
/* The path as it came, without the query; and its decoded parts: "/v1/leads/7" has 3, "/" has 0, "/a/" has 2 and the last is
 * empty. Never NUL, slash, backslash, control characters, invalid UTF-8, "." or ".." in a part, never an empty part but the last. */
struct str http_path(const struct http_request *req);
size_t http_segments(const struct http_request *req);
struct str http_segment(const struct http_request *req, size_t i); /* empty, p NULL, beyond the last */
struct str http_query_text(const struct http_request *req); /* as it came, without "?" */
const struct http_params *http_query(const struct http_request *req);
struct str http_header(const struct http_request *req, const char *name); /* the first of that name, any case; p NULL = none */
size_t http_headers(const struct http_request *req);
void http_header_at(const struct http_request *req, size_t i, struct str *name, struct str *value);
/* The media type in small letters without parameters, "application/json"; empty when none came. */
struct str http_content_type(const struct http_request *req);
struct str http_body(const struct http_request *req); /* ends with a NUL that is not counted; empty of a streamed request */
uint64_t http_content_length(const struct http_request *req);

/* The fields of application/x-www-form-urlencoded or multipart/form-data, in the request's arena. At most 200 fields.
 * ERROR_INVALID with the field's name or "body"; another content type is ERROR_INVALID with where "Content-Type". */
int http_form(struct http_request *req, struct http_params *out, struct error *error) MUST_USE;

/* Who asks: the peer, or what trusted proxies say in X-Forwarded-For (the last address that is not itself a trusted proxy). */
struct http_address {
	unsigned char bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	bool is_unix;            /* a unix-socket peer that named nobody */
};
const struct http_address *http_client(struct http_request *req);
const char *http_client_text(struct http_request *req); /* "192.0.2.7", "2001:db8::1", "unix" */
bool http_is_https(struct http_request *req);           /* X-Forwarded-Proto of a trusted proxy */

struct arena *http_arena(struct http_request *req);    /* lives as long as the request */
struct loop *http_loop(const struct http_request *req);
void http_set_data(struct http_request *req, void *data); /* for the caller; never looked at */
void *http_data(const struct http_request *req);

/* The client has gone, or has closed its side: nobody may be waiting. The reply must still be made. */
bool http_is_gone(const struct http_request *req);
/* Calls fn once when that happens before the reply; fn NULL takes it back. fn may reply. */
void http_on_gone(struct http_request *req, http_gone_fn *fn, void *arg);

/* The client asked whether its body is wanted (Expect: 100-continue) and waits for the word: for begin, which may reply instead. */
bool http_waits_for_word(const struct http_request *req);
/* From handler, or after http_pause in begin: what takes longer than `us` from now is answered 503, as handle_us says for all. */
void http_answer_within(struct http_request *req, int64_t us);

/* Back-pressure of a body: no more chunks (or, in begin, no body at all) until resumed. Neither nests. */
void http_pause(struct http_request *req);
void http_resume(struct http_request *req);

/* ---- the reply: one of these, once ------------------------------------------------------------------------------- */

struct http_header {
	const char *name;  /* NULL ends the list */
	struct str value;  /* a value with control characters turns the reply into a 500 and an error in the log */
};

/* Status 200..599. headers may be NULL; Date, Content-Length, Connection and X-Content-Type-Options are put by http. Everything is copied.
 * To HEAD the body is not sent but its length is. 204 and 304 have none. */
void http_reply(struct http_request *req, int status, const struct http_header *headers, struct str body);
/* Takes the malloc'd body instead of copying it: for long ones. */
void http_reply_take(struct http_request *req, int status, const struct http_header *headers, char *body, size_t n);
/* JSON, compact, Cache-Control: no-store. The reference to json is taken. headers may be NULL. */
void http_reply_json(struct http_request *req, int status, const struct http_header *headers, json_t *json);
/* application/problem+json (RFC 9457): type, title, status, detail = message, field = where. status 0: by error->code
 * (invalid 400, not found 404, conflict 409, denied 403, limit 413, unavailable 503 with Retry-After, system 500, whose message is logged, not sent). */
void http_reply_problem(struct http_request *req, int status, const struct error *error);
/* text/html; charset=utf-8 with a Content-Security-Policy that allows nothing but inline styles, images and forms of this
 * site; no framing, no referrer, no-store. A header given here replaces the one of the same name. */
void http_reply_html(struct http_request *req, int status, const struct http_header *headers, struct str html);
/* 301, 302, 303, 307 or 308. Bytes that may not stand in a URL are percent-encoded; whether the place may be gone to at all is the caller's matter. */
void http_reply_redirect(struct http_request *req, int status, struct str location);
/* The answer to a method that the resource does not have: OPTIONS gets 204, others 405; both with Allow ("GET, HEAD, POST"). */
void http_reply_allow(struct http_request *req, const char *allow);

#endif
