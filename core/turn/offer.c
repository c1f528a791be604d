/* What to offer next: the link map of assets is walked from general to special, and the first one that the lead has not had and was not offered is it.
 * Called by act.c. The map is walked in breadth, from `start`, each asset's `next` in its order; one whose date is over is passed over, and what
 * stands behind it is not. Always holds: nothing is offered twice, in whatever campaign. */
#include "turn/inside.h"

static bool is_about(struct str verb, struct str subject, const struct asset *asset)
{
	static const char *const verbs[] = {"asset.offer", "asset.download", "asset.view", "webinar.register", "webinar.attend"};
	for (size_t i = 0; str_is(subject, asset->name) && i < sizeof verbs / sizeof *verbs; i++)
		if (str_is(verb, verbs[i]))
			return true;
	return false;
}

static bool had(const struct turn *turn, const struct asset *asset)
{
	const struct history *history = &turn->facts->history;
	for (size_t i = 0; i < history->count; i++)
		if (history->events[i].at <= turn->now && is_about(history->events[i].verb, history->events[i].subject, asset))
			return true;
	for (size_t i = 0; i < history->fold_count; i++)
		if (is_about(history->folds[i].verb, history->folds[i].subject, asset))
			return true;
	return false;
}

struct map_walk {
	const struct asset **line; /* come to and not looked at yet, in order */
	size_t count;
	bool *seen;
};

static void come_to(const struct turn *turn, struct map_walk *walk, const struct asset *asset)
{
	size_t i = (size_t)(asset - turn->playbook->assets);
	if (walk->seen[i])
		return;
	walk->seen[i] = true;
	walk->line[walk->count++] = asset;
}

const struct asset *turn_next_offer(struct turn *turn, const struct asset *start)
{
	size_t n = turn->playbook->asset_count;
	struct map_walk walk = {.line = arena_array(turn->arena, n + 1, sizeof *walk.line), .seen = arena_array(turn->arena, n + 1, sizeof(bool))};
	come_to(turn, &walk, start);
	for (size_t i = 0; i < walk.count; i++) {
		const struct asset *asset = walk.line[i];
		if (!(asset->starts_at && asset->starts_at <= turn->now) && !had(turn, asset))
			return asset;
		for (size_t k = 0; k < asset->next_count; k++) {
			const struct asset *next = playbook_asset(turn->playbook, str_of(asset->next[k]));
			if (next)
				come_to(turn, &walk, next);
		}
	}
	return NULL;
}
