/* Token buckets in a table of fixed size, four places a key; when all four are taken, the one that is fullest gives way: it is the one that
 * held back least. */
#include "web/flood.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 4, SETS = 4096 };

struct bucket {
	uint64_t key;
	mono_t empty_at; /* when the last of what was taken will have come back: before now = full */
	mono_t spent_by; /* the same, less what the whole bucket holds: what it is ordered by */
};
struct flood {
	struct bucket buckets[SETS][PLACES];
};

struct flood *flood_new(void)
{
	return mem_alloc(sizeof(struct flood));
}

void flood_free(struct flood *flood)
{
	free(flood);
}

static struct bucket *find(struct flood *flood, uint64_t key, mono_t now)
{
	struct bucket *set = flood->buckets[key % SETS], *loosest = set;
	for (size_t i = 0; i < PLACES; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].spent_by < loosest->spent_by)
			loosest = &set[i];
	}
	*loosest = (struct bucket){.key = key, .empty_at = now};
	return loosest;
}

static struct bucket *bucket_of(struct flood *flood, const struct flood_limit *limit, struct str key, mono_t now)
{
	struct buf text = {0};
	buf_printf(&text, "%s ", limit->what);
	buf_put(&text, key.p ? key.p : "", key.n);
	struct bucket *bucket = find(flood, hash_seeded(buf_str(&text)), now);
	buf_fini(&text);
	return bucket;
}

bool flood_take(struct flood *flood, const struct flood_limit *limit, struct str key, mono_t now)
{
	struct bucket *bucket = bucket_of(flood, limit, key, now);
	mono_t from = bucket->empty_at > now ? bucket->empty_at : now;
	if (from + limit->each_us > now + (mono_t)limit->burst * limit->each_us)
		return false;
	bucket->empty_at = from + limit->each_us;
	bucket->spent_by = bucket->empty_at - (mono_t)limit->burst * limit->each_us;
	return true;
}

void flood_back(struct flood *flood, const struct flood_limit *limit, struct str key, mono_t now)
{
	struct bucket *bucket = bucket_of(flood, limit, key, now);
	if (bucket->empty_at > now) {
		bucket->empty_at -= limit->each_us;
		bucket->spent_by -= limit->each_us;
	}
}

struct str flood_network(const struct http_address *address, char out[16])
{
	static const unsigned char four[12] = {[10] = 0xff, [11] = 0xff};
	bool is_four = memcmp(address->bytes, four, sizeof four) == 0;
	size_t kept = is_four ? 15 : 6;
	memset(out, 0, 16);
	memcpy(out, address->bytes, kept);
	return (struct str){out, 16};
}
