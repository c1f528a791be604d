/* What is asked one by one goes together, and at the end nobody waits for ever. */
#include "delivery/gather.h"

#include "base/mem.h"
#include "unit/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct question {
	struct gathered gathered;
	int number;
};

static struct gather gather;
static struct loop *loop;
static int flushes, most, again; /* taken at once at most; asked once more from inside: 0 = nothing */
static char told[200];

static void ask(int number)
{
	struct question *question = mem_alloc(sizeof *question);
	question->number = number;
	gather_put(&gather, question);
}

static void tell(const char *word, struct question *question)
{
	int number = question->number;
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s %d, ", word, number);
	free(question);
	if (number == again)
		ask(number + 100);
}

static void flush(void *arg)
{
	int taken = 0;
	ck_assert_ptr_eq(arg, &told);
	flushes++;
	for (struct question *question; taken < most && (question = gather_take(&gather)); taken++)
		tell("asked", question);
}

static void end(void *question)
{
	tell("closes", question);
}

static void begin(int at_once)
{
	flushes = again = 0;
	most = at_once;
	told[0] = '\0';
	loop = loop_new();
	gather_init(&gather, loop, flush, &told);
}

static void finish(void)
{
	gather_fini(&gather, end);
	ck_assert_ptr_null(gather_first(&gather));
	loop_free(loop);
}

START_TEST(what_is_asked_in_one_turn_goes_together_and_in_order)
{
	begin(9);
	ask(1), ask(2), ask(3);
	ck_assert_int_eq(flushes, 0); /* never inside */
	ck_assert_int_eq(((struct question *)gather_first(&gather))->number, 1);
	loop_once(loop, 0);
	ck_assert_int_eq(flushes, 1);
	ck_assert_str_eq(told, "asked 1, asked 2, asked 3, ");
	ask(4);
	loop_once(loop, 0);
	ck_assert_int_eq(flushes, 2);
	ck_assert_str_eq(told, "asked 1, asked 2, asked 3, asked 4, ");
	finish();
}
END_TEST

START_TEST(what_is_asked_from_inside_an_answer_is_not_forgotten)
{
	begin(1);
	again = 1;
	ask(1);
	loop_once(loop, 0);
	ck_assert_int_eq(flushes, 2);
	ck_assert_str_eq(told, "asked 1, asked 101, ");
	finish();
}
END_TEST

START_TEST(at_the_end_each_that_waits_is_told_once_also_who_asks_while_it_is_told)
{
	begin(1);
	ask(1), ask(2), ask(3);
	loop_once(loop, 0);
	ck_assert_str_eq(told, "asked 1, ");
	again = 2;
	finish();
	ck_assert_str_eq(told, "asked 1, closes 2, closes 3, closes 102, ");
	ck_assert_int_eq(flushes, 1); /* also not by the loop, which ends after it */
}
END_TEST

START_TEST(who_asked_nothing_is_told_nothing)
{
	begin(1);
	loop_once(loop, 0);
	finish();
	ck_assert_int_eq(flushes, 0);
	ck_assert_str_eq(told, "");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_asked_in_one_turn_goes_together_and_in_order),
	UNIT(what_is_asked_from_inside_an_answer_is_not_forgotten),
	UNIT(at_the_end_each_that_waits_is_told_once_also_who_asks_while_it_is_told),
	UNIT(who_asked_nothing_is_told_nothing),
};
UNIT_MAIN("delivery/gather", cases)
