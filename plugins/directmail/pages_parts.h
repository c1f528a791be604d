/* What the files of pages.h share: the sheet's measures, the body's blocks, what is laid out. */
#ifndef NURTURE_DIRECTMAIL_PAGES_PARTS_H
#define NURTURE_DIRECTMAIL_PAGES_PARTS_H

#include "pages.h"

#include <pango/pangocairo.h>

#define MM (72.0 / 25.4) /* points */
#define INCH 72.0
#define LEADING 1.35 /* of the body */

/* ---- the body: pages_body.c ---- */

enum block_kind { BLOCK_TEXT, BLOCK_CODE, BLOCK_PICTURE, BLOCK_ROW, BLOCK_PAGE /* a new page begins */ };
enum { SPAN_BOLD = 1, SPAN_ITALIC = 2, SPAN_MONO = 4 };

struct span {
	guint start, end; /* bytes of the block's text */
	unsigned style;   /* SPAN_… */
};

struct block {
	enum block_kind kind;
	int level;         /* of a heading, 1 to 6; 0 = none */
	int depth;         /* how far it is indented */
	bool tight;        /* a table's row below another */
	bool head;         /* a table's row of heads */
	char marker[16];   /* of a list's item, at its first block */
	GString *text;     /* of a row: its cells, parted by CELL_END; of a picture: its caption */
	GArray *spans;     /* struct span, rising */
	char *picture;     /* its name */
};
#define CELL_END 0x1f

/* The blocks of a body, in order (struct block *); free with g_ptr_array_unref. hyphen: may be NULL. */
struct hyphen;
GPtrArray *body_blocks(const char *html, const struct hyphen *hyphen);
/* A paragraph of plain text (level > 0: a heading), as a block of its own. */
struct block *body_text(const char *text, int level);
void body_block_free(void *block);

/* ---- words: pages_hyphen.c ---- */

/* The rules of a language, loaded once a thread; NULL = it has none here: its words are not parted. */
const struct hyphen *hyphen_of(const char *language);
/* Appends text with soft hyphens in its longer words. */
void hyphen_put(const struct hyphen *hyphen, const char *text, size_t n, GString *out);
/* Takes those away that end no line of the layout: else they would stand in words that are searched for, and part ligatures. true: lay it out anew. */
bool hyphen_drop_unused(PangoLayout *layout, GString *text, GArray *spans);

/* ---- the sheet: pages_sheet.c ---- */

struct box {
	double x, y, width, height; /* points, from the paper's top left */
};

/* Where things are on the first page. */
struct sheet {
	double width, height;          /* of the paper */
	struct box window;             /* the address */
	struct box sender;             /* the return address: above the address in the window, or at the head */
	bool sender_in_window;         /* one small line at the box's bottom; else lines at its top */
	struct box information;        /* reference and date */
	double text;                   /* where the subject's line begins */
	struct box body;               /* of further pages; the first page's begins below the subject */
	struct box logo;
	double folds[3];               /* marks at the left edge, from the top; 0 = no more */
};
struct sheet sheet_of(const struct pages_layout *layout);

/* ---- a document ---- */

struct picture;

struct pages {
	struct pages_layout layout;
	struct sheet sheet;
	double size, margin;  /* of the body's type; of the paper around the cut */
	double leading;       /* from line to line, in sizes */
	pages_write_fn *write;
	void *write_arg;
	bool refused;         /* the writer said no */
	cairo_surface_t *surface;
	cairo_t *cairo;
	PangoFontMap *fonts;
	PangoContext *context;
	PangoFontDescription *font;
	GHashTable *pictures; /* by name */
	struct picture *logo;
	struct pages_report *report;
};

/* A layout in the body's font at so many points, that counts what no font has. style: SPAN_…; width: points; < 0 = one line. Give it back with g_object_unref. */
PangoLayout *pages_text(struct pages *pages, const char *text, const GArray *spans, double size, unsigned style, double width);
/* A layout stands at the side where the letter's language begins; this sets it. */
void pages_align(const struct pages *pages, PangoLayout *layout, bool right);
/* A word for the letter's report: what a person should look at. */
void pages_note(struct pages *pages, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Notes what no font has. */
void pages_count_missing(struct pages *pages, PangoLayout *layout);
double pages_layout_height(PangoLayout *layout);
double pages_layout_width(PangoLayout *layout);
void pages_show(struct pages *pages, PangoLayout *layout, double x, double y);

/* ---- pictures and codes: pages_picture.c, pages_code.c ---- */

/* From a PNG; NULL: it is none. */
struct picture *picture_new(const void *bytes, size_t n);
void picture_free(void *picture);
/* Its size on paper: 300 dots an inch, made smaller to fit. */
void picture_size(const struct picture *picture, double most_width, double most_height, double *width, double *height);
void picture_show(const struct picture *picture, cairo_t *cairo, double x, double y, double width, double height);

struct code; /* a QR code */
struct code *code_new(const char *text); /* NULL: too long */
void code_free(struct code *code);
double code_size(const struct code *code); /* with its quiet zone, points */
void code_show(const struct code *code, cairo_t *cairo, double x, double y);

/* ---- the first page's furniture: pages_head.c ---- */

struct head;
/* above: gets, one a line, what has no room where it belongs (a return address, a reference of many lines): it stands above the subject. */
struct head *head_new(struct pages *pages, const struct letter_text *letter, GString *above);
void head_free(struct head *head);
void head_show(const struct head *head, struct pages *pages, const struct letter_text *letter);

/* ---- tables: pages_table.c ---- */

struct cell {
	PangoLayout *layout;
	double x; /* from the item's */
};

/* What is laid out: a paragraph, a row, a picture, the code. */
struct item {
	const struct block *block; /* NULL = the code */
	struct cell *cells;
	int cell_count;
	PangoLayout *marker;
	int lines;                 /* of the cell that has most; all lines are as high. 0 = it has none */
	double x, height, line, before;
	bool whole;                /* parted only where it is higher than a page */
	bool keeps;                /* is on the same page as what follows */
	guint head;                /* of a row: where its table's head is among the items, and one; 0 = it has none */
	const struct picture *picture;
	double picture_width, picture_height;
};
void item_add_cell(struct item *item, PangoLayout *layout, double x); /* takes the layout */

/* Sets the table whose first row is blocks[first] and appends its rows to items (struct item). Gives the number of blocks that it took. */
guint table_set(struct pages *pages, const GPtrArray *blocks, guint first, double x, double width, GArray *items);

/* ---- the body on pages: pages_flow.c ---- */

struct flow;
/* The subject and the body; above: what stands before the subject, may be "". NULL with *problem: a picture is none. */
struct flow *flow_new(struct pages *pages, const struct letter_text *letter, const char *above, struct nurture_problem *problem);
void flow_free(struct flow *flow);
int flow_pages(const struct flow *flow);
void flow_show(const struct flow *flow, struct pages *pages, int page); /* from 0 */

#endif
