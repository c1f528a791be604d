/* What an agent reports of a call, checked against the script and the dispositions that stood on the screen. Pure. */
#ifndef TELEMARKETING_ANSWERS_H
#define TELEMARKETING_ANSWERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct outcome {
	bool reached;            /* somebody was spoken to */
	bool never;              /* and never wants to be called again */
	int64_t callback_at;     /* microseconds; 0 = none: else nothing but this, until and the note */
	int64_t until;           /* the call's new deadline; 0 = as it was */
	int64_t latest_at, lawful_at; /* when it was refused for them: the call's deadline; the next moment at which it may ring there; 0 = not for that */
	char answer[80];         /* "reached", a result, a disposition */
	json_t *said;            /* fields of the lead; NULL = none */
	json_t *answers;         /* as they came, by question */
	json_t *colleagues;      /* [{first_name, …}] */
	char wrong[300];         /* a sentence, when it was refused */
	char field[80];
};
/* report: {"disposition" | "result", "answers", "note", "callback_at", "until", "texts": whether each answer is a text, as in
 * a CSV file}; sheet as nurture_look has it. false: wrong is filled. What is filled is freed by outcome_fini,
 * also then. latest_at 0 = none. */
bool outcome_read(const json_t *report, const json_t *sheet, int64_t now, int64_t latest_at, struct outcome *out);
/* Fills wrong (fmt has one %s, for `name`) and field; false. */
bool outcome_refuse(struct outcome *out, const char *field, const char *fmt, const char *name) __attribute__((format(printf, 3, 0)));
void outcome_fini(struct outcome *outcome);
/* A moment as RFC 3339 has it ("2027-03-18T15:00:00+01:00"), microseconds; 0: it is none. */
int64_t outcome_moment(const char *text);

#endif
