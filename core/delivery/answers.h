/* A file of answers: a head and slots. Shared by answers.c (its own file) and answers_left.c (those of the dead); nobody else includes it.
 *
 *   data_dir/delivery/CHANNEL.TOKEN: the head, slots of struct kept_answer; 0 = free, the sum is written last
 *   data_dir/delivery/CHANNEL.TOKEN.refused: the database would not take one of them
 *
 * A later version may make slots longer at their end: then it leaves `since` as it is, and this one reads what it knows of them. Where anything
 * else changes, `since` is that version, and those before it leave the file alone. Numbers are in the machine's order: a file stays on its disk. */
#ifndef NURTURE_DELIVERY_ANSWERS_H
#define NURTURE_DELIVERY_ANSWERS_H

#include "base/hash.h"
#include "delivery/parts.h"

#include <stddef.h>

enum { ANSWERS_VERSION = 1, ANSWERS_SINCE = 1 };
struct answers_head {
	char magic[16];       /* ANSWERS_MAGIC, written last; all 0: its process never came to use it */
	uint32_t version, since; /* who wrote it; the first one that can read it */
	uint32_t head_size, slot_size, slots;
	uint32_t unused[7];
};
#define ANSWERS_MAGIC "nurture answers"

enum { NAME_MOST = 96, SAID_MOST = 240, REMOTE_MOST = 160, STATE_MOST = 16 };

struct kept_answer {
	uint64_t sum; /* of all behind it */
	int64_t touch_id, lead_id, claimed_at, due_at;
	int64_t attempt;
	char state[STATE_MOST]; /* its name */
	char reason[SAID_MOST], remote_id[REMOTE_MOST], campaign[NAME_MOST], step[NAME_MOST], kind[NAME_MOST], template_name[NAME_MOST], channel[NAME_MOST];
};
enum { ANSWERS_MOST = CHANNEL_CAPACITY_MAX, FILE_SIZE = sizeof(struct answers_head) + ANSWERS_MOST * sizeof(struct kept_answer) };

/* Of a slot of `size` bytes. */
static inline uint64_t kept_answer_sum(const void *slot, size_t size)
{
	size_t from = offsetof(struct kept_answer, touch_id);
	return hash_stable((struct str){(const char *)slot + from, size - from}) | 1;
}

#endif
