/* What letters of a job show: pictures of the playbook, kept with the job when its letters are looked at, so that a job is written with the same however late that is. Read again before
 * letters are printed. */
#ifndef DIRECTMAIL_PICTURES_H
#define DIRECTMAIL_PICTURES_H

#include "office.h"
#include "pages.h"

struct pictures {
	struct pages_picture *items;
	size_t count;
};

extern const struct nurture_statement pictures_keep; /* job, name, bytes */
extern const struct nurture_statement pictures_of;   /* job: the rows that pictures_read takes */

/* Copies; pictures_fini frees. */
void pictures_read(struct pictures *out, const struct nurture_rows *rows);
void pictures_fini(struct pictures *pictures);

#endif
