/* Arenas that go back to a mark: what stood before it stays, what came after is memory of the next, and nothing is taken from the system for it. What is printed
 * into one. */
#include "base/arena.h"

#include "unit/check_main.h"

/* One assertion for all: Check writes a line for each. */
static void assert_filled(const char *p, size_t size, char with)
{
	size_t right = 0;
	for (size_t i = 0; i < size; i++)
		right += p[i] == with;
	ck_assert_uint_eq(right, size);
}

static char *filled(struct arena *arena, size_t size, char with)
{
	char *p = arena_alloc(arena, size);
	assert_filled(p, size, 0);
	memset(p, with, size);
	return p;
}

START_TEST(what_stood_before_the_mark_stays_and_what_came_after_is_used_again)
{
	struct arena *arena = arena_new();
	char *before = filled(arena, 1000, 'a');
	struct arena_mark mark = arena_mark(arena);
	char *first = filled(arena, 500, 'b');
	arena_rewind(arena, mark);
	ck_assert_ptr_eq(filled(arena, 500, 'c'), first);
	assert_filled(before, 1000, 'a');
	arena_free(arena);
}
END_TEST

START_TEST(a_loop_that_rewinds_over_many_blocks_takes_no_more_than_its_longest_round)
{
	struct arena *arena = arena_new();
	char *before = filled(arena, 15 * 1024, 'a'); /* near the end of the first block */
	size_t most = 0;
	for (int round = 0; round < 1000; round++) {
		struct arena_mark mark = arena_mark(arena);
		for (int i = 0; i < 1 + round % 7; i++)
			filled(arena, 9000, 'b');
		if (round < 14 && arena_used(arena) > most)
			most = arena_used(arena);
		ck_assert_uint_le(arena_used(arena), 2 * most);
		arena_rewind(arena, mark);
		assert_filled(before, 15 * 1024, 'a');
	}
	arena_free(arena);
}
END_TEST

/* Blocks get odd sizes as the arena grows: what is left of one fits, does not, or would but for the alignment. */
START_TEST(what_is_printed_is_whole_wherever_a_block_ends)
{
	struct arena *arena = arena_new();
	char wanted[128];
	size_t whole = 0, count = 30000;
	for (size_t i = 0; i < count; i++) {
		int n = snprintf(wanted, sizeof wanted, "%zu/%*s.", i, (int)(i * 7 % 90), "x");
		const char *text = arena_printf(arena, "%zu/%*s.", i, (int)(i * 7 % 90), "x");
		whole += n > 0 && strcmp(text, wanted) == 0;
	}
	ck_assert_uint_eq(whole, count);
	arena_free(arena);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_printed_is_whole_wherever_a_block_ends),
	UNIT(what_stood_before_the_mark_stays_and_what_came_after_is_used_again),
	UNIT(a_loop_that_rewinds_over_many_blocks_takes_no_more_than_its_longest_round),
};
UNIT_MAIN("base/arena", cases)
