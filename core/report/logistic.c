/* Rows as liblinear wants them: sparse, columns from 1, each ended by the constant and by -1. The constant is large, so that the penalty hardly
 * holds it back. */
#include "report/logistic.h"

#include "base/mem.h"

#include <linear.h>
#include <stdlib.h>

static const double CONSTANT = 10;

struct logistic {
	size_t columns;
	struct feature_node *nodes; size_t node_count, node_room;
	size_t *starts;             size_t count, room; /* of each row in nodes */
	double *outcomes;
};

struct logistic *logistic_new(size_t columns)
{
	struct logistic *l = mem_alloc(sizeof *l);
	l->columns = columns;
	return l;
}

void logistic_free(struct logistic *l)
{
	if (!l)
		return;
	free(l->nodes);
	free(l->starts);
	free(l->outcomes);
	free(l);
}

static void put_node(struct logistic *l, int index, double value)
{
	if (l->node_count == l->node_room) {
		l->node_room = l->node_room ? l->node_room * 2 : 1024;
		l->nodes = mem_resize(l->nodes, l->node_room, sizeof *l->nodes);
	}
	l->nodes[l->node_count++] = (struct feature_node){index, value};
}

/* The end of a row stands in nodes from its beginning; cells are put in before it. */
static void end_row(struct logistic *l)
{
	put_node(l, (int)l->columns + 1, CONSTANT);
	put_node(l, -1, 0);
}

void logistic_row(struct logistic *l, bool outcome)
{
	if (l->count == l->room) {
		l->room = l->room ? l->room * 2 : 256;
		l->starts = mem_resize(l->starts, l->room, sizeof *l->starts);
		l->outcomes = mem_resize(l->outcomes, l->room, sizeof *l->outcomes);
	}
	l->starts[l->count] = l->node_count;
	l->outcomes[l->count++] = outcome ? 1 : -1;
	end_row(l);
}

void logistic_cell(struct logistic *l, size_t column, double value)
{
	l->node_count -= 2;
	put_node(l, (int)column + 1, value);
	end_row(l);
}

size_t logistic_count(const struct logistic *l)
{
	return l->count;
}

bool logistic_outcome(const struct logistic *l, size_t row)
{
	return l->outcomes[row] > 0;
}

static void be_silent(const char *text)
{
	(void)text;
}

/* liblinear's weights speak for the class of the first row. */
static void take_weights(const struct model *model, size_t columns, double *weights)
{
	double sign = model->label[0] > 0 ? 1 : -1;
	for (size_t i = 0; i < columns; i++)
		weights[i] = sign * model->w[i];
}

static int solve(const struct problem *problem, double c, size_t columns, double *weights, struct error *error)
{
	struct parameter parameter = {.solver_type = L2R_LR, .eps = 0.001, .C = c};
	const char *wrong = check_parameter(problem, &parameter);
	if (wrong)
		return error_set(error, ERROR_INVALID, NULL, "liblinear: %s", wrong);
	set_print_string_function(be_silent);
	struct model *model = train(problem, &parameter);
	take_weights(model, columns, weights);
	free_and_destroy_model(&model);
	return 0;
}

int logistic_train(const struct logistic *l, const size_t *rows, size_t count, double c, double *weights, struct error *error)
{
	struct feature_node **x = mem_array(count + 1, sizeof(struct feature_node *));
	double *y = mem_array(count + 1, sizeof *y);
	size_t with = 0;
	for (size_t i = 0; i < count; i++) {
		x[i] = &l->nodes[l->starts[rows[i]]];
		y[i] = l->outcomes[rows[i]];
		with += y[i] > 0;
	}
	struct problem problem = {.l = (int)count, .n = (int)l->columns + 1, .y = y, .x = x, .bias = CONSTANT};
	int result = with && with < count ? solve(&problem, c, l->columns, weights, error)
					  : error_set(error, ERROR_INVALID, NULL, "all of these leads have the same outcome: nothing can be learned from them.");
	free(x);
	free(y);
	return result;
}

double logistic_sum(const struct logistic *l, size_t row, const double *weights)
{
	double sum = 0;
	for (const struct feature_node *node = &l->nodes[l->starts[row]]; node->index <= (int)l->columns && node->index > 0; node++)
		sum += weights[node->index - 1] * node->value;
	return sum;
}
