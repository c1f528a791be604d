/* Text from outside made harmless: see text.h. Never allocates but by its output; knows nothing of mail. */
#include "text.h"

#include <stdint.h>
#include <string.h>

gunichar text_next(const char *bytes, size_t n, size_t *step)
{
	const unsigned char *p = (const unsigned char *)bytes;
	*step = 1;
	if (p[0] < 0x80)
		return p[0];
	gunichar c = g_utf8_get_char_validated(bytes, n > 4 ? 4 : (gssize)n);
	if (c == (gunichar)-1 || c == (gunichar)-2 || !g_unichar_validate(c))
		return 0xFFFD;
	*step = (size_t)g_unichar_to_utf8(c, NULL);
	return c;
}

/* Characters that may end a line, end the text, or make it read as something else. */
static bool is_unsafe(gunichar c)
{
	return c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F || c == 0x061C || c == 0xFEFF ||
	       (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void text_append_line(GString *out, const char *text, size_t n, size_t max)
{
	size_t start = out->len;
	bool space = false;
	for (size_t i = 0, step; i < n; i += step) {
		gunichar c = text_next(text + i, n - i, &step);
		if (is_unsafe(c) || c == ' ') {
			space = out->len > start;
			continue;
		}
		if (out->len - start + 5 > max)
			return;
		if (space)
			g_string_append_c(out, ' ');
		space = false;
		if (c < 0x80)
			g_string_append_c(out, (char)c);
		else
			g_string_append_unichar(out, c);
	}
}

void text_append_html(GString *out, const char *text, size_t n)
{
	for (size_t i = 0, step; i < n; i += step) {
		gunichar c = text_next(text + i, n - i, &step);
		switch (c) {
		case '&': g_string_append(out, "&amp;"); break;
		case '<': g_string_append(out, "&lt;"); break;
		case '>': g_string_append(out, "&gt;"); break;
		case '"': g_string_append(out, "&quot;"); break;
		case '\'': g_string_append(out, "&#39;"); break;
		case 0: break;
		default: g_string_append_unichar(out, c);
		}
	}
}

bool text_is_ascii(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7E)
			return false;
	return true;
}

enum { NAME_MAX_LENGTH = 40 };

/* Edits (insert, drop, replace, swap of neighbours) from a to b. */
static size_t distance(const char *a, const char *b)
{
	size_t rows[NAME_MAX_LENGTH + 1][NAME_MAX_LENGTH + 1], m = strlen(a), n = strlen(b);
	if (m > NAME_MAX_LENGTH || n > NAME_MAX_LENGTH)
		return SIZE_MAX;
	for (size_t i = 0; i <= m; i++)
		rows[i][0] = i;
	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= m; i++)
		for (size_t j = 1; j <= n; j++) {
			size_t best = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			best = MIN(best, rows[i - 1][j] + 1);
			best = MIN(best, rows[i][j - 1] + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, rows[i - 2][j - 2] + 1);
			rows[i][j] = best;
		}
	return rows[m][n];
}

const char *text_nearest(const char *wanted, const char *const *names)
{
	const char *best = NULL;
	size_t least = 2 + strlen(wanted) / 4;
	for (; *names; names++) {
		size_t d = distance(wanted, *names);
		if (d < least) {
			least = d;
			best = *names;
		}
	}
	return best;
}
