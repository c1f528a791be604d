/* What a record says under each name that a column can have: the parts and lines of its address, what its template says, and its numbers. Used in the thread only. */
#ifndef DIRECTMAIL_LETTER_VIEW_H
#define DIRECTMAIL_LETTER_VIEW_H

#include "address.h"
#include "folder.h"

struct letter_view {
	const struct folder_of *of;
	const struct folder_letter *letter;
	char street[400], street2[400];
	struct post_address address;
	struct post_lines lines;
	bool has_lines, cut; /* cut: its street is longer than fits here, and is not whole */
	char number[24];
};

void letter_view_init(struct letter_view *view, const struct folder_of *of, const struct folder_letter *letter);
void letter_view_fini(struct letter_view *view);
/* "" where it says nothing. Lives as long as the view, or until the next number. */
const char *letter_view_text(struct letter_view *view, const char *source);
const struct post_lines *letter_view_lines(struct letter_view *view);
/* Whether a column may be made of that. */
bool letter_view_knows(const char *source);
/* "line3" → 3; 0 = it is no line. */
int letter_view_line(const char *source);
/* How many lines the address has, where the columns of the data file print fewer; 0 = they print all of it, or no lines at all. */
size_t letter_view_lost(struct letter_view *view);

/* The address of a flat object with to.name, to.street …; street: two lines of 400 bytes each for its parts. Borrows. false: the street is longer, and was cut. */
bool letter_address(const json_t *content, char street[400], char street2[400], struct post_address *out);

/* SHA-256 of the household's and the person's key, in hex, so that nobody reads an address off a row or a list; "" = there is none. */
void letter_keys(const struct post_address *address, const char *sender_country, char house[OUT_HASH_TEXT], char person[OUT_HASH_TEXT]);

#endif
