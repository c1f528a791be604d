/* The frame of every unit test program: a table of cases, and main. */
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

#define UNIT_MAIN(suite_name, table) UNIT_MAIN_WITH(suite_name, table, (void)0)
/* The same with something to do first, once, before the cases (each of which is a process of its own). */
#define UNIT_MAIN_WITH(suite_name, table, first)                                                        \
	int main(void)                                                                      \
	{                                                                                   \
		first;                                                                      \
		Suite *suite = suite_create(suite_name);                                    \
		for (size_t i = 0; i < sizeof(table) / sizeof *(table); i++) {              \
			TCase *tcase = tcase_create((table)[i].name);                       \
			tcase_set_timeout(tcase, 300);                                       \
			tcase_add_test(tcase, *(table)[i].test);                            \
			suite_add_tcase(suite, tcase);                                      \
		}                                                                           \
		SRunner *runner = srunner_create(suite);                                    \
		srunner_run_all(runner, CK_NORMAL);                                         \
		int failed = srunner_ntests_failed(runner);                                 \
		srunner_free(runner);                                                       \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                \
	}

#endif
