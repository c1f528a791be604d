/* Letters as print-ready PDF, by pango and cairo: paper, address window, body, QR code. The caller opens a document, adds letters, closes it: one a job or one a
 * letter, as it likes.
 *
 * Pure: no database, no loop, no clock; it reads fonts by fontconfig and the pictures it is given. It may be used in a thread of its own (a document belongs to
 * one thread at a time). What always holds: same input, same fonts and libraries: the same bytes; nothing is cut silently; memory does not grow with the letters. */
#ifndef NURTURE_DIRECTMAIL_PAGES_H
#define NURTURE_DIRECTMAIL_PAGES_H

#include <nurture/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pages_paper { PAGES_A4, PAGES_LETTER };

/* Where the envelope's window is (pages_sheet.c has the measures and their sources). */
enum pages_window {
	PAGES_DIN5008_A, /* small letterhead */
	PAGES_DIN5008_B, /* large letterhead */
	PAGES_US10,      /* US #10, single window; letters folded at 4 and 8 inches */
};

/* How letters of a document look. Texts are UTF-8; borrowed until pages_close. */
struct pages_layout {
	enum pages_paper paper;
	enum pages_window window;
	const char *font;     /* family; NULL = "Noto Sans". Other scripts come from whatever fontconfig knows */
	double size;          /* points of the body, 8 to 14; 0 = 10.5 */
	double bleed;         /* mm of paper beyond the cut, 0 to 10; with it crop marks are drawn */
	bool fold_marks;
	const void *logo;     /* a PNG, at the head of the first page; NULL = none */
	size_t logo_length;
	const char *creator;  /* in the PDF's properties: "job 17"; may be NULL */
	int64_t made_at;      /* the document's date: microseconds since 1970, UTC */
};

/* A picture of the body: PNG. It is named as nurture_file's content_id is (<img src="cid:…">). */
struct pages_picture {
	const char *name;
	const void *bytes;
	size_t length;
};

/* One letter. Texts are UTF-8 ended by NUL (what is broken becomes U+FFFD); NULL = none. */
struct letter_text {
	const char *lines[10];  /* the address (address.h) */
	size_t line_count;
	const char *sender;     /* the return address; line ends become " · " above the window */
	const char *date;       /* as it is to be printed */
	const char *reference;
	const char *subject;
	const char *html;       /* the body: the field "html" of a touch, as the server renders Markdown. Tags that it does not write are left out, their text is kept */
	const char *language;   /* "de", "ar": hyphenation, direction, shapes of shared characters; NULL = "en" */
	const char *url;        /* of the QR code; NULL or "" = no code */
	const char *code;       /* the same for people, printed beside it; may be NULL */
	const char *invitation; /* what stands beside it: "Scan, or type:"; NULL = nothing */
	const struct pages_picture *pictures;
	size_t picture_count;
	const char *stamp;      /* across the head of the first page: "SAMPLE"; NULL = none */
};

enum { PAGES_MISSING_MOST = 32 };

/* What became of a letter. */
struct pages_report {
	int pages;                            /* of this letter */
	char overflow[256];                   /* the address does not fit the window: which line, for people; "" = it fits */
	char note[400];                       /* what was set otherwise than it was meant, as it had no room: for people; "" = nothing */
	size_t missing;                       /* places where no font has the character */
	uint32_t missing_characters[PAGES_MISSING_MOST]; /* which, each once, in the order of the text; 0 = the end */
	bool missing_more;                    /* there are others */
};

/* Takes the PDF, in order. false: it cannot (no space); nothing more is written then. */
typedef bool pages_write_fn(void *arg, const void *bytes, size_t n);

struct pages;

/* NULL with *problem. */
struct pages *pages_open(const struct pages_layout *layout, pages_write_fn *write, void *arg, struct nurture_problem *problem);
/* Adds a letter, beginning a new page. Always draws it whole; whoever does not want it as reported asks pages_look first. false with *problem: the document
 * cannot be written (the writer said no) or a picture is none; where = "" or what is wrong. After a failed write only pages_close helps. */
bool pages_add(struct pages *pages, const struct letter_text *letter, struct pages_report *report, struct nurture_problem *problem);
/* The same report, and nothing is drawn: is the window large enough, are the characters there? */
bool pages_look(struct pages *pages, const struct letter_text *letter, struct pages_report *report, struct nurture_problem *problem);
/* Ends the document and frees it; NULL is taken. false with *problem: it is not whole. */
bool pages_close(struct pages *pages, struct nurture_problem *problem);

/* Is a family of that name there (or one of several, with commas between)? Where none is, another font is drawn in its place. */
bool pages_has_font(const char *family);

/* Does the address of a letter fit the window? As pages_look, but of the address alone, and quick: most addresses are short enough to be known by their length. */
bool pages_fits(struct pages *pages, const char *const *lines, size_t count);

/* "U+1F600, U+4E00 …" of a report, and "" of none. Ends with "and others" where it does not name all. */
void pages_missing_text(const struct pages_report *report, char *text, size_t room);

#endif
