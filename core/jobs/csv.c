/* Lines are cut here and fed to libcsv one by one, so that we know on which line a row began and how it ended: a row
 * is whole when the parser stands between rows after a line. When a row turns out broken, its first line is reported and the
 * lines behind it are fed again as if nothing had been before them. */
#include "jobs/csv.h"

#include "base/buf.h"
#include "base/mem.h"

#include <csv.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct csv_reader {
	int fd;
	char separator;      /* 0: not known yet */
	struct encoder *encoder;
	struct csv_parser parser;
	struct buf in;       /* read from the file, as UTF-8; from `at` on not looked at */
	size_t at;
	bool ended, begun;
	char newline;        /* '\n'; '\r' in files of old Macs, which have no other */
	int64_t bytes, line; /* line: of the next one that is cut */
	struct buf row;      /* lines of the row that is being read */
	struct buf again;    /* lines to be cut before those of the file */
	size_t again_at;
	/* what the parser made of the row */
	struct arena *arena;
	struct str *cells;
	size_t count, room;
	size_t columns;      /* of the first row of the file; 0: not read yet */
	bool whole, too_many;
	bool torn;           /* a carriage return stands alone in it: the parser took it for the end of a row */
};

static void on_cell(void *p, size_t n, void *arg)
{
	struct csv_reader *r = arg;
	r->torn |= r->whole;
	if (r->count == CSV_COLUMNS_MAX) {
		r->too_many = true;
		return;
	}
	struct str *cell = arena_push(r->arena, &r->cells, r->count, &r->room, sizeof *r->cells);
	*cell = (struct str){arena_dup_n(r->arena, p ? p : "", n), n};
	r->count++;
}

static void on_row(int c, void *arg)
{
	struct csv_reader *r = arg;
	(void)c;
	r->whole = true;
}

static void reset(struct csv_reader *r)
{
	csv_free(&r->parser);
	if (csv_init(&r->parser, CSV_STRICT))
		abort();
	csv_set_delim(&r->parser, (unsigned char)(r->separator ? r->separator : ','));
	r->cells = NULL;
	r->count = r->room = 0;
	r->whole = r->too_many = r->torn = false;
	buf_clear(&r->row);
}

struct csv_reader *csv_reader_new(int fd, enum encoding encoding, char separator)
{
	struct csv_reader *r = mem_alloc(sizeof *r);
	*r = (struct csv_reader){.fd = fd, .separator = separator, .encoder = encoder_new(encoding), .line = 1, .newline = '\n'};
	reset(r);
	return r;
}

void csv_reader_free(struct csv_reader *r)
{
	if (!r)
		return;
	csv_free(&r->parser);
	encoder_free(r->encoder);
	buf_fini(&r->in);
	buf_fini(&r->row);
	buf_fini(&r->again);
	free(r);
}

int64_t csv_bytes(const struct csv_reader *r)
{
	return r->bytes;
}

char csv_separator(const struct csv_reader *r)
{
	return r->separator;
}

/* More bytes from the file behind what is not looked at yet. */
static int fill(struct csv_reader *r, struct error *error)
{
	size_t rest = r->in.n - r->at;
	if (rest)
		memmove(r->in.p, r->in.p + r->at, rest);
	r->in.n = rest;
	r->at = 0;
	char chunk[CHUNK];
	ssize_t n = read(r->fd, chunk, sizeof chunk);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0)
		return error_errno(error, NULL, "cannot read the file");
	r->ended = n == 0;
	r->bytes += n;
	encoder_put(r->encoder, chunk, (size_t)n, r->ended, &r->in);
	if (!r->begun && r->in.n >= 3) {
		r->begun = true;
		if (!memchr(r->in.p, '\n', r->in.n) && memchr(r->in.p, '\r', r->in.n - !r->ended)) /* one at the end may have its other half behind it */
			r->newline = '\r';
		if (memcmp(r->in.p, "\xEF\xBB\xBF", 3) == 0)
			r->at = 3;
	}
	return 0;
}

static void tell_separator(struct csv_reader *r, const struct buf *line)
{
	static const char known[] = ",;\t|";
	size_t counts[sizeof known - 1] = {0}, best = 0;
	bool quoted = false;
	for (size_t i = 0; i < line->n; i++) {
		const char *at = line->p[i] ? strchr(known, line->p[i]) : NULL;
		quoted ^= line->p[i] == '"';
		if (at && !quoted)
			counts[at - known]++;
	}
	for (size_t i = 1; i < sizeof known - 1; i++)
		if (counts[i] > counts[best])
			best = i;
	r->separator = known[best];
	csv_set_delim(&r->parser, (unsigned char)r->separator);
}

/* "sep=;", as Excel writes it first: for whoever reads the file, and no row of it. A separator that the map names has the last word. */
static bool is_separator_line(struct csv_reader *r, const struct buf *line)
{
	struct str text = buf_str(line);
	while (text.n && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
		text.n--;
	if (text.n > 2 && text.p[0] == '"' && text.p[text.n - 1] == '"')
		text = (struct str){text.p + 1, text.n - 2};
	if (text.n != 5 || !str_same_nocase((struct str){text.p, 4}, STR("sep=")) || !strchr(",;\t|", text.p[4]) || !text.p[4])
		return false;
	if (!r->separator) {
		r->separator = text.p[4];
		csv_set_delim(&r->parser, (unsigned char)r->separator);
	}
	return true;
}

/* The next line with its end, at most CSV_ROW_MAX + 1 bytes of it (the rest of a longer one is passed over). 1, 0 at the end, -1. */
static int next_line(struct csv_reader *r, struct buf *line, struct error *error)
{
	buf_clear(line);
	struct buf *from = r->again_at < r->again.n ? &r->again : &r->in;
	size_t *at = from == &r->again ? &r->again_at : &r->at;
	for (;;) {
		const char *start = *at ? from->p + *at : from->p;
		const char *end = from->n > *at ? memchr(start, from == &r->again ? '\n' : r->newline, from->n - *at) : NULL;
		size_t n = end ? (size_t)(end - start) + 1 : from->n - *at;
		size_t room = CSV_ROW_MAX + 1 - (line->n < CSV_ROW_MAX + 1 ? line->n : CSV_ROW_MAX + 1);
		if (n)
			buf_put(line, start, n < room ? n : room);
		*at += n;
		if (end || (from == &r->again && n) || (r->ended && from == &r->in))
			break;
		if (fill(r, error))
			return -1;
	}
	if (!line->n)
		return 0;
	if (line->p[line->n - 1] != '\n')
		buf_putc(line, '\n');
	r->line++;
	return 1;
}

/* Reports the row's first line as broken, with the cells that it seems to have, and puts those behind it back. */
static int give_up(struct csv_reader *r, int64_t first, const char *why, struct csv_row *row)
{
	const char *end = memchr(r->row.p, '\n', r->row.n);
	size_t n = end ? (size_t)(end - r->row.p) + 1 : r->row.n;
	struct buf rest = {0};
	buf_put(&rest, r->row.p + n, r->row.n - n);
	if (r->again.n > r->again_at)
		buf_put(&rest, r->again.p + r->again_at, r->again.n - r->again_at);
	buf_fini(&r->again);
	r->again = rest;
	r->again_at = 0;
	r->line = first + 1;
	*row = (struct csv_row){.line = first, .broken = why};
	csv_guess((struct str){r->row.p, n}, r->separator ? r->separator : ',', r->arena, row);
	reset(r);
	return 1;
}

/* A row that holds what is no text is whole all the same when it has as many cells as the others: all its lines are one row then. */
static int no_text(struct csv_reader *r, int64_t first, struct csv_row *row)
{
	static const char why[] = "it is not text in the file's encoding (UTF-8, where nothing else is said), or holds control characters.";
	if (r->count != r->columns)
		return give_up(r, first, why, row);
	*row = (struct csv_row){.line = first, .cells = r->cells, .count = r->count, .broken = why};
	reset(r);
	return 1;
}

static int finish(struct csv_reader *r, int64_t first, struct csv_row *row)
{
	if (r->torn)
		return give_up(r, first, "a carriage return stands alone in it: lines end in LF or CR LF, and texts with line breaks stand in quotes.", row);
	if (r->too_many)
		return give_up(r, first, "it has more than 1,000 columns.", row);
	for (size_t i = 0; i < r->count; i++)
		if (!str_is_text(r->cells[i]))
			return no_text(r, first, row);
	if (!r->columns)
		r->columns = r->count;
	*row = (struct csv_row){.line = first, .cells = r->cells, .count = r->count};
	reset(r);
	return 1;
}

int csv_next(struct csv_reader *r, struct arena *arena, struct csv_row *row, struct error *error)
{
	struct buf line = {0};
	int64_t first = r->line;
	int result;
	r->arena = arena;
	*row = (struct csv_row){0};
	while ((result = next_line(r, &line, error)) == 1) {
		if (!r->row.n)
			first = r->line - 1;
		if (r->line == 2 && !r->row.n && is_separator_line(r, &line))
			continue;
		if (!r->separator && str_trim(buf_str(&line)).n)
			tell_separator(r, &line);
		buf_put(&r->row, line.p, line.n);
		bool strict = csv_parse(&r->parser, line.p, line.n, on_cell, on_row, r) != line.n;
		if (strict)
			result = give_up(r, first, "a quote stands where none may: inside a quoted text it is written twice (\"\").", row);
		else if (r->row.n > CSV_ROW_MAX)
			result = give_up(r, first, "it is longer than 256 KB: is a quote never closed?", row);
		else if (r->whole)
			result = finish(r, first, row);
		else if (r->parser.pstate == 0)
			reset(r); /* an empty line */
		else
			continue;
		if (row->broken || row->cells)
			break;
	}
	if (result == 0 && r->row.n)
		result = give_up(r, first, "a quote is opened here and never closed.", row);
	buf_fini(&line);
	return result;
}
