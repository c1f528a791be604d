/* Says in plain English what marketing wrote: conditions, timings, acts, ways out. For the read-back (read_back.h), drawings (dot.h) and simulations.
 * One row a kind, in tables indexed by its enum: a kind without a row is said by its file and line, never left out. Texts are appended to `out`. */
#ifndef NURTURE_PLAYBOOK_SAY_H
#define NURTURE_PLAYBOOK_SAY_H

#include "base/buf.h"
#include "playbook/playbook.h"

/* "at once", "on day 3", "2 days after the step before", "every 3 weeks, 5 times", "as soon as they …, at most 3 days". */
void say_timing(const struct playbook *playbook, const struct step *step, struct buf *out);
/* "1 day before the webinar", "30 days after their renewal". */
void say_date(const struct playbook *playbook, const struct date_moment *moment, struct buf *out);
/* A sentence's part about "they": `their country is DE or AT`, `they downloaded "guide" within 7 days`. */
void say_condition(const struct playbook *playbook, const struct condition *condition, struct buf *out);
void say_value(const struct value *value, struct buf *out);
/* "they get the e-mail "welcome"", "they go on to "write"", "they leave (with sales)". */
void say_action(const struct playbook *playbook, const struct campaign *campaign, const struct action *action, struct buf *out);
/* Where an answer leads: `to "write"`, `out (refused)`, `there again, 3 times, 1 day later, then on`. */
void say_answer(const struct playbook *playbook, const struct campaign *campaign, const struct answer *answer, struct buf *out);

#endif
