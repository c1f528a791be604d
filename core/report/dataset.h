/* What a backtest looks at: one row a lead, as it stood just before its outcome. Filled by jobs/backtest (which replays history), read by the
 * statistics of this room and by `nurture fit`. Nothing here knows of a database or of a playbook.
 *
 * Stands by columns, each of whole numbers and as wide as its largest one needs (1, 2, 4 or 8 bytes): a million leads with fifty rules are about 130 MB. */
#ifndef NURTURE_REPORT_DATASET_H
#define NURTURE_REPORT_DATASET_H

#include "base/clock.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dataset_column {
	int width;    /* bytes of a cell; 0 = none yet: every cell reads as 0 */
	void *cells;
	size_t room;  /* cells */
};
int64_t dataset_cell(const struct dataset_column *column, size_t row);

enum dataset_rule_kind { DATASET_ONCE, DATASET_COUNTED /* each or fades */, DATASET_CHOSEN /* choose */, DATASET_FUNCTION };
struct dataset_rule {
	char *name, *place;              /* file:line */
	enum dataset_rule_kind kind;
	double most;                     /* what `units` can be at most; 0 = not bounded, or not counted */
	char **choices; size_t choice_count;
	struct dataset_column points;    /* that it gave */
	struct dataset_column units;     /* in hundredths: use dataset_units */
	struct dataset_column chosen;    /* CHOSEN: the index in choices, -1 = otherwise, -2 = the rule's conditions did not hold */
	bool account;                    /* it looks at the account, which is as it is today */
};
/* 0 = the rule did not hold; 1 = it held (also with 0 points); counted ones: the sum of what it counted, faded, bounded by max. */
double dataset_units(const struct dataset_rule *rule, size_t row);

struct dataset_model {
	char *name, *title;
	int from, to;
	struct dataset_column points;
};
struct dataset_table { /* of grades */
	char *name;
	int model;                       /* index in models of the one it stands on; -1 = two axes: */
	int letter_axis, digit_axis;     /* indices in models, or -1 */
	char **grades; size_t grade_count; /* "A1" …, best first */
	char **bands; size_t band_count;   /* in the order of the playbook */
	struct dataset_column grade, band; /* index + 1; 0 = none */
	size_t source;                   /* its number in the playbook */
};

/* Why leads that were looked at are not in the rows. */
struct dataset_left {
	int64_t before;      /* had the outcome before the range, and not in it */
	int64_t later;       /* came to be after the range */
	int64_t unknown;     /* nothing was known of them yet at their moment (imported afterwards); counted in when as_imported */
	int64_t failed;      /* a rule failed on them */
	char failed_where[256], failed_message[512]; /* the first of these: file:line context, and what */
	int64_t failed_lead;
};

struct dataset {
	size_t count;
	int64_t *lead;
	moment_t *at;        /* the moment for which it was scored */
	unsigned char *outcome; /* 1 = the outcome happened, at `at` */
	unsigned char *against; /* 1 = scored before the negative outcome; else (without outcome) at the end of the range */
	size_t room;
	size_t positives, negatives_by_against;
	struct dataset_model *models; size_t model_count;
	int model;           /* the one that is tested */
	struct dataset_rule *rules; size_t rule_count; /* of it */
	struct dataset_table *tables; size_t table_count;
	struct dataset_left left;
	/* what was asked */
	char *revision;      /* of the playbook */
	char *outcome_verb, *against_verb;
	moment_t from, to;   /* INT64_MIN = from the beginning; to is never open */
	bool all_at_once;    /* every row's moment is `from` */
	bool as_imported;
	int64_t as_imported_count; /* rows that count only because of it */
	int64_t waiting;     /* events that wait for their leads' turns: what they say is not in it yet */
	bool account_today;  /* a rule, segment or grade that counted looks at the account: its values are today's */
};

void dataset_init(struct dataset *dataset);
void dataset_fini(struct dataset *dataset);
/* A new row, all cells 0; its index. */
size_t dataset_add(struct dataset *dataset, int64_t lead, moment_t at, bool outcome, bool against);
void dataset_put(struct dataset_column *column, size_t row, int64_t value); /* rows in any order */
void dataset_put_units(struct dataset_rule *rule, size_t row, double units);
/* The points of a model as the statistics take them: count doubles, which the caller frees. */
double *dataset_scores(const struct dataset *dataset, int model) MUST_USE;
/* lead,moment,outcome,score,grade (of the first table of the model; "" = none), and each rule's points: RFC 4180, in the order of the rows. */
int dataset_write_csv(const struct dataset *dataset, const char *path, struct error *error) MUST_USE;

#endif
