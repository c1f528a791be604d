/* The frame of every unit test program: a table of cases, and main. Each case is a process of its own, with five minutes. */
#ifndef NURTURE_TESTS_CHECK_MAIN_H
#define NURTURE_TESTS_CHECK_MAIN_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

struct unit_case {
	const char *name;
	const TTest **test; /* what START_TEST made */
};
#define UNIT(fn) {#fn, &(fn)}

static inline int unit_run(const char *name, const struct unit_case *cases, size_t count, void (*begin)(void), void (*end)(void))
{
	Suite *suite = suite_create(name);
	for (size_t i = 0; i < count; i++) {
		TCase *tcase = tcase_create(cases[i].name);
		tcase_set_timeout(tcase, 300);
		tcase_add_checked_fixture(tcase, begin, end);
		tcase_add_test(tcase, *cases[i].test);
		suite_add_tcase(suite, tcase);
	}
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define UNIT_MAIN(name, table) UNIT_MAIN_EACH(name, table, (void)0, NULL, NULL)
/* The same with something to do first, once, before the cases. */
#define UNIT_MAIN_WITH(name, table, first) UNIT_MAIN_EACH(name, table, first, NULL, NULL)
/* And with two functions that run in each case's process before and after it; either may be NULL. */
#define UNIT_MAIN_EACH(name, table, first, begin, end)                                                      \
	int main(void)                                                                                      \
	{                                                                                                   \
		first;                                                                                      \
		return unit_run(name, table, sizeof(table) / sizeof *(table), begin, end);                  \
	}

#endif
