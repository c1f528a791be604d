/* One slot of a file of answers. Shared by answers.c (its own file) and answers_left.c (those of the dead); nobody else includes it.
 *
 *   data_dir/delivery/CHANNEL.TOKEN: slots of struct kept_answer; 0 = free, the sum is written last
 *   data_dir/delivery/CHANNEL.TOKEN.refused: the database would not take one of them; for a person to look at */
#ifndef NURTURE_DELIVERY_ANSWERS_H
#define NURTURE_DELIVERY_ANSWERS_H

#include "base/hash.h"
#include "delivery/parts.h"

#include <stddef.h>

enum { NAME_MOST = 96, SAID_MOST = 240, REMOTE_MOST = 160 };

struct kept_answer {
	uint64_t sum; /* of all behind it */
	int64_t touch_id, lead_id, claimed_at, due_at;
	int32_t attempt, state;
	char reason[SAID_MOST], remote_id[REMOTE_MOST], campaign[NAME_MOST], step[NAME_MOST], kind[NAME_MOST], template_name[NAME_MOST], channel[NAME_MOST];
};
enum { ANSWERS_MOST = CHANNEL_CAPACITY_MAX, FILE_SIZE = ANSWERS_MOST * sizeof(struct kept_answer) };

static inline uint64_t kept_answer_sum(const struct kept_answer *a)
{
	size_t from = offsetof(struct kept_answer, touch_id);
	return hash_stable((struct str){(const char *)a + from, sizeof *a - from}) | 1;
}

#endif
