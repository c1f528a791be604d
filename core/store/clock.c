/* The domain clock's row: read by all, set by `serve` at its start (DESIGN section 5, "Time is two things"). */
#include "base/clock.h"

#include "store/op.h"

#include "store/clock.sql.h"

struct clock_op {
	struct op op;
	store_clock_fn *fn;
	void *arg;
	struct clock clock;
	double scale; /* to set; 0 = only read */
	moment_t now;
};

/* A clock that is ahead by less than this is real time: two machines' clocks differ by so much. */
static const int64_t AHEAD = 5 * MOMENT_SECOND;

static void clock_rows(struct op *op, int tag, const PGresult *rows)
{
	struct clock_op *self = (struct clock_op *)op;
	(void)tag;
	if (PQntuples(rows) != 1)
		op_fail(op, ERROR_SYSTEM, "clock", "the database has no row of the clock.");
	else
		self->clock = (struct clock){row_time(rows, 0, 0), row_time(rows, 0, 1), row_float8(rows, 0, 2)};
}

static void clock_done(struct op *op, const struct error *error)
{
	struct clock_op *self = (struct clock_op *)op;
	self->fn(self->arg, error ? NULL : &self->clock, error);
}

static enum op_more read_segment(struct op *op, int number)
{
	(void)number;
	op_params(op);
	op_send(op, STATEMENT(clock_read), 0);
	return OP_LAST;
}

static void refuse_the_future(struct clock_op *self)
{
	char text[MOMENT_TEXT];
	if (self->scale != 1 || self->clock.domain0 <= self->now + AHEAD)
		return;
	op_fail(&self->op, ERROR_CONFLICT, "time-scale",
		"the data of this database is in the future (%s): it was run with --time-scale. Go on with --time-scale, or use another data_dir.",
		moment_format(self->clock.domain0, text));
}

static void set_rows(struct op *op, int tag, const PGresult *rows)
{
	clock_rows(op, tag, rows);
	refuse_the_future((struct clock_op *)op);
}

static enum op_more set_segment(struct op *op, int number)
{
	struct clock_op *self = (struct clock_op *)op;
	(void)number;
	self->now = real_now();
	struct params *p = op_params(op);
	param_time(p, self->now);
	param_float8(p, self->scale);
	op_send(op, STATEMENT(clock_set), 0);
	return OP_LAST;
}

static const struct op_class read_class = {.kind = OP_PLAIN, .segment = read_segment, .rows = clock_rows, .done = clock_done};
static const struct op_class set_class = {.kind = OP_WRITE, .segment = set_segment, .rows = set_rows, .done = clock_done};

void store_clock_read(struct store *store, store_clock_fn *fn, void *arg)
{
	struct clock_op *self = op_new(store, &read_class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

void store_clock_set(struct store *store, double scale, store_clock_fn *fn, void *arg)
{
	struct clock_op *self = op_new(store, &set_class, sizeof *self);
	self->fn = fn;
	self->arg = arg;
	self->scale = scale;
	if (!(scale > 0))
		op_fail(&self->op, ERROR_INVALID, "time-scale", "the time scale must be above 0.");
	op_submit(&self->op);
}
