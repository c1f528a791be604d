/* The account's turn (DESIGN section 5, Accounts): its people's turns tell it what changed of them; it sums that up, scores itself, and says who of its
 * people must look again. Pure, as a lead's turn is. Engine runs it in production (engine/accounts.c), the playbook's tests in memory (company.c).
 *
 * Why it comes to rest: what a person adds hangs on the account only along an order that check has seen to be without circles (playbook/order.c), and
 * nobody is woken unless an answer that some lead asks for is another than before; who told something, unless it is another than this lead had then. */
#ifndef NURTURE_TURN_ACCOUNT_H
#define NURTURE_TURN_ACCOUNT_H

#include "base/buf.h"
#include "turn/turn.h"

struct turn_account_message {
	int64_t lead_id;       /* 0 = not of a person */
	struct str was, now;   /* what it added, and adds (model/account.h, packed); "" = nothing */
	struct str seen;       /* turn_member.seen; "" = it was not its turn that told */
	struct str cause;
	struct str set;        /* JSON object: fields of the account that somebody changes; "" = none */
};
struct turn_account_facts {
	moment_t now;
	struct account *account;          /* fields are changed in place */
	struct account_summary *summary;  /* as stored; changed in place */
	const struct account_summary *counted; /* its people, counted again with all that the messages say; NULL = they are added to the summary */
	const struct turn_account_message *messages; /* in order */
	size_t message_count;
};
enum { ACCOUNT_WAKE_ALL = (1 << ROLE_SLOTS) - 1 };
struct turn_account_changes {
	struct str patch;      /* JSON object of the fields that changed; "" = none */
	struct turn_score_change *score_changes; size_t score_change_count, score_change_room;
	unsigned wake;         /* bit set of roles: who has it looks again */
	int64_t *senders; size_t sender_count, sender_room; /* and these, whatever their role */
};
void turn_account(const struct playbook *playbook, struct turn_account_facts *facts, struct arena *arena, struct turn_account_changes *out);

/* What a lead of this role may be told by that summary, as a hash: the same hash, the same answers. "" when no lead asks anything. */
struct str turn_account_view(const struct playbook *playbook, const struct account_summary *summary, int role, struct arena *arena);
/* How many of these people the question counts, and whether that is as asked. */
int turn_people_number(const struct condition_people *ask, const int people[ROLE_SLOTS], int role);
bool turn_people_enough(const struct condition_people *ask, int number);
/* "3 people (1 executive, 2 user)" */
void turn_put_people(struct buf *buf, const int people[ROLE_SLOTS]);
/* Every score and grade of accounts, by the account's fields and summary as they are. Names are the playbook's. */
struct score *turn_account_scores(const struct playbook *playbook, const struct account *account, struct arena *arena, size_t *count);
/* The same of an account of nobody, which is what its leads are told of one that has no scores yet. NULL: of one that is not there yet. */
struct score *turn_account_unscored(const struct playbook *playbook, const struct account *account, struct arena *arena, size_t *count);
const struct score *turn_account_stored(const struct account_summary *summary, struct str name, bool is_grade); /* NULL when there is none; takes NULL */

/* ---- receipts ---- */

/* Who of the buying centre is covered, by the weight that the rules of a model give them. */
struct account_coverage {
	int points, most;      /* given by rules that ask people, and the most that they can give */
};
/* Every model of accounts, rule by rule; points of a receipt's lines and `bounded` add up to its score. */
void turn_account_explain(const struct playbook *playbook, const struct account *account, struct arena *arena, struct receipt **out, size_t *count,
			  struct account_coverage *coverage);
/* The same: {"models": [{model, title, score, bounded, rules: […], coverage: {points, most}}]}, as turn_explain_json has them. New reference. */
json_t *turn_account_explain_json(const struct playbook *playbook, const struct account *account, struct arena *arena);

#endif
