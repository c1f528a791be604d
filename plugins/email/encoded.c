/* See encoded.h. Which was asked for longest ago goes first. */
#include "encoded.h"

#include "transfer.h"

#include <stdint.h>
#include <string.h>

struct one {
	GString *raw, *lines; /* NULL: free */
	uint64_t asked;       /* number of the call */
};

struct encoded {
	const char *newline;
	struct one all[ENCODED_FILES];
	size_t bytes, made;
	uint64_t calls;
};

struct encoded *encoded_new(const char *newline)
{
	struct encoded *encoded = g_new0(struct encoded, 1);
	encoded->newline = newline;
	return encoded;
}

static void forget(struct encoded *encoded, struct one *one)
{
	if (!one->raw)
		return;
	encoded->bytes -= one->raw->len + one->lines->len;
	g_string_free(one->raw, TRUE);
	g_string_free(one->lines, TRUE);
	*one = (struct one){0};
}

void encoded_free(struct encoded *encoded)
{
	for (size_t i = 0; encoded && i < ENCODED_FILES; i++)
		forget(encoded, &encoded->all[i]);
	g_free(encoded);
}

static struct one *oldest(struct encoded *encoded)
{
	struct one *found = &encoded->all[0];
	for (size_t i = 0; i < ENCODED_FILES; i++)
		if (encoded->all[i].asked < found->asked)
			found = &encoded->all[i];
	return found;
}

static struct one *oldest_kept(struct encoded *encoded, const struct one *but)
{
	struct one *found = NULL;
	for (size_t i = 0; i < ENCODED_FILES; i++) {
		struct one *one = &encoded->all[i];
		if (one != but && one->raw && (!found || one->asked < found->asked))
			found = one;
	}
	return found;
}

static struct one *make(struct encoded *encoded, const void *bytes, size_t n)
{
	struct one *one = oldest(encoded), *other;
	forget(encoded, one);
	one->raw = g_string_new_len(bytes, (gssize)n);
	one->lines = g_string_sized_new(n / 57 * 78 + 128);
	transfer_append_binary(one->lines, bytes, n, encoded->newline);
	encoded->bytes += one->raw->len + one->lines->len;
	encoded->made++;
	while (encoded->bytes > ENCODED_BYTES && (other = oldest_kept(encoded, one)) != NULL)
		forget(encoded, other);
	return one;
}

const GString *encoded_of(struct encoded *encoded, const void *bytes, size_t n)
{
	struct one *found = NULL;
	for (size_t i = 0; i < ENCODED_FILES && !found; i++) {
		struct one *one = &encoded->all[i];
		if (one->raw && one->raw->len == n && memcmp(one->raw->str, bytes, n) == 0)
			found = one;
	}
	if (!found)
		found = make(encoded, bytes, n);
	found->asked = ++encoded->calls;
	return found->lines;
}

size_t encoded_made(const struct encoded *encoded)
{
	return encoded->made;
}
