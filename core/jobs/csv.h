/* A CSV file (RFC 4180, by libcsv in strict mode) read row by row, with the number of the line on which each row begins.
 *
 * A broken row costs itself only: a stray or unclosed quote, a row above CSV_ROW_MAX bytes or a line that is not UTF-8 text is
 * reported with its line, and reading goes on behind that line. Nothing is ever held but one row. */
#ifndef NURTURE_JOBS_CSV_H
#define NURTURE_JOBS_CSV_H

#include "base/arena.h"
#include "base/error.h"
#include "jobs/encoding.h"

enum { CSV_ROW_MAX = 256 * 1024, CSV_COLUMNS_MAX = 1000 };

struct csv_reader;

struct csv_row {
	int64_t line;      /* from 1 */
	struct str *cells; /* in the arena given to csv_next; ended by NUL */
	size_t count;
	const char *broken; /* a sentence when the row cannot be read; then the cells are a guess, for people only: any bytes may stand in them */
};

/* fd is borrowed and read from where it stands; a byte order mark is passed over. separator 0: the one of , ; tab and | that the first line has
 * most often outside of quotes (a comma when it has none). A first line "sep=;" names it, and is passed over. */
struct csv_reader *csv_reader_new(int fd, enum encoding encoding, char separator);
void csv_reader_free(struct csv_reader *reader); /* takes NULL */
/* 1 = a row (perhaps a broken one), 0 = the end, -1 = the file cannot be read. */
int csv_next(struct csv_reader *reader, struct arena *arena, struct csv_row *row, struct error *error) MUST_USE;
int64_t csv_bytes(const struct csv_reader *reader); /* of the file, read so far, for progress */
char csv_separator(const struct csv_reader *reader); /* known when the first row was read */
/* csv_guess.c: the cells that a broken line seems to have, into row->cells and row->count: it is cut at each separator that stands in no well-formed quoted
 * text; a text whose quotes do not fit stands as it is, quotes and all. The last of CSV_COLUMNS_MAX cells holds the rest of the line. */
void csv_guess(struct str line, char separator, struct arena *arena, struct csv_row *row);

#endif
