/* Reading and writing a packed history of 20 events, beside the raw limit: copying the same bytes. */
#include "model/history.h"

#include <stdio.h>

static volatile size_t sink;

int main(void)
{
	enum { ROUNDS = 300000 };
	static const char *const verbs[] = {"page.view", "asset.download", "email.click", "webinar.attend"};
	static const char *const subjects[] = {"/pricing", "security-guide", "bank-case", "", "zero-trust-live"};
	struct arena *arena = arena_new(), *keep = arena_new();
	struct history history = {.seen_at = 1};
	for (int i = 0; i < 20; i++) {
		struct event event = {.id = ((int64_t)i * 77 + 1) << 6, .at = 1800000000 * MOMENT_SECOND + i * MOMENT_HOUR, .verb = str_of(verbs[i % 4]),
				      .subject = str_of(subjects[i % 5]), .has_value = i % 3 == 0, .value = i};
		(void)history_add(&history, &event, keep);
	}
	struct str packed = history_write(&history, keep);
	mono_t start = mono_now();
	for (int i = 0; i < ROUNDS; i++) {
		struct history again;
		if (history_read(&again, packed, arena, NULL) < 0)
			return 1;
		sink += history_write(&again, arena).n;
		arena_reset(arena);
	}
	double both = (double)(mono_now() - start) * 1000 / ROUNDS;
	char *copy = malloc(packed.n);
	start = mono_now();
	for (int i = 0; i < ROUNDS; i++) {
		memcpy(copy, packed.p, packed.n);
		__asm__ volatile("" : : "r"(copy) : "memory");
	}
	double raw = (double)(mono_now() - start) * 1000 / ROUNDS;
	printf("history of 20 events, %zu bytes packed\n", packed.n);
	printf("  read and written again  %8.0f ns\n  raw limit: copied        %8.0f ns\n", both, raw);
	free(copy);
	arena_free(arena);
	arena_free(keep);
	return 0;
}
