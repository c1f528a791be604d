/* The packed history. Whatever bytes stand in the database: an error, or a history that holds its promises and is written and read
 * again the same. */
#include "model/history.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define HOLDS(condition)        \
	do {                    \
		if (!(condition)) \
			abort(); \
	} while (0)

static void check_same(const struct history *a, const struct history *b)
{
	HOLDS(a->seen_at == b->seen_at && a->seen_by == b->seen_by && a->held_count == b->held_count && a->count == b->count && a->fold_count == b->fold_count);
	for (size_t i = 0; i < a->count; i++) {
		const struct history_event *x = &a->events[i], *y = &b->events[i];
		HOLDS(x->id == y->id && x->at == y->at && str_same(x->verb, y->verb) && str_same(x->subject, y->subject));
		HOLDS(x->has_value == y->has_value && x->value == y->value && x->machine == y->machine && str_same(x->data, y->data));
	}
}

static void add_some(struct history *history, struct arena *arena)
{
	for (int i = 0; i < 210; i++) {
		struct event event = {.id = 0, .at = i, .verb = STR("page.view"), .subject = STR("/"), .data = {"", 0}};
		HOLDS(history_add(history, &event, arena));
	}
	HOLDS(history->count <= HISTORY_EXACT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new();
	struct history history, again;
	struct error error = {0};
	char *bytes = malloc(n + 1); /* of its exact size but for one, so that a read beyond it is seen */
	if (n)
		memcpy(bytes, data, n);
	bytes = realloc(bytes, n ? n : 1);
	if (history_read(&history, (struct str){bytes, n}, arena, &error) == 0) {
		for (size_t i = 1; i < history.count; i++)
			HOLDS(history.events[i - 1].at <= history.events[i].at);
		HOLDS(history_read(&again, history_write(&history, arena), arena, &error) == 0);
		check_same(&history, &again);
		add_some(&history, arena);
	} else {
		HOLDS(error.message[0]);
	}
	free(bytes);
	arena_free(arena);
	return 0;
}
