/* Points for a model's own rules, learned from outcomes: logistic regression with a penalty (logistic.h) over a dataset (one row a lead, as it stood
 * before its outcome), weights made into points that a person can read. Called by jobs (fit). Pure: no database, no files; the same rows, seed and
 * rules give the same points.
 *
 * From weights to points. Each rule is a column (held or not; what it counted, up to its max; each choice of a choose a column of its own). The
 * weights are multiplied by one number, so that the leads that were learned from go from the model's `from` to its `to`, and rounded to whole
 * points (below 3 a time: to tenths). A choose that always holds gives its least choice 0; where sums would leave from … to, a rule that always
 * holds takes up the rest. Points of functions stay as they are.
 *
 * What is said of the points is never measured on leads that they were learned from: by folds (each fifth of the leads judged by points learned from
 * the other four, how cautious to be chosen inside those four), or on a part of the leads that is kept away (split). */
#ifndef NURTURE_REPORT_FIT_H
#define NURTURE_REPORT_FIT_H

#include "report/auc.h"
#include "report/dataset.h"

#include <jansson.h>

enum { FIT_FOLDS = 5, FIT_LEAST = 50 /* leads of each outcome */, FIT_MOST = 200000 /* leads learned from: of more, so many are drawn by the seed */ };

enum fit_split {
	FIT_BY_FOLDS, /* all leads are learned from; figures by folds */
	FIT_RANDOM,   /* four fifths by lead are learned from, the rest is measured */
	FIT_TIME      /* the oldest four fifths are learned from, the newest fifth is measured */
};
const char *fit_split_name(enum fit_split split);
bool fit_split_from(struct str name, enum fit_split *out);

enum fit_word {
	FIT_LEARNED,
	FIT_NEVER,  /* it held for none of the leads: nothing is known of it, 0 points */
	FIT_ALWAYS, /* it held for all: it tells nobody apart */
	FIT_KEPT    /* a function, or a choose that is counted: its points are as they were */
};
struct fit_rule {
	const char *name;      /* of the dataset */
	enum fit_word word;
	size_t leads;          /* that it held for, of those learned from */
	double weight;         /* of the logarithm of the odds, when it holds; counted: at its most; choose: between its best and its worst choice */
	int folds;             /* of FIT_FOLDS in which the weight has this sign (choose: in which the best choice is above the worst) */
	bool alone;            /* it tells outcomes apart all by itself (AUC of 0.98 or more): is it perhaps a consequence? */
	double points;
	double *cases; size_t case_count; /* choose: by choice, then otherwise */
};
struct fit_figures {
	struct auc auc;        /* by folds: the mean of the folds */
	double half;           /* share of the outcomes that calling the best half reaches */
};
struct fit {
	enum fit_split split;
	uint64_t seed;
	struct fit_rule *rules; size_t rule_count;
	int from, to;
	double cost;           /* the C of the points below */
	size_t leads, outcomes;             /* learned from */
	size_t held_leads, held_outcomes;   /* judged */
	size_t left_away;                   /* of more than FIT_MOST */
	struct fit_figures fresh, old, raw; /* new points, the model as it is, the weights before they were made into points */
	struct auc_difference gain;         /* fresh - old, on the rows kept away; by folds: the mean */
	size_t at_from;        /* leads learned from that stand at `from` because their points are fewer */
	bool can_shift;        /* a rule always holds, so that none had to */
};

/* ERROR_INVALID with a sentence when there is too little to learn from. */
int fit_learn(const struct dataset *dataset, enum fit_split split, uint64_t seed, struct fit *fit, struct error *error) MUST_USE;
void fit_fini(struct fit *fit);
/* What a row of the dataset would score. */
double fit_score(const struct dataset *dataset, const struct fit_rule *rules, size_t row);
/* true: no rule that was learned moves the odds by a twentieth, so its points would be made of nothing. */
bool fit_tells_nothing(const struct fit *fit);
/* {model, outcome, against, split, seed, cost, leads, outcomes, held_leads, held_outcomes, left_away, auc {value, interval, old, old_interval, difference,
 *  difference_interval, weights}, half {value, old}, at_from, words [text …], rules [{rule, place, word, leads, weight, odds, folds, points | choices
 *  {choice: points}, alone}]}. New reference. */
json_t *fit_json(const struct dataset *dataset, const struct fit *fit);

#endif
