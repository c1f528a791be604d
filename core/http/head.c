/* Finding the end of a request's head and reading its lines (head.h). What the fields mean together is in framing.c.
 *
 * Lines end with CRLF and nothing else: a CR or LF alone, a NUL, a folded line, a space before the colon are refused, since
 * somebody in front of us may have read them otherwise (RFC 9112 sections 2.2, 5.1, 5.2, 11.2). */
#include "http/head.h"

#include "http/charset.h"
#include "http/framing.h"

static enum head_result bad(struct head_fault *fault, int status, const char *why)
{
	*fault = (struct head_fault){status, why};
	return HEAD_BAD;
}

static enum head_result too_long(const struct head_scan *scan, struct head_fault *fault)
{
	return scan->lines == 0 ? bad(fault, 414, "The request line is too long.")
				: bad(fault, 431, "A header line is too long.");
}

/* A complete line of n bytes without its CRLF ends at scan->at. HEAD_MORE = go on with the next one. */
static enum head_result scan_line(struct head_scan *scan, size_t n, const struct http_limits *limits, struct head_fault *fault)
{
	if (n > limits->line)
		return too_long(scan, fault);
	if (n == 0 && scan->lines == 0) {
		if (scan->start)
			return bad(fault, 400, "Empty lines stand before the request.");
		scan->start = scan->line = scan->at; /* RFC 9112 2.2: one CRLF after an old client's body is no request */
		return HEAD_MORE;
	}
	if (n == 0)
		return HEAD_END;
	scan->lines++;
	scan->line = scan->at;
	if (scan->lines == 1)
		scan->fields = scan->at;
	if (scan->lines - 1u > limits->fields || scan->lines - 1u > HEAD_FIELDS)
		return bad(fault, 431, "There are too many header lines.");
	return HEAD_MORE;
}

/* What is wrong already with bytes of which no line is complete yet. */
static enum head_result scan_rest(const struct head_scan *scan, const struct http_limits *limits, struct head_fault *fault)
{
	if (scan->at - scan->line > limits->line + 1)
		return too_long(scan, fault);
	if (scan->fields && scan->at - scan->fields > limits->head + 2)
		return bad(fault, 431, "The headers are too long.");
	return HEAD_MORE;
}

enum head_result head_scan(struct head_scan *scan, const char *bytes, size_t n, const struct http_limits *limits,
			   struct head_fault *fault)
{
	while (scan->at < n) {
		char first = bytes[scan->line];
		if (scan->lines == 0 && first != '\r' && first != '\n' && !charset_has(first, CHAR_TOKEN))
			return bad(fault, 400, "This is not HTTP."); /* a TLS hello has no line ends to wait for */
		const char *lf = memchr(bytes + scan->at, '\n', n - scan->at);
		if (!lf) {
			scan->at = (uint32_t)n;
			break;
		}
		size_t end = (size_t)(lf - bytes);
		scan->at = (uint32_t)end + 1;
		if (end == scan->line || lf[-1] != '\r')
			return bad(fault, 400, "Lines must end with CR LF.");
		enum head_result result = scan_line(scan, end - 1 - scan->line, limits, fault);
		if (result == HEAD_BAD)
			return HEAD_BAD;
		if (scan->fields && scan->at - scan->fields > limits->head + 2)
			return bad(fault, 431, "The headers are too long.");
		if (result == HEAD_END)
			return HEAD_END;
	}
	return scan_rest(scan, limits, fault);
}

static bool read_method(struct str name, enum http_method *out)
{
	for (int i = 0; i < HTTP_METHODS; i++) {
		if (str_is(name, http_method_name((enum http_method)i))) {
			*out = (enum http_method)i;
			return true;
		}
	}
	return false;
}

static enum head_result parse_version(struct head *head, struct str version, struct head_fault *fault)
{
	if (version.n != 8 || memcmp(version.p, "HTTP/", 5) != 0 || !charset_has(version.p[5], CHAR_DIGIT) || version.p[6] != '.' ||
	    !charset_has(version.p[7], CHAR_DIGIT))
		return bad(fault, 400, "The request line is not \"METHOD /path HTTP/1.1\".");
	if (version.p[5] != '1' || version.p[7] > '1')
		return bad(fault, 505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
	head->minor = version.p[7] - '0';
	return HEAD_END;
}

static enum head_result parse_request_line(struct head *head, struct str line, struct head_fault *fault)
{
	struct str method = str_cut(&line, ' ');
	head->target = str_cut(&line, ' ');
	if (!line.p || !method.n || !charset_all(method, CHAR_TOKEN))
		return bad(fault, 400, "The request line is not \"METHOD /path HTTP/1.1\".");
	if (parse_version(head, line, fault) == HEAD_BAD)
		return HEAD_BAD;
	if (!read_method(method, &head->method))
		return bad(fault, 501, "This method is not known here.");
	if (!head->target.n || head->target.p[0] != '/')
		return bad(fault, 400, "The target must be a path that begins with \"/\".");
	return HEAD_END;
}

static enum head_result parse_field(struct head *head, struct str line, struct head_fault *fault)
{
	const char *colon = memchr(line.p, ':', line.n);
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return bad(fault, 400, "A header line is folded.");
	if (!colon || colon == line.p)
		return bad(fault, 400, "A header line has no name.");
	struct head_field *field = &head->fields[head->count++];
	field->name = (struct str){line.p, (size_t)(colon - line.p)};
	field->value = (struct str){colon + 1, line.n - field->name.n - 1};
	if (!charset_all(field->name, CHAR_TOKEN))
		return bad(fault, 400, "A header name has bytes that may not stand there.");
	if (!charset_all(field->value, CHAR_VALUE))
		return bad(fault, 400, "A header value has control characters.");
	while (field->value.n && (field->value.p[0] == ' ' || field->value.p[0] == '\t'))
		field->value.p++, field->value.n--;
	while (field->value.n && (field->value.p[field->value.n - 1] == ' ' || field->value.p[field->value.n - 1] == '\t'))
		field->value.n--;
	return HEAD_END;
}

/* The next line without its CRLF; p is NULL when no CRLF is left. */
static struct str next_line(struct str *rest)
{
	const char *lf = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	if (!lf || lf == rest->p || lf[-1] != '\r')
		return (struct str){0};
	struct str line = {rest->p, (size_t)(lf - rest->p) - 1};
	rest->n -= line.n + 2;
	rest->p = lf + 1;
	return line;
}

enum head_result head_parse(struct head *head, const char *bytes, size_t n, struct head_fault *fault)
{
	head->count = 0;
	struct str rest = {bytes, n};
	struct str line = next_line(&rest);
	if (!line.p)
		return bad(fault, 400, "Lines must end with CR LF.");
	if (parse_request_line(head, line, fault) == HEAD_BAD)
		return HEAD_BAD;
	for (;;) {
		line = next_line(&rest);
		if (!line.p)
			return bad(fault, 400, "Lines must end with CR LF.");
		if (line.n == 0)
			break;
		if (head->count == HEAD_FIELDS)
			return bad(fault, 431, "There are too many header lines.");
		if (parse_field(head, line, fault) == HEAD_BAD)
			return HEAD_BAD;
	}
	if (rest.n)
		return bad(fault, 400, "Bytes stand after the headers.");
	return framing_check(head, fault);
}

struct str head_find(const struct head *head, struct str name)
{
	for (unsigned i = 0; i < head->count; i++)
		if (str_same_nocase(head->fields[i].name, name))
			return head->fields[i].value;
	return (struct str){0};
}
