/* See purge.h. What is asked of the turns is in lane 2, and never more than some thousands wait. */
#include "jobs/purge.h"

#include "jobs/ask.h"
#include "store/erase.h"

#include <stdio.h>

enum { WAITING_MOST = 4000 /* leads that were asked to go and wait for their turn */ };
static const int64_t LOOK_US = MOMENT_SECOND / 5;

static int first(struct purge *p, const char *query, const char *const *params, size_t count, const char *key, json_t **out, struct error *error)
{
	json_t *rows = ask_query(p->loop, p->store, query, params, count, error);
	*out = json_incref(json_object_get(json_array_get(rows, 0), key));
	json_decref(rows);
	return rows ? 0 : -1;
}

int purge_count(struct purge *p, int64_t *leads, struct error *error)
{
	const char *const who[] = {p->who.since, p->who.segment, p->who.verbs}, *const nobody[] = {"0"};
	json_t *count = NULL, *engine = NULL;
	int failed = first(p, "purge_count", who, 3, "leads", &count, error) < 0 || first(p, "erase_preview", nobody, 1, "engine", &engine, error) < 0;
	*leads = json_integer_value(count);
	p->engine = json_is_true(engine);
	json_decref(count);
	json_decref(engine);
	return failed ? -1 : 0;
}

static void tell(struct purge *p)
{
	if (p->told(p->arg, p->count, p->after))
		p->cancelled = true;
}

/* Waits until the turns have forgotten most of what was asked. Without an engine nobody would ever. */
static int wait_for_room(struct purge *p, int64_t most, struct error *error)
{
	for (;;) {
		json_t *waiting = NULL;
		bool never = false;
		if (first(p, "purge_waiting", NULL, 0, "waiting", &waiting, error) < 0)
			return -1;
		bool room = json_integer_value(waiting) <= most;
		json_decref(waiting);
		if (room || !p->engine || p->cancelled)
			return 0;
		(void)store_wait(p->loop, &never, LOOK_US);
		tell(p);
	}
}

/* The next page; *got: how many it had. */
static int next_page(struct purge *p, size_t *got, struct error *error)
{
	char after[24], size[24];
	int64_t leads[ERASE_MOST];
	struct ask asked = {0};
	moment_t now = 0;
	snprintf(after, sizeof after, "%lld", (long long)p->after);
	snprintf(size, sizeof size, "%d", ERASE_MOST);
	const char *const params[] = {p->after ? after : NULL, size, p->who.since, p->who.segment, p->who.verbs};
	json_t *rows = ask_query(p->loop, p->store, "purge_page", params, 5, error);
	*got = json_array_size(rows);
	for (size_t i = 0; i < *got; i++)
		leads[i] = json_integer_value(json_object_get(json_array_get(rows, i), "lead"));
	json_decref(rows);
	if (!*got)
		return rows ? 0 : -1;
	if (ask_now(p->loop, p->store, &now, error))
		return -1;
	store_erase(p->store, leads, *got, true, p->by, now, ask_on_id, &asked);
	if (ask_wait(p->loop, &asked, error))
		return -1;
	p->after = leads[*got - 1];
	p->count += (int64_t)*got;
	tell(p);
	return 0;
}

int purge_run(struct purge *p, struct error *error)
{
	for (size_t got = 1; got && !p->cancelled;)
		if (wait_for_room(p, WAITING_MOST, error) < 0 || (!p->cancelled && next_page(p, &got, error) < 0))
			return -1;
	return wait_for_room(p, 0, error);
}
