/* Message 54: what a story expected, what it got, and why, from the receipts and the logs of the lead. Called by story.c. */
#include "turn/telling.h"

#include "turn/account.h"

static const char *const kinds[] = {
	[EXPECT_SCORE] = "score", [EXPECT_GRADE] = "grade",   [EXPECT_BAND] = "band",       [EXPECT_STAGE] = "stage", [EXPECT_SEGMENT] = "segment",
	[EXPECT_EMAIL] = "email", [EXPECT_CALL] = "call",     [EXPECT_LETTER] = "letter", [EXPECT_HANDOFF] = "handoff", [EXPECT_HELD] = "held",
	[EXPECT_LEFT] = "left"};

/* `"a", "b"`, or none */
static void put_got(struct buf *out, size_t *count, struct str name)
{
	buf_printf(out, "%s\"%.*s\"", (*count)++ ? ", " : "", STR_ARG(name));
}

static void got_some(const struct score *scores, size_t n, const struct expectation *e, struct buf *out, size_t *count)
{
	for (size_t i = 0; i < n; i++) {
		const struct score *score = &scores[i];
		if (e->kind == EXPECT_SCORE && !score->is_grade && str_is(score->name, e->name))
			buf_printf(out, "%s%d", (*count)++ ? ", " : "", score->points);
		else if (e->kind == EXPECT_GRADE && score->is_grade && score->grade.n)
			put_got(out, count, score->grade);
		else if (e->kind == EXPECT_BAND && score->is_grade && score->band.n)
			put_got(out, count, score->band);
	}
}

static void got_scores(const struct telling *telling, const struct expectation *e, struct buf *out, size_t *count)
{
	got_some(telling->trial.scores, telling->trial.score_count, e, out, count);
	got_some(telling->summary.scores, telling->summary.score_count, e, out, count);
}

static void got_happenings(const struct telling *telling, const struct expectation *e, struct buf *out, size_t *count)
{
	const struct trial *trial = &telling->trial;
	for (size_t i = 0; i < trial->touch_count; i++)
		if (telling_made(telling, i) && str_is(trial->touches[i].kind, kinds[e->kind]))
			put_got(out, count, trial->touches[i].template_name);
		else if (e->kind == EXPECT_HELD && telling_ended(telling, i, TOUCH_HELD))
			put_got(out, count, trial->touches[i].reason);
	for (size_t i = telling->handoffs_told; e->kind == EXPECT_HANDOFF && i < trial->handoff_count; i++)
		put_got(out, count, trial->handoffs[i].handoff.person);
	for (size_t i = telling->logs_told; e->kind == EXPECT_LEFT && i < trial->log_count; i++)
		if (str_is(trial->logs[i].log.what, "leave"))
			put_got(out, count, trial->logs[i].log.campaign);
}

static void put_all_got(const struct telling *telling, const struct expectation *e, struct buf *out)
{
	size_t count = 0;
	buf_puts(out, ", got ");
	if (e->kind == EXPECT_STAGE) {
		buf_printf(out, "\"%s\"", stage_name(telling->trial.lead.stage));
		return;
	}
	for (size_t i = 0; e->kind == EXPECT_SEGMENT && i < telling->trial.lead.segment_count; i++)
		put_got(out, &count, telling->trial.lead.segments[i]);
	got_scores(telling, e, out, &count);
	got_happenings(telling, e, out, &count);
	if (count == 0)
		buf_puts(out, "none");
}

/* "nature 30 = big enough 25 + has a say 5" */
static void put_receipt(const struct receipt *receipt, struct buf *out)
{
	size_t shown = 0;
	buf_printf(out, "%s %d", receipt->model, receipt->score);
	for (size_t i = 0; i < receipt->count; i++)
		if (receipt->lines[i].points) {
			int points = receipt->lines[i].points;
			bool first = shown++ == 0;
			buf_printf(out, "%s%s %d", first ? " = " : points < 0 ? " - " : " + ", receipt->lines[i].rule, first ? points : abs(points));
		}
	if (receipt->bounded)
		buf_printf(out, ", bounded by %+d", receipt->bounded);
}

static void put_receipts(const struct telling *telling, const struct receipt *receipts, size_t count, const struct expectation *e, struct buf *out, size_t *shown)
{
	for (size_t i = 0; i < count; i++) {
		if (e->kind == EXPECT_SCORE && strcmp(receipts[i].model, e->name) != 0)
			continue;
		buf_puts(out, (*shown)++ ? "; " : " Why: ");
		put_receipt(&receipts[i], out);
		telling_since(telling, &receipts[i], out);
	}
}

static void why_scores(struct telling *telling, const struct expectation *e, struct buf *out)
{
	struct turn_facts facts;
	struct receipt *receipts = NULL;
	size_t count = 0, shown = 0;
	if (turn_trial_facts(&telling->trial, &facts, NULL) < 0 || turn_explain(telling->playbook, &facts, telling->arena, &receipts, &count, NULL) < 0)
		return;
	put_receipts(telling, receipts, count, e, out, &shown);
	if (telling->trial.has_account) {
		struct account_coverage *coverage = arena_array(telling->arena, telling->playbook->model_count + 1, sizeof *coverage);
		turn_account_explain(telling->playbook, &telling->trial.account, telling->arena, &receipts, &count, coverage);
		put_receipts(telling, receipts, count, e, out, &shown);
	}
	if (shown)
		buf_puts(out, " (nurture score --explain shows all).");
}

static void put_reason(struct buf *out, size_t *count)
{
	buf_puts(out, (*count)++ ? "; " : " Why: ");
}

static void why_touches(const struct telling *telling, struct buf *out, size_t *count)
{
	for (size_t i = 0; i < telling->trial.touch_count; i++) {
		const struct touch *touch = &telling->trial.touches[i];
		char due[MOMENT_TEXT];
		if (touch_is_open(touch->state)) {
			put_reason(out, count);
			buf_printf(out, "%.*s \"%.*s\" is due %s", STR_ARG(touch->kind), STR_ARG(touch->template_name), moment_format(touch->due_at, due));
		} else if (touch->state != TOUCH_SENT && telling_ended(telling, i, touch->state)) {
			put_reason(out, count);
			buf_printf(out, "%.*s \"%.*s\" was %s: %.*s", STR_ARG(touch->kind), STR_ARG(touch->template_name), touch_state_name(touch->state),
				   STR_ARG(touch->reason));
		}
	}
}

static void why_walks(const struct telling *telling, struct buf *out, size_t *count)
{
	const struct trial *trial = &telling->trial;
	for (size_t i = telling->logs_told; i < trial->log_count; i++) {
		const struct turn_log *log = &trial->logs[i].log;
		if (!str_is(log->what, "otherwise") && !str_is(log->what, "leave") && !str_is(log->what, "not entered") && !str_is(log->what, "error"))
			continue;
		put_reason(out, count);
		buf_printf(out, "campaign \"%.*s\"%s%.*s%s, %.*s: %.*s", STR_ARG(log->campaign), log->step.n ? ", step \"" : "", STR_ARG(log->step),
			   log->step.n ? "\"" : "", STR_ARG(log->what), STR_ARG(log->cause));
	}
	for (size_t i = 0; i < trial->enrollment_count; i++) {
		const struct enrollment *e = &trial->enrollments[i];
		if (e->state == ENROLLMENT_ENDED)
			continue;
		put_reason(out, count);
		buf_printf(out, "campaign \"%.*s\" stands on step \"%.*s\"%s", STR_ARG(e->campaign), STR_ARG(e->step), e->holdout ? " (held out)" : "");
	}
	if (trial->enrollment_count == 0) {
		put_reason(out, count);
		buf_puts(out, "no campaign was entered");
	}
}

void telling_circumstances(const struct telling *telling, struct buf *out)
{
	size_t count = 0;
	why_touches(telling, out, &count);
	why_walks(telling, out, &count);
	buf_puts(out, count ? "." : "");
}

void telling_why(struct telling *telling, const struct expectation *e, struct buf *out)
{
	buf_printf(out, "on day %d expected %s", telling_day(telling), kinds[e->kind]);
	if (e->kind == EXPECT_SCORE)
		buf_printf(out, " %s %.15g", e->name, e->number);
	else
		buf_printf(out, " \"%s\"", e->name);
	put_all_got(telling, e, out);
	buf_putc(out, '.');
	if (e->kind <= EXPECT_SEGMENT) {
		why_scores(telling, e, out);
		return;
	}
	telling_circumstances(telling, out);
}
