/* The shapes of replies: JSON, problem, page, redirect, allowed methods. All end in http_reply or http_reply_take. */
#include "base/log.h"
#include "http/charset.h"
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>

enum { OWN_HEADERS = 12 };

/* The caller's headers first, then those of ours whose names are not among them. */
static const struct http_header *joined(struct http_request *req, const struct http_header *theirs, const struct http_header *ours)
{
	size_t n = 0, kept = 0;
	while (theirs && theirs[n].name)
		n++;
	struct http_header *all = arena_array(req->arena, n + OWN_HEADERS, sizeof *all);
	if (n)
		memcpy(all, theirs, n * sizeof *all);
	for (kept = n; ours->name; ours++) {
		bool replaced = false;
		for (size_t i = 0; i < n && !replaced; i++)
			replaced = str_same_nocase(str_of(theirs[i].name), str_of(ours->name));
		if (!replaced)
			all[kept++] = *ours;
	}
	return all;
}

void http_reply_json(struct http_request *req, int status, const struct http_header *headers, json_t *json)
{
	static const struct http_header ours[] = {
		{"Content-Type", {"application/json", 16}}, {"Cache-Control", {"no-store", 8}}, {0}};
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(json);
	if (!text) {
		log_error("http.json_not_encoded");
		http_reply(req, 500, NULL, STR(""));
		return;
	}
	http_reply_take(req, status, headers ? joined(req, headers, ours) : ours, text, strlen(text));
}

static int status_of(enum error_code code)
{
	switch (code) {
	case ERROR_INVALID: return 400;
	case ERROR_DENIED: return 403;
	case ERROR_NOT_FOUND: return 404;
	case ERROR_CONFLICT: return 409;
	case ERROR_LIMIT: return 413;
	case ERROR_UNAVAILABLE: return 503;
	case ERROR_NONE:
	case ERROR_SYSTEM: break;
	}
	return 500;
}

void http_reply_problem(struct http_request *req, int status, const struct error *error)
{
	static const struct http_header plain[] = {
		{"Content-Type", {"application/problem+json", 24}}, {"Cache-Control", {"no-store", 8}}, {0}};
	static const struct http_header later[] = {
		{"Content-Type", {"application/problem+json", 24}}, {"Cache-Control", {"no-store", 8}}, {"Retry-After", {"1", 1}}, {0}};
	bool hidden = error->code == ERROR_SYSTEM || error->code == ERROR_NONE;
	struct buf body = {0};
	if (!status)
		status = status_of(error->code);
	if (hidden)
		log_error("http.failed", log_int("status", status), log_str("where", error->where), log_str("message", error->message));
	buf_printf(&body, "{\"type\":\"urn:nurture:%s\",\"title\":\"%s\",\"status\":%d,\"detail\":", error_code_name(error->code),
		   reply_reason(status), status);
	buf_put_json(&body, hidden ? STR("Something failed here; the server's log says what.") : str_of(error->message));
	if (error->where[0] && !hidden) {
		buf_puts(&body, ",\"field\":");
		buf_put_json(&body, str_of(error->where));
	}
	buf_puts(&body, "}\n");
	size_t n = body.n;
	http_reply_take(req, status, status == 503 || status == 429 ? later : plain, buf_take(&body), n);
}

void http_reply_html(struct http_request *req, int status, const struct http_header *headers, struct str html)
{
	static const char policy[] = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
				     "base-uri 'none'; frame-ancestors 'none'";
	static const struct http_header ours[] = {
		{"Content-Type", {"text/html; charset=utf-8", 24}}, {"Cache-Control", {"no-store", 8}},
		{"Content-Security-Policy", {policy, sizeof policy - 1}}, {"X-Frame-Options", {"DENY", 4}},
		{"Referrer-Policy", {"no-referrer", 11}}, {"Cross-Origin-Opener-Policy", {"same-origin", 11}}, {0}};
	http_reply(req, status, headers ? joined(req, headers, ours) : ours, html);
}

void http_reply_redirect(struct http_request *req, int status, struct str location)
{
	static const char hex[] = "0123456789ABCDEF";
	struct buf url = {0};
	for (size_t i = 0; i < location.n; i++) {
		unsigned char c = (unsigned char)location.p[i];
		if (c > ' ' && c < 0x7f && !strchr("\"<>\\^`{|}", c)) {
			buf_putc(&url, (char)c);
			continue;
		}
		buf_putc(&url, '%');
		buf_putc(&url, hex[c >> 4]);
		buf_putc(&url, hex[c & 15]);
	}
	const struct http_header headers[] = {{"Location", buf_str(&url)}, {"Cache-Control", STR("no-store")}, {0}};
	http_reply(req, status, headers, STR(""));
	buf_fini(&url);
}

void http_reply_allow(struct http_request *req, const char *allow)
{
	const struct http_header headers[] = {{"Allow", str_of(allow)}, {"Content-Type", STR("application/problem+json")}, {0}};
	if (http_method(req) == HTTP_OPTIONS) {
		http_reply(req, 204, (const struct http_header[]){headers[0], {0}}, STR(""));
		return;
	}
	char *body = arena_printf(req->arena,
				  "{\"type\":\"urn:nurture:method\",\"title\":\"%s\",\"status\":405,\"detail\":\"%s is not among %s\"}\n",
				  reply_reason(405), http_method_name(http_method(req)), allow);
	http_reply(req, 405, headers, str_of(body));
}
