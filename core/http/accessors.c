/* What a handler may read of its request: slices of the head and the target, all valid as long as the request. */
#include "http/form.h"
#include "http/server.h"

const char *http_method_name(enum http_method method)
{
	static const char *const names[HTTP_METHODS] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
	return (unsigned)method < HTTP_METHODS ? names[method] : "";
}

enum http_method http_method(const struct http_request *req)
{
	return req->head.method;
}

struct str http_path(const struct http_request *req)
{
	return req->target.path;
}

size_t http_segments(const struct http_request *req)
{
	return req->target.count;
}

struct str http_segment(const struct http_request *req, size_t i)
{
	return i < req->target.count ? req->target.segments[i] : (struct str){0};
}

struct str http_query_text(const struct http_request *req)
{
	return req->target.query_text;
}

const struct http_params *http_query(const struct http_request *req)
{
	return &req->target.query;
}

struct str http_header(const struct http_request *req, const char *name)
{
	return head_find(&req->head, str_of(name));
}

size_t http_headers(const struct http_request *req)
{
	return req->head.count;
}

void http_header_at(const struct http_request *req, size_t i, struct str *name, struct str *value)
{
	*name = req->head.fields[i].name;
	*value = req->head.fields[i].value;
}

struct str http_content_type(const struct http_request *req)
{
	struct str type = req->head.content_type;
	type = str_trim(str_cut(&type, ';'));
	char *small = arena_dup_n(req->arena, type.p, type.n);
	for (size_t i = 0; i < type.n; i++)
		if (small[i] >= 'A' && small[i] <= 'Z')
			small[i] |= 0x20;
	return (struct str){small, type.n};
}

struct str http_body(const struct http_request *req)
{
	return buf_str(&req->body);
}

uint64_t http_content_length(const struct http_request *req)
{
	return req->head.length;
}

int http_form(struct http_request *req, struct http_params *out, struct error *error)
{
	return form_parse(req->arena, req->head.content_type, http_body(req), out, error);
}

struct arena *http_arena(struct http_request *req)
{
	return req->arena;
}

struct loop *http_loop(const struct http_request *req)
{
	return req->server->loop;
}

void http_set_data(struct http_request *req, void *data)
{
	req->data = data;
}

void *http_data(const struct http_request *req)
{
	return req->data;
}
