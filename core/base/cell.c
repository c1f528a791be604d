/* Cells of CSV files, out and in: see cell.h. Called by exports and imports. */
#include "base/cell.h"

/* Apostrophes and blanks, then what makes a formula; also as full-width signs (U+FF1D, FF0B, FF0D, FF20), which spreadsheets of East Asia take for these. OWASP, CSV injection. */
static bool looks_like_formula(struct str text)
{
	static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
	while (text.n && (*text.p == '\'' || *text.p == ' '))
		text = str_skip(text, 1);
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (str_starts(text, str_of(wide[i])))
			return true;
	return text.n && memchr("=+-@\t\r", *text.p, 6);
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
