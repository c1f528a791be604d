/* The account's turn: messages into the summary, scores from the summary, and who must look again. Called by engine/accounts.c and company.c.
 * Rules of a model of accounts ask people { … } and account { … } alone, so time by itself changes nothing here: it changes people, in their turns. */
#include "turn/account.h"

#include "turn/account_rules.h"

#include <jansson.h>

/* ---- what was said ---- */

static void set_fields(const struct playbook *playbook, struct turn_account_facts *facts, struct str set, json_t *patch, struct arena *arena)
{
	const struct schema *schema = &playbook->schema;
	json_t *value, *object = json_loadb(set.p, set.n, 0, NULL);
	const char *name;
	json_object_foreach (object, name, value) {
		int slot = schema_account_slot(schema, str_of(name));
		struct value new;
		if (slot < 0 || slot == ACCOUNT_DOMAIN || value_from_json(&schema->account[slot], value, arena, &new, NULL) < 0)
			continue; /* a field that is no more, or was another when it was said */
		new = value_copy(arena, &new);
		if (value_same(&new, &facts->account->fields[slot]))
			continue;
		facts->account->fields[slot] = new;
		json_object_set(patch, name, value);
	}
	json_decref(object);
}

static void take_count(struct turn_account_facts *facts, struct arena *arena)
{
	struct account_summary counted = account_summary_copy(facts->counted, arena);
	memcpy(facts->summary->people, counted.people, sizeof counted.people);
	facts->summary->parts = counted.parts;
	facts->summary->part_count = counted.part_count;
	facts->summary->part_room = counted.part_room;
}

static void take_messages(const struct playbook *playbook, struct turn_account_facts *facts, json_t *patch, struct arena *arena)
{
	struct account_member member;
	for (size_t i = 0; i < facts->message_count; i++) {
		const struct turn_account_message *m = &facts->messages[i];
		if (m->set.n)
			set_fields(playbook, facts, m->set, patch, arena);
		if (facts->counted)
			continue;
		if (account_member_read(m->was, &member))
			account_summary_add(facts->summary, &member, -1, arena);
		if (account_member_read(m->now, &member))
			account_summary_add(facts->summary, &member, 1, arena);
	}
}

/* ---- scores ---- */

/* The newest message that said something; an account that looks again says so. */
static struct str cause_of(const struct turn_account_facts *facts, struct arena *arena)
{
	for (size_t i = facts->message_count; i-- > 0;) {
		const struct turn_account_message *m = &facts->messages[i];
		if (m->lead_id)
			return str_of(arena_printf(arena, "lead %lld: %.*s", (long long)m->lead_id, STR_ARG(m->cause.n ? m->cause : STR("left"))));
		if (m->set.n)
			return STR("update");
	}
	return facts->counted ? STR("recount") : STR("rescore");
}

struct scoring {
	const struct playbook *playbook;
	struct turn_account_facts *facts;
	const struct account_summary *before;
	struct turn_account_changes *out;
	struct arena *arena;
	struct str cause;
};

static void put_score(struct scoring *s, struct score score)
{
	struct account_summary *summary = s->facts->summary;
	const struct score *old = turn_account_stored(s->before, score.name, score.is_grade);
	*(struct score *)arena_push(s->arena, &summary->scores, summary->score_count, &summary->score_room, sizeof score) = score;
	summary->score_count++;
	bool same = old ? old->points == score.points && str_same(old->grade, score.grade) && str_same(old->band, score.band)
			: !score.points && !score.grade.n && !score.band.n;
	if (same)
		return;
	struct turn_score_change *change =
		arena_push(s->arena, &s->out->score_changes, s->out->score_change_count, &s->out->score_change_room, sizeof *change);
	s->out->score_change_count++;
	*change = (struct turn_score_change){
		.name = score.name, .is_grade = score.is_grade, .old_points = old ? old->points : 0, .new_points = score.points,
		.old_grade = old ? old->grade : (struct str){"", 0}, .new_grade = score.grade, .old_band = old ? old->band : (struct str){"", 0},
		.new_band = score.band, .cause = s->cause};
}

struct score *turn_account_scores(const struct playbook *playbook, const struct account *account, struct arena *arena, size_t *count)
{
	struct score *scores = arena_array(arena, playbook->model_count + playbook->grades_count + 1, sizeof *scores);
	*count = 0;
	for (size_t i = 0; i < playbook->model_count; i++)
		if (playbook->models[i].of_account)
			scores[(*count)++] = (struct score){.name = str_of(playbook->models[i].name), .grade = {"", 0}, .band = {"", 0},
							    .points = account_model_points(playbook, account, &playbook->models[i])};
	for (size_t i = 0; i < playbook->grades_count; i++) {
		const struct grades *table = &playbook->grades[i];
		if (!table->of_account)
			continue;
		int points = account_model_points(playbook, account, &playbook->models[table->model]);
		scores[(*count)++] = (struct score){.name = str_of(table->name), .is_grade = true, .grade = account_letter(table, points, arena),
						    .band = account_band(table, points)};
	}
	return scores;
}

struct score *turn_account_unscored(const struct playbook *playbook, const struct account *account, struct arena *arena, size_t *count)
{
	const struct account_summary nobody = {0};
	struct account empty = {.fields = arena_array(arena, playbook->schema.account_count + 1, sizeof *empty.fields)};
	if (account)
		empty = *account;
	empty.summary = &nobody;
	return turn_account_scores(playbook, &empty, arena, count);
}

static void score_all(struct scoring *s)
{
	struct account_summary *summary = s->facts->summary;
	struct account account = *s->facts->account;
	size_t count;
	account.summary = summary;
	const struct score *scores = turn_account_scores(s->playbook, &account, s->arena, &count);
	summary->scores = NULL;
	summary->score_count = summary->score_room = 0;
	for (size_t i = 0; i < count; i++)
		put_score(s, scores[i]);
}

/* ---- who looks again ---- */

static bool is_asked(const struct playbook *playbook, const struct score *score)
{
	for (size_t i = 0; i < playbook->model_count && !score->is_grade; i++)
		if (playbook->models[i].of_account && playbook->models[i].asked && str_is(score->name, playbook->models[i].name))
			return true;
	for (size_t i = 0; i < playbook->grades_count && score->is_grade; i++)
		if (playbook->grades[i].of_account && playbook->grades[i].asked && str_is(score->name, playbook->grades[i].name))
			return true;
	return false;
}

struct str turn_account_view(const struct playbook *playbook, const struct account_summary *summary, int role, struct arena *arena)
{
	static const int nobody[ROLE_SLOTS];
	struct buf buf = {0};
	for (size_t i = 0; i < playbook->ask_count; i++) {
		const struct condition_people *ask = &playbook->asks[i];
		const int *people = account_summary_part(summary, str_of(playbook->parts[ask->part].key));
		buf_putc(&buf, turn_people_enough(ask, turn_people_number(ask, people ? people : nobody, role)) ? 'y' : 'n');
	}
	for (size_t i = 0; i < summary->score_count; i++) {
		const struct score *s = &summary->scores[i];
		if (is_asked(playbook, s))
			buf_printf(&buf, " %.*s %d %.*s", STR_ARG(s->name), s->points, STR_ARG(s->band));
	}
	struct str out = buf.n ? str_of(arena_printf(arena, "%016llx", (unsigned long long)hash_stable(buf_str(&buf)))) : (struct str){"", 0};
	buf_fini(&buf);
	return out;
}

static void wake_senders(const struct turn_account_facts *facts, const struct str view[ROLE_SLOTS], struct arena *arena, struct turn_account_changes *out)
{
	struct account_member member;
	for (size_t i = 0; i < facts->message_count; i++) {
		const struct turn_account_message *m = &facts->messages[i];
		if (!m->lead_id || !account_member_read(m->now, &member) || (out->wake >> member.role & 1) || str_same(m->seen, view[member.role]))
			continue;
		*(int64_t *)arena_push(arena, &out->senders, out->sender_count, &out->sender_room, sizeof *out->senders) = m->lead_id;
		out->sender_count++;
	}
}

void turn_account(const struct playbook *playbook, struct turn_account_facts *facts, struct arena *arena, struct turn_account_changes *out)
{
	struct account_summary before = account_summary_copy(facts->summary, arena);
	struct str then[ROLE_SLOTS], now[ROLE_SLOTS];
	json_t *patch = json_object();
	*out = (struct turn_account_changes){.patch = {"", 0}};
	if (facts->counted)
		take_count(facts, arena);
	take_messages(playbook, facts, patch, arena);
	struct scoring scoring = {playbook, facts, &before, out, arena, cause_of(facts, arena)};
	score_all(&scoring);
	struct account_summary told = before;
	if (!told.score_count && !facts->counted)
		told.scores = turn_account_unscored(playbook, facts->account, arena, &told.score_count);
	for (int role = 0; role < ROLE_SLOTS; role++) {
		then[role] = turn_account_view(playbook, &told, role, arena);
		now[role] = turn_account_view(playbook, facts->summary, role, arena);
		out->wake |= (unsigned)!str_same(then[role], now[role]) << role;
	}
	if (json_object_size(patch)) {
		char *text = json_dumps(patch, JSON_COMPACT);
		out->patch = str_of(arena_dup(arena, text));
		free(text);
		out->wake = ACCOUNT_WAKE_ALL;
	}
	json_decref(patch);
	wake_senders(facts, now, arena, out);
}
