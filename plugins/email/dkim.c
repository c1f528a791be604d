/* Canonical forms and signatures: see dkim.h. */
#include "dkim.h"

#include <inttypes.h>
#include <openssl/sha.h>
#include <string.h>

/* Each is signed once more than it stands there; Cc stands never. */
static const char *const names[] = {"from",     "to",           "cc",           "reply-to",         "subject",               "date",
				    "message-id", "mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post", "feedback-id", "auto-submitted"};
enum { NAMES = sizeof names / sizeof *names, FIELDS_MOST = 64 };

struct field {
	const char *name, *value, *end; /* value: behind the colon; end: behind its last line */
	size_t name_length;
};

/* Fields of the header in *out; returns where the body begins, NULL: it is no message that we could have made. */
static const char *read_fields(const GString *message, struct field out[FIELDS_MOST], size_t *count)
{
	const char *p = message->str, *all = p + message->len;
	*count = 0;
	while (p < all) {
		const char *line = memchr(p, '\n', (size_t)(all - p));
		if (!line)
			return NULL;
		if (line == p || (line == p + 1 && *p == '\r'))
			return line + 1;
		if (*p == ' ' || *p == '\t') {
			if (*count)
				out[*count - 1].end = line + 1;
		} else {
			const char *colon = memchr(p, ':', (size_t)(line - p));
			if (!colon || *count == FIELDS_MOST)
				return NULL;
			out[(*count)++] = (struct field){p, colon + 1, line + 1, (size_t)(colon - p)};
		}
		p = line + 1;
	}
	return NULL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Relaxed (3.4.2): name in small letters, unfolded, runs of white space one space, none at the ends. Without its last CRLF. */
static void append_field(GString *out, const char *name, size_t name_length, const char *value, const char *end)
{
	bool gap = false;
	for (size_t i = 0; i < name_length; i++)
		g_string_append_c(out, g_ascii_tolower(name[i]));
	g_string_append_c(out, ':');
	size_t start = out->len;
	for (; value < end; value++) {
		if (is_space(*value)) {
			gap = true;
			continue;
		}
		if (gap && out->len > start)
			g_string_append_c(out, ' ');
		gap = false;
		g_string_append_c(out, *value);
	}
}

/* Relaxed (3.4.4): runs of white space one space, none at the end of a line, no empty lines at the end of the body; lines end with CRLF. */
static void append_body(GString *out, const char *p, const char *all)
{
	size_t empty = 0;
	while (p < all) {
		const char *line = memchr(p, '\n', (size_t)(all - p)), *next = line ? line + 1 : all, *end = line ? line : all;
		while (end > p && is_space(end[-1]))
			end--;
		if (end == p)
			empty++;
		for (; end > p && empty; empty--)
			g_string_append_len(out, "\r\n", 2);
		for (const char *c = p; c < end;) {
			const char *run = c;
			while (run < end && *run != ' ' && *run != '\t')
				run++;
			g_string_append_len(out, c, run - c);
			if (run < end)
				g_string_append_c(out, ' ');
			for (c = run; c < end && (*c == ' ' || *c == '\t');)
				c++;
		}
		if (end > p)
			g_string_append_len(out, "\r\n", 2);
		p = next;
	}
}

static char *body_hash(const char *body, const char *all)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	GString *canonical = g_string_sized_new((gsize)(all - body) + 64);
	append_body(canonical, body, all);
	SHA256((const unsigned char *)canonical->str, canonical->len, digest);
	g_string_free(canonical, TRUE);
	return g_base64_encode(digest, sizeof digest);
}

static bool is_named(const struct field *field, const char *name)
{
	return field->name_length == strlen(name) && !g_ascii_strncasecmp(field->name, name, field->name_length);
}

/* Canonical fields that are signed, and their names for h=; of fields that stand there twice the last comes first (5.4.2). */
static void choose_fields(const struct field *fields, size_t count, const char *newline, GString *signed_text, GString *list)
{
	size_t column = 0;
	for (size_t i = 0; i < NAMES; i++) {
		size_t times = 1;
		for (size_t k = count; k-- > 0;) {
			if (!is_named(&fields[k], names[i]))
				continue;
			append_field(signed_text, fields[k].name, fields[k].name_length, fields[k].value, fields[k].end);
			g_string_append(signed_text, "\r\n");
			times++;
		}
		for (; times > 0; times--) {
			if (list->len)
				g_string_append_c(list, ':');
			if (column + strlen(names[i]) > 60) {
				g_string_append_printf(list, "%s\t", newline);
				column = 0;
			}
			g_string_append(list, names[i]);
			column += strlen(names[i]) + 1;
		}
	}
}

/* RSA signs the text's SHA-256, Ed25519 signs that hash as its message (RFC 8463 section 3). */
static char *signature(const struct dkim_key *key, const GString *text)
{
	unsigned char digest[SHA256_DIGEST_LENGTH], out[1024];
	const unsigned char *what = (const unsigned char *)text->str;
	size_t n = text->len, length = sizeof out;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (key->ed25519) {
		SHA256(what, n, digest);
		what = digest, n = sizeof digest;
	}
	bool good = ctx && EVP_DigestSignInit(ctx, NULL, key->ed25519 ? NULL : EVP_sha256(), NULL, key->key) == 1 &&
		    EVP_DigestSign(ctx, out, &length, what, n) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? g_base64_encode(out, length) : NULL;
}

static void append_folded(GString *out, const char *text, const char *newline)
{
	for (size_t n = strlen(text), i = 0; i < n; i += 70) {
		g_string_append_len(out, text + i, (gssize)MIN((size_t)70, n - i));
		if (i + 70 < n)
			g_string_append_printf(out, "%s\t", newline);
	}
}

struct signing {
	const GString *signed_text, *list;
	const char *bh, *newline;
	int64_t now;
};

static bool sign_one(const struct dkim_key *key, const struct signing *s, GString *out)
{
	static const char name[] = "DKIM-Signature";
	GString *text = g_string_new_len(s->signed_text->str, (gssize)s->signed_text->len), *value = g_string_new(NULL);
	g_string_printf(value, " v=1; a=%s-sha256; c=relaxed/relaxed; d=%s;%s\ts=%s; t=%" PRId64 ";%s\th=%s;%s\tbh=%s;%s\tb=", key->ed25519 ? "ed25519" : "rsa",
			key->domain, s->newline, key->selector, s->now / 1000000, s->newline, s->list->str, s->newline, s->bh, s->newline);
	append_field(text, name, strlen(name), value->str, value->str + value->len);
	char *b = signature(key, text);
	if (b) {
		g_string_append_printf(out, "%s:%s", name, value->str);
		append_folded(out, b, s->newline);
		g_string_append(out, s->newline);
	}
	g_free(b);
	g_string_free(text, TRUE);
	g_string_free(value, TRUE);
	return b != NULL;
}

bool dkim_sign(const struct dkim *dkim, GString *message, const char *newline, int64_t now)
{
	struct field fields[FIELDS_MOST];
	size_t count;
	const char *body = read_fields(message, fields, &count);
	if (!body)
		return false;
	GString *signed_text = g_string_sized_new(1024), *list = g_string_new(NULL), *out = g_string_sized_new(1024);
	char *bh = body_hash(body, message->str + message->len);
	bool good = true;
	choose_fields(fields, count, newline, signed_text, list);
	struct signing s = {signed_text, list, bh, newline, now};
	for (size_t i = 0; i < dkim->count && good; i++)
		good = sign_one(&dkim->keys[i], &s, out);
	if (good)
		g_string_prepend_len(message, out->str, (gssize)out->len);
	g_string_free(signed_text, TRUE);
	g_string_free(list, TRUE);
	g_string_free(out, TRUE);
	g_free(bh);
	return good;
}
