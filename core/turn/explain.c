/* One receipt for every point: each rule's line and why. Called by `nurture score --explain`, the web and stories, and for the
 * reasons that a handoff gives to sales. Always holds: the lines of a model and `bounded` add up to its score. */
#include "turn/inside.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

void turn_put_value(struct buf *buf, const struct value *v)
{
	char text[MOMENT_TEXT];
	switch (v->type) {
	case VALUE_EMPTY:
		buf_puts(buf, "empty");
		break;
	case VALUE_TEXT:
		buf_put(buf, v->text.p, v->text.n);
		break;
	case VALUE_NUMBER:
		buf_printf(buf, "%.15g", v->number);
		break;
	case VALUE_YES_NO:
		buf_puts(buf, v->yes ? "yes" : "no");
		break;
	case VALUE_DATE:
		buf_puts(buf, moment_format(v->date, text));
		break;
	case VALUE_LIST:
		for (size_t i = 0; i < v->list.count; i++)
			buf_printf(buf, "%s%.*s", i ? ", " : "", STR_ARG(v->list.items[i]));
		break;
	}
}

static void put_fields(struct buf *buf, const struct field *fields, const struct value *values, const struct condition *c)
{
	static const struct value empty = {0};
	for (size_t i = 0; i < c->fields.count; i++) {
		int slot = c->fields.tests[i].slot;
		buf_printf(buf, "%s%s = ", i ? ", " : "", fields[slot].name);
		turn_put_value(buf, values ? &values[slot] : &empty);
	}
}

/* "asset.download (security-guide, bank-case)" with the number of events in front. */
static void put_events(struct turn *turn, struct buf *buf, const struct condition_on *on)
{
	const struct history *history = &turn->facts->history;
	moment_t from = on->within.count ? turn->now - duration_micros(on->within) : INT64_MIN;
	struct str named[4];
	size_t names = 0, count = 0;
	for (size_t i = 0; i < history->fold_count; i++)
		count += history->folds[i].last > from && turn_match_fold(turn, on, &history->folds[i]) ? (size_t)history->folds[i].count : 0;
	struct event_list list = turn_events(turn, on);
	for (size_t i = list.count; i-- > 0 && history->events[list.items[i]].at > from;) {
		const struct history_event *event = &history->events[list.items[i]];
		if (event->at > turn->now || !turn_fits(turn, on, event))
			continue;
		bool known = event->subject.n == 0;
		for (size_t k = 0; k < names; k++)
			known |= str_same(named[k], event->subject);
		if (!known && names < 4)
			named[names++] = event->subject;
		count++;
	}
	if (on->any_verb)
		buf_printf(buf, "%zu × any act", count);
	else
		buf_printf(buf, "%zu × %.*s", count, STR_ARG(on->verb));
	for (size_t k = 0; k < names && k < 3; k++)
		buf_printf(buf, "%s%.*s%s", k ? ", " : " (", STR_ARG(named[k]), k + 1 == names ? ")" : k == 2 ? ", …)" : "");
}

static void put_condition(struct turn *turn, struct buf *buf, const struct condition *c);

static void put_group(struct turn *turn, struct buf *buf, const struct condition *c, const char *between)
{
	for (size_t i = 0; i < c->group.count; i++) {
		buf_puts(buf, i ? between : "");
		put_condition(turn, buf, c->group.items[i]);
	}
}

static void put_scores(struct turn *turn, struct buf *buf, const struct condition *c)
{
	for (size_t i = 0; i < c->scores.count; i++)
		buf_printf(buf, "%s%s = %d", i ? ", " : "", turn->playbook->models[c->scores.tests[i].model].name,
			   turn->points[c->scores.tests[i].model]);
}

static void put_condition(struct turn *turn, struct buf *buf, const struct condition *c)
{
	const struct playbook *playbook = turn->playbook;
	char length[40];
	switch (c->kind) {
	case CONDITION_ON:
		if (!c->on.negated)
			put_events(turn, buf, &c->on);
		else
			buf_printf(buf, "no %.*s%s%s", c->on.any_verb ? 3 : (int)c->on.verb.n, c->on.any_verb ? "act" : c->on.verb.p,
				   c->on.within.count ? " within " : "", c->on.within.count ? duration_format(c->on.within, length) : "");
		break;
	case CONDITION_ANY:
		put_group(turn, buf, c, " or ");
		break;
	case CONDITION_ALL:
		put_group(turn, buf, c, " and ");
		break;
	case CONDITION_NONE:
		buf_puts(buf, "none of: ");
		put_group(turn, buf, c, ", ");
		break;
	case CONDITION_LEAD:
		put_fields(buf, playbook->schema.lead, turn->facts->lead.fields, c);
		break;
	case CONDITION_ACCOUNT:
		put_fields(buf, playbook->schema.account, turn->facts->account ? turn->facts->account->fields : NULL, c);
		break;
	case CONDITION_SCORE:
		put_scores(turn, buf, c);
		break;
	case CONDITION_GRADE:
		buf_printf(buf, "grade %.*s", STR_ARG(turn->standings[c->grade.table].grade));
		break;
	case CONDITION_BAND:
		buf_printf(buf, "band %s", playbook->grades[c->band.table].bands[c->band.band].name);
		break;
	case CONDITION_SEGMENT:
		buf_printf(buf, "segment %s", playbook->segments[c->segment].name);
		break;
	case CONDITION_STAGE:
		buf_printf(buf, "stage %s", stage_name(turn->facts->lead.stage));
		break;
	case CONDITION_WITHDREW:
		buf_printf(buf, "withdrew %.*s", STR_ARG(c->channel));
		break;
	case CONDITION_ASKED:
		buf_printf(buf, "asked %.*s", STR_ARG(c->channel));
		break;
	case CONDITION_ALLOWED:
		buf_printf(buf, "allowed %.*s", STR_ARG(c->channel));
		break;
	case CONDITION_PEOPLE: {
		int people[ROLE_SLOTS];
		turn_people_counts(turn, &c->people, turn_part(turn, &playbook->parts[c->people.part]), people);
		turn_put_people(buf, people);
		break;
	}
	case CONDITION_MOMENT:
		buf_printf(buf, "%s %s %s", duration_format(c->moment->length, length), c->moment->before ? "before" : "after", c->moment->name);
		break;
	case CONDITION_FUNCTION:
		buf_printf(buf, "the function at %s:%d", c->at.file, c->at.line);
		break;
	}
}

static void put_reason(struct turn *turn, struct buf *buf, const struct rule *rule)
{
	if (rule->when)
		put_condition(turn, buf, rule->when);
	if (rule->points_kind == POINTS_CHOOSE) {
		buf_printf(buf, "%s%s = ", buf->n ? "; " : "", turn->playbook->schema.lead[rule->choose.slot].name);
		turn_put_value(buf, &turn->facts->lead.fields[rule->choose.slot]);
	} else if (rule->points_kind == POINTS_FUNCTION) {
		buf_printf(buf, "%spoints by the function at %s:%d", buf->n ? "; " : "", rule->at.file, rule->at.line);
	} else if (!rule->when) {
		buf_puts(buf, "always");
	}
}

static struct receipt_line receipt_line(struct turn *turn, const struct rule *rule)
{
	size_t errors = turn->out->error_count;
	bool quiet = turn->quiet;
	struct doing doing = turn->doing;
	struct buf buf = {0};
	turn_doing(turn, &rule->at, "rule", rule->name, NULL, NULL);
	turn->quiet = false; /* the message of a rule that fails is its reason */
	struct rule_score score = turn_rule(turn, rule);
	turn->quiet = quiet;
	turn->doing = doing;
	struct receipt_line line = {.rule = rule->name, .at = rule->at, .points = score.points, .changes_at = score.until,
				    .failed = score.failed, .because = {"", 0}};
	if (score.failed)
		buf_printf(&buf, "failed: %s", turn->out->error_count > errors ? turn->out->errors[errors].message : "see above");
	else if (score.points)
		put_reason(turn, &buf, rule);
	line.because = arena_str(turn->arena, buf_str(&buf));
	buf_fini(&buf);
	return line;
}

static struct receipt receipt_of(struct turn *turn, const struct model *model, int points)
{
	struct receipt receipt = {.model = model->name, .score = points, .count = model->rule_count};
	int sum = 0;
	receipt.lines = arena_array(turn->arena, model->rule_count + 1, sizeof *receipt.lines);
	for (size_t i = 0; i < model->rule_count; i++) {
		receipt.lines[i] = receipt_line(turn, &model->rules[i]);
		sum += receipt.lines[i].points;
		receipt.failed |= receipt.lines[i].failed;
	}
	receipt.bounded = points - sum;
	receipt.unscored = receipt.failed && !turn->scored[model - turn->playbook->models];
	return receipt;
}

struct receipt *turn_receipts(struct turn *turn)
{
	struct receipt *receipts = arena_array(turn->arena, turn->playbook->model_count + 1, sizeof *receipts);
	for (size_t i = 0; i < turn->playbook->model_count; i++)
		if (!turn->playbook->models[i].of_account)
			receipts[i] = receipt_of(turn, &turn->playbook->models[i], turn->points[i]);
	return receipts;
}

int turn_explain(struct playbook *playbook, struct turn_facts *facts, struct arena *arena, struct receipt **out, size_t *count,
		 struct error *error)
{
	struct turn turn;
	struct turn_facts copy = *facts; /* settling changes stage and segments: of the copy */
	struct turn_changes unused;
	if (!facts->lead.fields)
		return error_set(error, ERROR_INVALID, "lead", "lead %lld came without its fields", (long long)facts->lead.id);
	turn_open(&turn, playbook, &copy, arena, &unused);
	turn.quiet = true;
	turn_settle(&turn);
	const struct receipt *all = turn_receipts(&turn);
	struct receipt *receipts = arena_array(arena, playbook->model_count + 1, sizeof *receipts);
	*count = 0;
	for (size_t i = 0; i < playbook->model_count; i++)
		if (!playbook->models[i].of_account)
			receipts[(*count)++] = all[i];
	*out = receipts;
	return 0;
}

struct str turn_explain_member(struct playbook *playbook, const struct turn_facts *facts, struct arena *arena)
{
	struct turn turn;
	struct turn_facts copy = *facts;
	struct turn_changes changes;
	turn_open(&turn, playbook, &copy, arena, &changes);
	turn.quiet = true;
	turn_settle(&turn);
	turn_member(&turn);
	return changes.member.belongs ? changes.member.packed : (struct str){"", 0};
}

/* Why now: grades, then every rule that gave points. */
struct str turn_reasons(struct turn *turn)
{
	const struct playbook *playbook = turn->playbook;
	struct buf buf = {0};
	buf_putc(&buf, '[');
	for (size_t i = 0; i < playbook->grades_count; i++) {
		const struct standing *s = &turn->standings[i];
		const char *band = s->band >= 0 ? playbook->grades[i].bands[s->band].name : "";
		struct str text = turn_text(turn->arena, "%s: %.*s%s%s", playbook->grades[i].name, STR_ARG(s->grade), s->grade.n && *band ? ", " : "", band);
		buf_printf(&buf, "%s%.*s", buf.n > 1 ? ", " : "", STR_ARG(turn_json(turn->arena, text)));
	}
	for (size_t i = 0; i < playbook->model_count; i++)
		for (size_t k = 0; k < playbook->models[i].rule_count && !playbook->models[i].of_account; k++) {
			struct receipt_line line = receipt_line(turn, &playbook->models[i].rules[k]);
			if (line.points <= 0)
				continue;
			struct str text = turn_text(turn->arena, "%s %+d: %.*s", line.rule, line.points, STR_ARG(line.because));
			buf_printf(&buf, "%s%.*s", buf.n > 1 ? ", " : "", STR_ARG(turn_json(turn->arena, text)));
		}
	buf_putc(&buf, ']');
	struct str out = arena_str(turn->arena, buf_str(&buf));
	buf_fini(&buf);
	return out;
}
