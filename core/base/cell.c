/* Cells of CSV files, out and in: see cell.h. Called by exports and imports. */
#include "base/cell.h"

/* Apostrophes and blanks, then what makes a formula: also the full-width signs (U+FF1D, FF0B, FF0D, FF20) that spreadsheets of East Asia take for
 * the narrow ones (OWASP, CSV injection). */
static bool looks_like_formula(struct str text)
{
	static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
	size_t i = 0;
	while (i < text.n && (text.p[i] == '\'' || text.p[i] == ' '))
		i++;
	for (size_t n = 0; n < sizeof signs / sizeof *signs; n++)
		if (str_starts((struct str){text.p + i, text.n - i}, str_of(signs[n])))
			return true;
	return false;
}

void cell_put(struct buf *out, struct str text)
{
	double number;
	bool formula = looks_like_formula(text) && !str_to_double(text, &number);
	bool quoted = text.n && (text.p[0] == ' ' || text.p[text.n - 1] == ' ' || memchr(text.p, ',', text.n) || memchr(text.p, '"', text.n) ||
				 memchr(text.p, '\n', text.n) || memchr(text.p, '\r', text.n) || memchr(text.p, '\t', text.n));
	if (quoted)
		buf_putc(out, '"');
	if (formula)
		buf_putc(out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, text.p[i]);
	}
	if (quoted)
		buf_putc(out, '"');
}

struct str cell_text(struct str cell)
{
	return cell.n > 1 && cell.p[0] == '\'' && looks_like_formula(cell) ? (struct str){cell.p + 1, cell.n - 1} : cell;
}
