/* The result of a backtest as one page: nothing is loaded from anywhere, nothing runs, it can be mailed and printed. Charts with tables beside them,
 * for a telephone and for a screen reader too. */
#ifndef NURTURE_REPORT_BACKTEST_HTML_H
#define NURTURE_REPORT_BACKTEST_HTML_H

#include "base/buf.h"

#include <jansson.h>

/* result: as backtest.h has it. */
void backtest_html(const json_t *result, struct buf *out);

#endif
