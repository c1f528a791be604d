/* The head of a request and its target. Whatever comes in: bytes that arrive in pieces read as they do at once, and what is accepted has
 * one length, one host, and parts that name nothing else. */
#include "http/charset.h"
#include "http/head.h"
#include "http/target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define HOLDS(condition)        \
	do {                    \
		if (!(condition)) \
			abort(); \
	} while (0)

static unsigned count_named(const struct head *head, const char *name)
{
	unsigned count = 0;
	for (unsigned i = 0; i < head->count; i++)
		count += str_same_nocase(head->fields[i].name, str_of(name));
	return count;
}

static void check_head(const struct head *head)
{
	HOLDS(count_named(head, "transfer-encoding") == 0);
	HOLDS(count_named(head, "content-length") == (head->has_length ? 1 : 0));
	HOLDS(count_named(head, "host") <= 1 && (head->minor == 0 || head->host.n));
	HOLDS(!head->length || (head->method != HTTP_GET && head->method != HTTP_HEAD));
	HOLDS(head->minor == 1 || head->close);
	for (unsigned i = 0; i < head->count; i++) {
		HOLDS(head->fields[i].name.n && charset_all(head->fields[i].name, CHAR_TOKEN));
		HOLDS(charset_all(head->fields[i].value, CHAR_VALUE));
	}
}

static void check_target(struct str text)
{
	struct arena *arena = arena_new();
	struct target target;
	const char *why = NULL;
	if (!target_parse(arena, text, &target, &why)) {
		HOLDS(why);
	} else {
		HOLDS(target.path.n + target.query_text.n <= text.n && target.count <= TARGET_SEGMENTS);
		for (size_t i = 0; i < target.count; i++) {
			struct str part = target.segments[i];
			HOLDS(str_is_text(part) && !str_is(part, ".") && !str_is(part, "..") && (part.n || i + 1 == target.count));
			HOLDS(!part.n || (!memchr(part.p, '/', part.n) && !memchr(part.p, '\\', part.n) && !memchr(part.p, '\n', part.n)));
		}
		for (size_t i = 0; i < target.query.count; i++)
			HOLDS(str_is_utf8(target.query.items[i].name) && str_is_utf8(target.query.items[i].value));
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct head head;
	static const struct http_limits limits = {.line = 256, .head = 512, .fields = 16};
	if (n < 1)
		return 0;
	size_t step = data[0] % 7 + 1;
	char *bytes = malloc(n); /* of its exact size, so that a read beyond it is seen */
	n--;
	memcpy(bytes, data + 1, n);
	struct head_scan whole = {0}, pieces = {0};
	struct head_fault f1 = {0}, f2 = {0};
	enum head_result r1 = head_scan(&whole, bytes, n, &limits, &f1), r2 = HEAD_MORE;
	for (size_t have = 0; have < n && r2 == HEAD_MORE;) {
		have = have + step < n ? have + step : n;
		r2 = head_scan(&pieces, bytes, have, &limits, &f2);
	}
	HOLDS(r1 == r2 || (n == 0 && r1 == HEAD_MORE));
	HOLDS(r1 != HEAD_END || (whole.at == pieces.at && whole.start == pieces.start && whole.at <= n));
	if (r1 == HEAD_END) {
		size_t length = whole.at - whole.start;
		char *exact = malloc(length);
		memcpy(exact, bytes + whole.start, length);
		if (head_parse(&head, exact, length, &f1) == HEAD_END) {
			check_head(&head);
			check_target(head.target);
		} else {
			HOLDS(f1.status >= 400 && f1.why);
		}
		free(exact);
	} else if (r1 == HEAD_BAD) {
		HOLDS(f1.status >= 400 && f1.why);
	}
	check_target((struct str){bytes, n});
	free(bytes);
	return 0;
}
