/* A promise to call back at a moment: whether it can be kept. */
#ifndef TELEMARKETING_PROMISE_H
#define TELEMARKETING_PROMISE_H

#include "answers.h"
#include "desk.h"

/* callback_at and until of a report, into `out`. latest_at: until when the campaign gives the call time, 0 = for ever; only an `until` beyond it makes it longer. false: out->wrong says
 * why. Who may say `until` is asked elsewhere. Pure. */
bool promise_read(const json_t *report, int64_t now, int64_t latest_at, struct outcome *out);
/* Whether it may ring then where the lead is (a sheet's `place`; NULL = not known just now: the queue keeps the hours all the same). false: out->lawful_at is the next moment at which it
 * may, 0 = not within two weeks. */
bool promise_is_lawful(const struct desk *desk, const json_t *place, struct outcome *out);

#endif
