/* Telephone numbers of a do-not-call list, as their keepers write them: one a line, or the first column of a CSV. Pure. */
#ifndef TELEMARKETING_NUMBERS_H
#define TELEMARKETING_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBERS_BAD_SHOWN 20

struct numbers {
	char *text;              /* +491234,+49…, */
	size_t room, used, taken;
	size_t count;            /* of numbers */
	size_t bad, bad_at[NUMBERS_BAD_SHOWN]; /* lines that are none; the numbers of the first, from 1 */
};
/* country: a country code ("44") for numbers that have none; "" = they must have one. Freed by numbers_fini. */
void numbers_read(struct numbers *numbers, const char *body, size_t length, const char *country);
/* The next ones, at most so many, with commas between; how many they are. *out is part of `numbers`. */
size_t numbers_cut(struct numbers *numbers, size_t most, char **out);
void numbers_fini(struct numbers *numbers);

#endif
