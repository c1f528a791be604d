/* From a job's records to printed letters: the setting `layout`, and what of a record stands where on the page (pages.h). Used by folder.c in the thread, by show.c in a process of its own. */
#ifndef DIRECTMAIL_PAPER_H
#define DIRECTMAIL_PAPER_H

#include "letter_view.h"
#include "pages.h"

/* Is this a setting `layout`? { paper, window, font, size, bleed, fold_marks, logo, code }, each optional. */
bool paper_knows(const json_t *layout);

/* Whether letters can be printed so: the font is there, the logo is a PNG that can be read. here: it is asked by the process that will print; another one (nurture config) may be of a user who
 * may not read the logo, which says nothing. false with the problem. */
bool paper_can(const struct settings *settings, bool here, struct nurture_problem *problem);

struct paper;

/* A document. of: its settings, its moment, whether it is a sample; borrowed until paper_close. NULL with the problem (the logo cannot be read). */
struct paper *paper_open(const struct folder_of *of, pages_write_fn *write, void *arg, struct nurture_problem *problem);
/* *pages: of this letter. note: what a person should look at (the address does not fit the window, a character that no font has), "" = nothing. 0, or -1 with the problem: nothing
 * more can be written. */
enum { PAPER_NOTE = 1200 };
int paper_add(struct paper *paper, struct letter_view *view, int *pages, char note[PAPER_NOTE], struct nurture_problem *problem);
/* Ends it and frees it; NULL is taken. 0, or -1 with the problem: it is not whole. */
int paper_close(struct paper *paper, struct nurture_problem *problem);

/* The window alone: whether an address fits it. Made by whoever asks before anything is printed; settings are borrowed. */
struct paper_window;
struct paper_window *paper_window_new(const struct settings *settings);
void paper_window_free(struct paper_window *window); /* NULL is taken */
/* content: as of folder_letter. Quick for all but long addresses (pages_fits). */
bool paper_window_fits(struct paper_window *window, const json_t *content);

#endif
