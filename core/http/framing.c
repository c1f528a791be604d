/* The one reading of a request's length, or a refusal (RFC 9112 sections 3.2, 6.3, 9.3, 11.2). Pure.
 *
 * Content-Length is the only framing: one field, digits only, no leading zero. Transfer-Encoding is never obeyed and never
 * ignored. A body on GET or HEAD is refused, as some proxies forward it and some do not. */
#include "http/framing.h"

#include "http/charset.h"

struct seen {
	struct head *head;
	bool encoding, closes;
	unsigned once; /* bit i: the i-th row of the table was there */
};

static enum head_result bad(struct head_fault *fault, int status, const char *why)
{
	*fault = (struct head_fault){status, why};
	return HEAD_BAD;
}

static enum head_result read_host(struct seen *seen, struct str value, struct head_fault *fault)
{
	struct str rest = value;
	if (value.n && value.p[0] == '[') {
		struct str inner = str_cut(&rest, ']');
		inner.p++, inner.n--;
		for (size_t i = 0; i < inner.n; i++)
			if (!charset_has(inner.p[i], CHAR_HEX) && inner.p[i] != ':' && inner.p[i] != '.')
				return bad(fault, 400, "The Host is not a host name.");
		if (!rest.p || !inner.n || (rest.n && rest.p[0] != ':'))
			return bad(fault, 400, "The Host is not a host name.");
		if (rest.n)
			rest.p++, rest.n--;
	} else {
		struct str name = str_cut(&rest, ':');
		if (!name.n || !charset_all(name, CHAR_HOST))
			return bad(fault, 400, "The Host is not a host name.");
	}
	if (rest.p && (rest.n > 5 || !charset_all(rest, CHAR_DIGIT)))
		return bad(fault, 400, "The Host's port is not a number.");
	seen->head->host = value;
	return HEAD_END;
}

static enum head_result read_length(struct seen *seen, struct str value, struct head_fault *fault)
{
	if (!value.n || !charset_all(value, CHAR_DIGIT) || (value.n > 1 && value.p[0] == '0'))
		return bad(fault, 400, "Content-Length is not a plain number.");
	if (value.n > 18)
		return bad(fault, 413, "The body is too long.");
	seen->head->length = 0;
	for (size_t i = 0; i < value.n; i++)
		seen->head->length = seen->head->length * 10 + (uint64_t)(value.p[i] - '0');
	seen->head->has_length = true;
	return HEAD_END;
}

static enum head_result read_encoding(struct seen *seen, struct str value, struct head_fault *fault)
{
	(void)value, (void)fault;
	seen->encoding = true;
	return HEAD_END;
}

static enum head_result read_connection(struct seen *seen, struct str value, struct head_fault *fault)
{
	(void)fault;
	while (value.p)
		if (str_same_nocase(str_trim(str_cut(&value, ',')), STR("close")))
			seen->closes = true;
	return HEAD_END;
}

static enum head_result read_expect(struct seen *seen, struct str value, struct head_fault *fault)
{
	if (seen->head->minor == 0)
		return HEAD_END; /* RFC 9110 10.1.1 */
	if (!str_same_nocase(value, STR("100-continue")))
		return bad(fault, 417, "The only expectation met here is 100-continue.");
	seen->head->expects_continue = true;
	return HEAD_END;
}

static enum head_result read_type(struct seen *seen, struct str value, struct head_fault *fault)
{
	(void)fault;
	seen->head->content_type = value;
	return HEAD_END;
}

const char framing_packed[] = "Content-Encoding is not accepted: send the body unpacked.";

/* RFC 9110 8.4: what is packed is not unpacked here, so no bomb goes off. gzip, once and alone, some handlers unpack. */
static enum head_result read_coding(struct seen *seen, struct str value, struct head_fault *fault)
{
	if (!value.n || str_same_nocase(value, STR("identity")))
		return HEAD_END;
	if (seen->head->gzip || !str_same_nocase(value, STR("gzip")))
		return bad(fault, 415, framing_packed);
	seen->head->gzip = true;
	return HEAD_END;
}

static enum head_result read_nothing(struct seen *seen, struct str value, struct head_fault *fault)
{
	(void)seen, (void)value, (void)fault;
	return HEAD_END;
}

static const struct known {
	struct str name;
	bool once;
	enum head_result (*read)(struct seen *seen, struct str value, struct head_fault *fault);
} known[] = {
	{{"host", 4}, true, read_host},
	{{"content-length", 14}, true, read_length},
	{{"transfer-encoding", 17}, false, read_encoding},
	{{"connection", 10}, false, read_connection},
	{{"expect", 6}, true, read_expect},
	{{"content-type", 12}, true, read_type},
	{{"content-encoding", 16}, false, read_coding},
	{{"authorization", 13}, true, read_nothing},
};

static enum head_result read_field(struct seen *seen, const struct head_field *field, struct head_fault *fault)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (known[i].name.n != field->name.n || !str_same_nocase(known[i].name, field->name))
			continue;
		if (known[i].once && seen->once & 1u << i)
			return bad(fault, 400, "A header that may stand once stands twice.");
		seen->once |= 1u << i;
		return known[i].read(seen, field->value, fault);
	}
	return HEAD_END;
}

enum head_result framing_check(struct head *head, struct head_fault *fault)
{
	struct seen seen = {.head = head};
	head->host = head->content_type = (struct str){0};
	head->length = 0;
	head->has_length = head->expects_continue = head->gzip = false;
	for (unsigned i = 0; i < head->count; i++)
		if (read_field(&seen, &head->fields[i], fault) == HEAD_BAD)
			return HEAD_BAD;
	bool bodiless = head->method == HTTP_GET || head->method == HTTP_HEAD;
	if (seen.encoding)
		return head->has_length || head->minor == 0 ? bad(fault, 400, "Transfer-Encoding makes the length ambiguous.")
							    : bad(fault, 501, "Transfer-Encoding is not accepted: send Content-Length.");
	if (!head->host.p && head->minor == 1)
		return bad(fault, 400, "HTTP/1.1 needs a Host header.");
	if (bodiless && head->length)
		return bad(fault, 400, "A GET or HEAD request has no body.");
	if (head->minor == 0 && !head->has_length && (head->method == HTTP_POST || head->method == HTTP_PUT || head->method == HTTP_PATCH))
		return bad(fault, 400, "A body in HTTP/1.0 needs Content-Length.");
	head->close = seen.closes || head->minor == 0 || (bodiless && head->has_length);
	return HEAD_END;
}
