/* What a dataset says of its model: the figures of `nurture backtest`. Computed here once (backtest.c), then written as JSON (backtest_json.c),
 * which is what a job keeps and what the text (backtest_text.c) and the page (backtest_html.c) are made of: one shape, three dresses.
 *
 * Intervals are of 95 %. What cannot be told from so few outcomes is null in the JSON and "not yet known" in words; never noise.
 *
 * The JSON (stable: keys are added, never renamed or removed). I = an interval: [low, high] or null when it is not known yet.
 *   model, title, revision, outcome, against, from (null = the beginning), to           what was asked
 *   at                                                                                   the moment as of which everybody is scored (= from); null = each before its outcome
 *   leads, outcomes, by_against, at_end                                                  rows; those with the outcome; how the others got their moment
 *   left_out {before, later, unknown, failed, failed_where?, failed_message?, failed_lead?}
 *   as_imported, account_today, waiting                                                  leads judged by later words; yes/no; events that no history holds yet
 *   verdict "known" | "few" | "no outcomes" | "all outcomes" | "one score"               with no outcomes, or nothing else, all figures below are null
 *   words [text …]                                                                       the sentences that a person must read, in order
 *   auc {value, interval I}                                                              Mann-Whitney with ties; interval by DeLong, on the logit scale
 *   half                                                                                 "calling the best half reaches n % of the buyers", as a share
 *   deciles [{share 0.1…1, leads, outcomes, rate, rate_interval I, reached, lift}]       best tenth first; outcomes of ties are shared out evenly, so they may be fractions
 *   capture [[share of leads called, share of outcomes reached] …]                       the curve at every score, at most 200 points
 *   roc [[false alarms, hits] …]                                                         at most 200 points
 *   tables [{name, kind "grade"|"band", groups [{name, leads, outcomes, rate, interval I, lift}]}]
 *   calibration [{low, high, leads, outcomes, rate, interval I, fitted}]                 bins of equal size by score, lowest first; fitted = the rates made rising (isotonic)
 *   rises yes/no/null                                                                    does the observed rate rise from bin to bin as far as can be told?
 *   rules [{rule, place, points [least, most], leads, outcomes, rate, interval I, rate_without, interval_without I, lift, drop, drop_interval I,
 *           alone, alone_interval I, weight "carries"|"wrong way"|"too much"|"not yet known"|"never"|"always", account yes/no}]
 *           in the order of the playbook. rate of the leads that it gave points, rate_without of the others; drop = AUC lost without the rule's points; alone = the
 *           AUC of its points by themselves (below 0.5: the wrong way). Intervals of drop and alone hold for all rules together. account: sees the company as it is today
 *   axes {table, letter {model, auc, interval I}, digit {…}, together {auc, interval I, how}, gain_letter {value, interval I}, gain_digit {…}, words} | null
 *           gain_letter = together - letter alone: what the digit's axis adds
 *   compare {revision, auc {value, interval I}, difference {value, interval I}, half, words} | null     of another playbook, on the same leads */
#ifndef NURTURE_REPORT_BACKTEST_H
#define NURTURE_REPORT_BACKTEST_H

#include "base/buf.h"
#include "report/dataset.h"

#include <jansson.h>

/* All figures. rival: the same model by the active playbook on the same rows, or NULL. New reference. */
json_t *backtest_json(const struct dataset *dataset, const struct dataset *rival) MUST_USE;
/* For people, at most `width` columns; plots of UTF-8 bars, or plain. */
void backtest_text(const json_t *result, bool utf8, int width, struct buf *out);

#endif
