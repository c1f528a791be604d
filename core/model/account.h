/* What an account knows of its people: how many fit what rules ask (`people`), role by role, and its own scores. One packed row that the account's
 * turn writes and the turns of its people read; and what one of them adds to it. Used by turn (decides), store (keeps), web and cli (show).
 *
 *   member    "4 1 0a1b2c3d4e 5f60718293"          its role, whether it is counted, the parts (people_part.key) that hold for it, sorted
 *   summary   lines: "1 n0 … n6" people by role · "p KEY n0 … n6" of a part · "m NAME points" · "g NAME grade band", "-" for none */
#ifndef NURTURE_MODEL_ACCOUNT_H
#define NURTURE_MODEL_ACCOUNT_H

#include "model/lead.h"

/* Roles by number: 0 = not known, 1 … as in role_names. */
enum { ROLE_SLOTS = 7, PART_KEY = 10 };
int account_role(const struct value *role);
const char *account_role_name(int role); /* "" for 0 */

struct account_member {
	int role;
	bool counts;      /* false: belongs to it, and is none of its people: who is disqualified */
	struct str parts; /* keys with a blank between them, sorted; "" = none */
};
/* false: it is none (or of a format that this version does not know). parts is borrowed. */
bool account_member_read(struct str packed, struct account_member *out);
struct str account_member_write(const struct account_member *member, struct arena *arena);
bool account_member_has(const struct account_member *member, struct str key);

struct account_part {
	struct str key;
	int people[ROLE_SLOTS];
};
struct account_summary {
	int people[ROLE_SLOTS];     /* those who count */
	struct account_part *parts; /* sorted by key; those with nobody are left out when it is written */
	size_t part_count, part_room;
	struct score *scores;
	size_t score_count, score_room;
};
/* Texts are borrowed from packed, which has a NUL behind it or not. "" is an empty summary; false when it cannot be read. */
bool account_summary_read(struct str packed, struct arena *arena, struct account_summary *out);
struct str account_summary_write(const struct account_summary *summary, struct arena *arena);
/* With arrays of its own. */
struct account_summary account_summary_copy(const struct account_summary *summary, struct arena *arena);
/* So many such members more; negative: less. */
void account_summary_add(struct account_summary *summary, const struct account_member *member, int number, struct arena *arena);
/* Adds people and parts of `more`, of which there may be fewer than none; scores stay. */
void account_summary_join(struct account_summary *summary, const struct account_summary *more, struct arena *arena);
/* Its people by role for whom that part holds; NULL = nobody. */
const int *account_summary_part(const struct account_summary *summary, struct str key);

#endif
