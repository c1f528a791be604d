/* Several people of one company in a story: each a trial of its own, and between their turns the account's, by the same code as in production.
 * Called by story.c. A story of one lead without an account goes straight on. */
#include "turn/telling.h"

#include "turn/account.h"

enum { AT_ONCE = 1000, AT_REST_WITHIN = 100 };

static size_t people(const struct telling *telling)
{
	return telling->colleague_count + 1;
}

static struct trial *person(struct telling *telling, size_t i)
{
	return i == 0 ? &telling->trial : telling->colleagues[i - 1].trial;
}

struct trial *telling_colleague(struct telling *telling, const char *name)
{
	struct trial *first = &telling->trial;
	for (size_t i = 0; name && i < telling->colleague_count; i++)
		if (telling->colleagues[i].name && strcmp(telling->colleagues[i].name, name) == 0)
			return telling->colleagues[i].trial;
	struct colleague *colleague = arena_push(telling->arena, &telling->colleagues, telling->colleague_count++, &telling->colleague_room, sizeof *colleague);
	*colleague = (struct colleague){name, arena_alloc(telling->arena, sizeof *colleague->trial)};
	turn_trial_init(colleague->trial, telling->playbook, telling->arena, first->lead.id + ((int64_t)telling->colleague_count << 32), first->now);
	first->has_account = colleague->trial->has_account = true;
	first->lead.account_id = colleague->trial->lead.account_id = first->account.id;
	colleague->trial->account = first->account;
	colleague->trial->claims = first->claims;
	return colleague->trial;
}

const struct problem *telling_problem(const struct telling *telling)
{
	if (telling->trial.error_count)
		return &telling->trial.errors[0];
	for (size_t i = 0; i < telling->colleague_count; i++)
		if (telling->colleagues[i].trial->error_count)
			return &telling->colleagues[i].trial->errors[0];
	return NULL;
}

/* ---- the account's turns ---- */

static size_t gather(struct telling *telling, struct turn_account_message *messages)
{
	size_t n = 0;
	for (size_t i = 0; i < people(telling); i++) {
		struct trial *trial = person(telling, i);
		if (!trial->turns || !trial->member.belongs || str_same(trial->member.packed, trial->sent))
			continue;
		messages[n++] = (struct turn_account_message){.lead_id = trial->lead.id, .was = trial->sent, .now = trial->member.packed,
							      .seen = trial->member.seen, .cause = trial->member.cause, .set = {"", 0}};
		trial->sent = trial->member.packed;
	}
	return n;
}

static bool is_woken(const struct trial *trial, const struct turn_account_changes *changes)
{
	for (size_t i = 0; i < changes->sender_count; i++)
		if (changes->senders[i] == trial->lead.id)
			return true;
	return changes->wake >> trial->member.role & 1;
}

static int wake(struct telling *telling, const struct turn_account_changes *changes, struct error *error)
{
	for (size_t i = 0; i < people(telling); i++) {
		struct trial *trial = person(telling, i);
		trial->account = telling->trial.account;
		if (trial->turns && is_woken(trial, changes) && turn_trial_turn(trial, true, error) < 0)
			return -1;
	}
	return 0;
}

static int settle(struct telling *telling, struct error *error)
{
	struct turn_account_message *messages = arena_array(telling->arena, people(telling), sizeof *messages);
	struct turn_account_changes changes;
	struct account *account = &telling->trial.account;
	if (!telling->trial.has_account)
		return 0;
	for (int i = 0; i < AT_REST_WITHIN; i++) {
		struct turn_account_facts facts = {.now = telling->trial.now, .account = account, .summary = &telling->summary, .messages = messages,
						   .message_count = gather(telling, messages)};
		if (!facts.message_count && !telling->account_said)
			return 0;
		turn_account(telling->playbook, &facts, telling->arena, &changes);
		account->summary = &telling->summary;
		if (telling->account_said)
			changes.wake = ACCOUNT_WAKE_ALL;
		telling->account_said = false;
		if (wake(telling, &changes, error) < 0)
			return -1;
	}
	return error_set(error, ERROR_LIMIT, "turn", "the account and its people change each other without an end");
}

/* ---- time ---- */

static moment_t next_moment(struct telling *telling)
{
	moment_t next = MOMENT_NEVER;
	for (size_t i = 0; i < people(telling); i++) {
		moment_t at = turn_trial_next(person(telling, i));
		next = at < next ? at : next;
	}
	return next < telling->trial.now ? telling->trial.now : next;
}

static int advance_all(struct telling *telling, moment_t to, struct error *error)
{
	for (size_t i = 0; i < people(telling); i++)
		if (turn_trial_advance(person(telling, i), to, error) < 0)
			return -1;
	return 0;
}

int telling_advance(struct telling *telling, moment_t to, struct error *error)
{
	int at_once = 0;
	if (!telling->trial.has_account)
		return turn_trial_advance(&telling->trial, to, error);
	while (settle(telling, error) == 0) {
		moment_t next = next_moment(telling);
		if (next > to)
			return advance_all(telling, to, error);
		at_once = next > telling->trial.now ? 0 : at_once + 1;
		if (at_once > AT_ONCE)
			return error_set(error, ERROR_LIMIT, "turn", "more than %d turns of one company at one moment", AT_ONCE);
		if (advance_all(telling, next, error) < 0)
			break;
	}
	return -1;
}
