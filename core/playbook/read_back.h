/* A campaign read back in plain sentences, for mistakes that only a person notices (PLAYBOOK, end of section 4): `nurture check --explain`. */
#ifndef NURTURE_PLAYBOOK_READ_BACK_H
#define NURTURE_PLAYBOOK_READ_BACK_H

#include "base/buf.h"
#include "playbook/playbook.h"

/* What a database says of it; -1 = not known. */
struct read_back_numbers {
	const int64_t *on_step;  /* of each step, how many stand on it; NULL = not known */
	int64_t in, held_out;    /* in the campaign at all; of these held out */
	int64_t enter_now;       /* for whom the enter condition holds now */
	const char *paused_at;   /* it is paused since then; NULL or "" = it is not */
	int64_t paused;          /* how many in it are paused by themselves */
};
/* A paragraph for who enters and leaves, and one for each step, each with its file and line. numbers NULL = none are known. */
void playbook_read_back(const struct playbook *playbook, const struct campaign *campaign, const struct read_back_numbers *numbers, struct buf *out);

#endif
