/* people { … } in a lead's turn. The summary of its account tells of the others; the lead itself is counted as it is in this turn, not as it was
 * counted there (PLAYBOOK section 1: "the lead among them"). Called by condition.c and explain.c; turn.c asks at the end what the lead adds now.
 * Never looks at a colleague. */
#include "turn/inside.h"

static const struct account_summary *others(struct turn *turn)
{
	const struct account *account = turn->facts->account;
	struct account_member applied;
	if (turn->has_others)
		return &turn->others;
	turn->has_others = true;
	if (!account || !account->summary)
		return &turn->others; /* nobody: it is zeroed */
	turn->others = account_summary_copy(account->summary, turn->arena);
	if (account_member_read(turn->facts->applied, &applied))
		account_summary_add(&turn->others, &applied, -1, turn->arena);
	return &turn->others;
}

static bool is_counted(const struct turn *turn)
{
	return turn->facts->lead.stage != STAGE_DISQUALIFIED;
}

static int role_of(const struct turn *turn)
{
	return account_role(&turn->facts->lead.fields[LEAD_ROLE]);
}

void turn_people_counts(struct turn *turn, const struct condition_people *ask, struct verdict own, int people[ROLE_SLOTS])
{
	const int *known = account_summary_part(others(turn), str_of(turn->playbook->parts[ask->part].key));
	for (int i = 0; i < ROLE_SLOTS; i++)
		people[i] = known ? known[i] : 0;
	if (own.holds && is_counted(turn))
		people[role_of(turn)]++;
}

struct verdict turn_part(struct turn *turn, const struct people_part *part)
{
	if (turn_is_off(turn, part->off, &part->at))
		return (struct verdict){false, true, MOMENT_NEVER};
	return part->who ? turn_holds(turn, part->who) : (struct verdict){true, false, MOMENT_NEVER};
}

struct verdict turn_people_hold(struct turn *turn, const struct condition *c)
{
	struct verdict own = turn_part(turn, &turn->playbook->parts[c->people.part]);
	int people[ROLE_SLOTS];
	if (own.failed)
		return (struct verdict){false, true, own.until};
	turn_people_counts(turn, &c->people, own, people);
	return (struct verdict){turn_people_enough(&c->people, turn_people_number(&c->people, people, role_of(turn))), false, own.until};
}

/* ---- what it adds ---- */

/* The parts that hold for it. One that fails stays as it was told. */
static struct str parts_of(struct turn *turn, const struct account_member *sent)
{
	const struct playbook *playbook = turn->playbook;
	char *text = arena_alloc(turn->arena, playbook->part_count * (PART_KEY + 1) + 1);
	size_t n = 0;
	for (size_t i = 0; i < playbook->part_count; i++) {
		const struct people_part *part = &playbook->parts[playbook->part_order[i]];
		turn_doing(turn, &part->at, "people", part->key, NULL, NULL);
		struct verdict v = turn_part(turn, part);
		turn_note_wake(turn, v.until);
		if (!(v.failed ? account_member_has(sent, str_of(part->key)) : v.holds))
			continue;
		if (n)
			text[n++] = ' ';
		memcpy(text + n, part->key, PART_KEY);
		n += PART_KEY;
	}
	turn_doing(turn, NULL, NULL, NULL, NULL, NULL);
	return (struct str){text, n};
}

static moment_t acted(const struct turn *turn)
{
	const struct history *history = &turn->facts->history;
	moment_t newest = 0;
	for (size_t i = history->count; i-- > 0 && !newest;)
		if (history->events[i].at <= turn->now && !history->events[i].machine && playbook_verb_by_lead(turn->playbook, history->events[i].verb))
			newest = history->events[i].at;
	for (size_t i = 0; i < history->fold_count; i++)
		if (history->folds[i].last > newest && history->folds[i].last <= turn->now && playbook_verb_by_lead(turn->playbook, history->folds[i].verb))
			newest = history->folds[i].last;
	return newest - newest % MOMENT_DAY;
}

static struct str seen_by(struct turn *turn, const struct account_member *member)
{
	if (!turn->playbook->ask_count && !turn->playbook->has_account_models)
		return (struct str){"", 0};
	struct account_summary now = account_summary_copy(others(turn), turn->arena);
	account_summary_add(&now, member, 1, turn->arena);
	now.scores = turn->account_scores;
	now.score_count = turn->account_score_count;
	return turn_account_view(turn->playbook, &now, member->role, turn->arena);
}

static struct account_member member_now(struct turn *turn)
{
	struct account_member sent;
	if (!account_member_read(turn->facts->sent, &sent))
		sent = (struct account_member){.parts = {"", 0}};
	struct account_member now = {.role = role_of(turn), .counts = is_counted(turn), .parts = parts_of(turn, &sent)};
	if (!now.counts)
		now.parts = (struct str){"", 0};
	return now;
}

struct str turn_member_packed(struct turn *turn)
{
	struct account_member now = member_now(turn);
	return account_member_write(&now, turn->arena);
}

/* A colleague of whom nothing but a name or a number is known is of the company of who named it: store/account.c joins it there when this turn is saved. */
static bool is_named_now(const struct turn_facts *facts)
{
	for (size_t i = 0; i < facts->event_count; i++)
		if (str_is(facts->events[i].verb, "referral.receive"))
			return true;
	return false;
}

void turn_member(struct turn *turn)
{
	const struct turn_facts *facts = turn->facts;
	struct turn_member *out = &turn->out->member;
	int64_t event_id;
	out->belongs = facts->lead.account_id || facts->lead.fields[LEAD_EMAIL].type == VALUE_TEXT || facts->lead.fields[LEAD_COMPANY].type == VALUE_TEXT ||
		       is_named_now(facts);
	if (facts->without_account)
		out->belongs = false;
	if (!out->belongs)
		return;
	struct account_member now = member_now(turn);
	out->packed = account_member_write(&now, turn->arena);
	out->role = now.role;
	out->acted = acted(turn);
	if (!turn_member_changed(facts, out) && facts->lead.account_id)
		return;
	out->seen = seen_by(turn, &now);
	struct str cause = turn_cause(turn, &event_id);
	out->cause = str_cut(&cause, ' '); /* the verb: what it happened to may tell who it was */
}
