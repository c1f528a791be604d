/* The lines of a `test` of the playbook, read and checked; turn/story runs them. */
#ifndef NURTURE_PLAYBOOK_STORY_H
#define NURTURE_PLAYBOOK_STORY_H

#include "playbook/playbook.h"

enum story_kind { STORY_LEAD, STORY_ACCOUNT, STORY_COLLEAGUE, STORY_EVENT, STORY_ANSWER, STORY_DAY, STORY_WAIT, STORY_EXPECT };

enum expect_kind {
	EXPECT_SCORE, EXPECT_GRADE, EXPECT_BAND, EXPECT_STAGE, EXPECT_SEGMENT, EXPECT_EMAIL, EXPECT_CALL, EXPECT_LETTER,
	EXPECT_HANDOFF, EXPECT_HELD, EXPECT_LEFT
};
struct expectation {
	enum expect_kind kind;
	const char *name;   /* grade, band, stage, segment, template ("nothing"), person, the held text, campaign; model for SCORE */
	double number;      /* SCORE */
};
struct story_line {
	enum story_kind kind;
	struct place at;
	const struct field_value *fields; size_t field_count; /* LEAD, ACCOUNT, COLLEAGUE; ANSWER: what was said on the telephone */
	const char *name;         /* COLLEAGUE: the same name is the same person; NULL = one more. ANSWER: how it ended */
	const struct story_line *events; size_t event_count;  /* COLLEAGUE: what this person does now */
	struct event event;       /* EVENT: verb, subject, value, data; at and ids are the runner's */
	int day;                  /* DAY */
	struct duration wait;     /* WAIT */
	const struct expectation *expects; size_t expect_count;
};
struct story {
	const struct story_line *lines;
	size_t count;
	const char *const *channels; /* the kinds that there are, NULL-ended: what is configured here does not matter */
};
const struct story *playbook_story(const struct playbook *playbook, int handle);

#endif
