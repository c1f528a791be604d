/* The clock that deadlines of scripts are told by: none where the test runs many times slower than the program would (NURTURE_SLOW: under
 * valgrind), as a deadline there ends what is no endless loop. */
#ifndef NURTURE_TESTS_SLOW_H
#define NURTURE_TESTS_SLOW_H

#include "base/clock.h"

#include <stdlib.h>

typedef mono_t (*slow_clock)(void);

static inline slow_clock slow_now(void)
{
	return getenv("NURTURE_SLOW") ? NULL : mono_now;
}

#endif
