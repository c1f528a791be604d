/* The tally's tables, shared by counting (preview_tally.c) and telling (preview_example.c, preview_json.c). No other file includes this. */
#ifndef NURTURE_JOBS_PREVIEW_INSIDE_H
#define NURTURE_JOBS_PREVIEW_INSIDE_H

#include "jobs/preview_tally.h"

enum { PREVIEW_GRADES = 21 /* none, A … D, A1 … D4 */, PREVIEW_EXAMPLES = 40, PREVIEW_EACH = 3 };

struct preview_pair {
	const char *name;
	int before, after; /* indices; -1 = it is not in that playbook */
};
struct preview_model {
	struct preview_pair pair;
	int64_t changed, up, down, sum_before, sum_after;
};
struct preview_table {
	struct preview_pair pair;
	int64_t moved;
	int64_t grades[PREVIEW_GRADES][PREVIEW_GRADES]; /* [from][to] */
	size_t old_bands, new_bands;
	int64_t *bands; /* (old_bands + 1) × (new_bands + 1); 0 = none */
};
struct preview_segment {
	struct preview_pair pair;
	int64_t before, after, enter, leave;
};
struct preview_campaign {
	struct preview_pair pair;
	int64_t leads;
};
struct preview_error {
	const char *file, *context, *message; /* of the first lead that failed so */
	int line;
	int64_t leads, first;
};
struct preview_example {
	const int64_t *cell; /* the move that it shows */
	json_t *json;
};

struct preview_tally {
	struct arena *arena;
	const struct playbook *before, *after;
	bool of_accounts;                   /* accounts are counted, by the models and grades that are theirs; else leads, by all others */
	int64_t leads, moved;
	struct preview_model *models; size_t model_count;
	struct preview_table *tables; size_t table_count;
	struct preview_segment *segments; size_t segment_count;
	struct preview_campaign *campaigns; /* of after */
	int64_t stages[STAGE_COUNT];        /* set to */
	struct preview_error *errors; size_t error_count, error_room;
	struct preview_example examples[PREVIEW_EXAMPLES]; size_t example_count;
	int64_t *cell;                      /* of the lead added last */
};

int preview_grade_index(struct str grade);
const char *preview_grade_name(int index, char out[3]); /* "" = none */

#endif
