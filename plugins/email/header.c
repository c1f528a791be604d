/* Header values: see header.h. Called by message.c alone. */
#include "header.h"

#include "text.h"

#include <string.h>

enum {
	TEXT_MAX = 2000,     /* bytes of one header text */
	NAME_MAX_BYTES = 256,
	LINE_MAX_COLUMN = 76,
	WORD_LEAST = 9,      /* where less room is left the line ends first */
	WORD_BYTES = 42,     /* of text in one encoded word: 56 in base64 and 12 around them, RFC 2047 allows 75 */
	ATOM_MAX = 400,      /* an unbroken run of ASCII that is longer is encoded, which can be folded */
};

static void fold(GString *out, size_t *column, const char *newline)
{
	g_string_append(out, newline);
	g_string_append_c(out, ' ');
	*column = 1;
}

/* Bytes of text for the next encoded word: the first takes what its line has left, so that a header's first line is not empty. */
static size_t word_room(size_t column)
{
	size_t left = column + 12 < LINE_MAX_COLUMN ? (LINE_MAX_COLUMN - column - 12) / 4 * 3 : 0;
	return left < WORD_LEAST || left > WORD_BYTES ? WORD_BYTES : left;
}

/* `=?utf-8?B?…?=` words, each of whole characters. */
static void append_encoded(GString *out, const char *text, size_t n, size_t *column, const char *newline)
{
	for (size_t i = 0; i < n;) {
		size_t take = 0, step = 0, room = i ? WORD_BYTES : word_room(*column);
		while (i + take < n && take < room) {
			text_next(text + i + take, n - i - take, &step);
			if (take + step > room)
				break;
			take += step;
		}
		char *base64 = g_base64_encode((const guchar *)text + i, take);
		size_t length = strlen(base64) + 12;
		if (i > 0 || *column + length > LINE_MAX_COLUMN)
			fold(out, column, newline);
		g_string_append_printf(out, "=?utf-8?B?%s?=", base64);
		*column += length;
		g_free(base64);
		i += take;
	}
}

static void append_folded(GString *out, const char *text, size_t n, size_t *column, const char *newline)
{
	for (size_t i = 0; i < n;) {
		size_t space = i + 1;
		while (space < n && text[space] != ' ')
			space++;
		size_t word = space - i;
		if (text[i] == ' ' && *column + word > LINE_MAX_COLUMN) {
			fold(out, column, newline);
			i++, word--;
		}
		g_string_append_len(out, text + i, (gssize)word);
		*column += word;
		i += word;
	}
}

static bool must_encode(const GString *line)
{
	size_t run = 0;
	if (!text_is_ascii(line->str, line->len) || strstr(line->str, "=?"))
		return true;
	for (size_t i = 0; i < line->len; i++)
		if ((run = line->str[i] == ' ' ? 0 : run + 1) > ATOM_MAX)
			return true;
	return false;
}

void header_append_text(GString *out, const char *text, size_t n, size_t column, const char *newline)
{
	GString *line = g_string_sized_new(n + 8);
	text_append_line(line, text, n, TEXT_MAX);
	if (must_encode(line))
		append_encoded(out, line->str, line->len, &column, newline);
	else
		append_folded(out, line->str, line->len, &column, newline);
	g_string_free(line, TRUE);
}

/* A display name: atoms as they are, other ASCII quoted, the rest encoded. */
static void append_phrase(GString *out, const GString *name, size_t *column, const char *newline)
{
	bool atoms = true;
	if (must_encode(name)) {
		append_encoded(out, name->str, name->len, column, newline);
		return;
	}
	for (size_t i = 0; i < name->len; i++)
		atoms = atoms && (g_ascii_isalnum(name->str[i]) || strchr(" !#$%&'*+-/=?^_`{|}~", name->str[i]));
	size_t start = out->len;
	if (!atoms)
		g_string_append_c(out, '"');
	for (size_t i = 0; i < name->len; i++) {
		if (name->str[i] == '"' || name->str[i] == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, name->str[i]);
	}
	if (!atoms)
		g_string_append_c(out, '"');
	*column += out->len - start;
}

void header_append_mailbox(GString *out, const char *name, const struct address *address, size_t column,
			   const char *newline)
{
	GString *line = g_string_sized_new(64);
	text_append_line(line, name, strlen(name), NAME_MAX_BYTES);
	if (line->len) {
		append_phrase(out, line, &column, newline);
		if (column + strlen(address->text) + 3 > LINE_MAX_COLUMN)
			fold(out, &column, newline);
		else
			g_string_append_c(out, ' ');
		g_string_append_printf(out, "<%s>", address->text);
	} else {
		g_string_append(out, address->text);
	}
	g_string_free(line, TRUE);
}

void header_append_token(GString *out, const char *text, size_t max)
{
	size_t start = out->len;
	for (; *text && out->len - start < max; text++)
		g_string_append_c(out, g_ascii_isalnum(*text) || strchr("-._", *text) ? *text : '-');
	if (out->len == start)
		g_string_append_c(out, '-');
}
