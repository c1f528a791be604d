/* The picking itself; load.c asks for the rows. */
#include "store/pick.h"

#include "base/map.h"
#include "model/lead.h"

static struct str id_text(const int64_t *id)
{
	return (struct str){(const char *)id, sizeof *id};
}

void pick_rows(struct pick *pick, enum pick_lane lane, const PGresult *rows)
{
	size_t count = (size_t)PQntuples(rows);
	int64_t *leads = arena_array(pick->arena, count + 1, sizeof *leads);
	for (size_t i = 0; i < count; i++)
		leads[i] = row_int8(rows, (int)i, 0);
	pick->lanes[lane].leads = leads;
	pick->lanes[lane].count = count;
}

struct picked {
	struct map *chosen;
	int64_t *ids;
	size_t count, limit;
};

/* Up to `quota` more leads of a lane that are not chosen yet. */
static void choose(struct pick *pick, struct picked *picked, enum pick_lane lane, size_t quota)
{
	while (pick->lanes[lane].at < pick->lanes[lane].count && quota && picked->count < picked->limit) {
		int64_t *id = &pick->lanes[lane].leads[pick->lanes[lane].at++];
		if (map_get(picked->chosen, id_text(id)))
			continue;
		map_put(picked->chosen, id_text(id), id);
		picked->ids[picked->count++] = *id;
		quota--;
	}
}

static bool is_left(const struct pick *pick, const struct map *chosen)
{
	for (int lane = 0; lane < PICK_LANES; lane++) {
		if (pick->lanes[lane].count == pick->limit[lane])
			return true;
		for (size_t k = pick->lanes[lane].at; k < pick->lanes[lane].count; k++)
			if (!map_get(chosen, id_text(&pick->lanes[lane].leads[k])))
				return true;
	}
	return false;
}

int64_t *pick_of_one(struct pick *pick, size_t limit, size_t *count, bool *more)
{
	struct picked picked = {map_new(), arena_array(pick->arena, limit + 1, sizeof(int64_t)), 0, limit};
	size_t others = pick->lanes[PICK_TIME].count + pick->lanes[PICK_BULK].count, reserve = limit / 8;
	choose(pick, &picked, PICK_LIVE, limit - (others < reserve ? others : reserve));
	size_t left = limit - picked.count;
	choose(pick, &picked, PICK_BULK, pick->lanes[PICK_TIME].count ? (left + 7) / 8 : left);
	choose(pick, &picked, PICK_TIME, left);
	choose(pick, &picked, PICK_BULK, left);
	choose(pick, &picked, PICK_LIVE, left);
	*more = is_left(pick, picked.chosen);
	*count = picked.count;
	map_free(picked.chosen);
	return picked.ids;
}

int64_t *pick_of_all(struct pick *pick, size_t *count, uint64_t left[PICK_LANES])
{
	size_t total = 0;
	for (int lane = 0; lane < PICK_LANES; lane++)
		total += pick->lanes[lane].count;
	struct picked picked = {map_new(), arena_array(pick->arena, total + 1, sizeof(int64_t)), 0, total};
	for (int lane = 0; lane < PICK_LANES; lane++) {
		size_t rows[SHARD_COUNT] = {0};
		left[lane] = 0;
		for (size_t i = 0; i < pick->lanes[lane].count; i++) {
			int shard = lead_shard(pick->lanes[lane].leads[i]);
			if (++rows[shard] == pick->limit[lane])
				left[lane] |= UINT64_C(1) << shard;
		}
		choose(pick, &picked, (enum pick_lane)lane, total);
	}
	*count = picked.count;
	map_free(picked.chosen);
	return picked.ids;
}
