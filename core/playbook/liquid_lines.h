/* Between liquid_write.c, liquid_table.c and liquid_lines.c only: the plain text of a mail, line by line, within the quotes and items that are open. */
#ifndef NURTURE_PLAYBOOK_LIQUID_LINES_H
#define NURTURE_PLAYBOOK_LIQUID_LINES_H

#include "playbook/liquid.h"

enum { LINES_WIDTH = 76, LINES_NARROWEST = 24, LINES_DEEPEST = 24, TABLE_COLUMNS = 64 };

struct level { /* a quote or an item that the next lines stand in */
	char marker[24];
	size_t width;
	bool quote, marked; /* marked: the marker was printed, blanks follow */
};
struct list {
	lua_Integer next; /* number of the next item; -1 = bullets */
	bool tight;
};
struct table { /* cells row by row; the first row is the head */
	char aligns[TABLE_COLUMNS + 1]; /* one letter a column: l, c, r */
	size_t columns;
	struct buf text;  /* of all cells, one behind the other */
	size_t *ends, count, room;
};
struct liquid_writer {
	struct level levels[LINES_DEEPEST];
	size_t depth;
	struct list lists[LINES_DEEPEST];
	size_t list_depth;
	size_t start; /* of the open block's text in out */
	bool begun, gap;
	struct buf laid;
	struct table table; /* none stands in another */
};

struct liquid_writer *liquid_writer_of(lua_State *lua);
size_t lines_room(const struct liquid_writer *writer);                      /* characters that the levels leave a line */
void lines_gap(struct liquid_writer *writer);                               /* the empty line before a block, where one stands before it */
void lines_wrapped(struct liquid_writer *writer, struct str text);          /* one line of text, at the width that the levels leave */
void lines_as_is(struct liquid_writer *writer, struct str text);
void lines_underline(struct liquid_writer *writer, struct str text, char c); /* as long as text */
void lines_done(struct liquid_writer *writer);                              /* a block ends */

#endif
