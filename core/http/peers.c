/* One small object an address while it has connections; the map is seeded, so nobody chooses addresses that collide. */
#include "http/peers.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

struct peers {
	struct map *map; /* of struct peer, by its key */
};
struct peer {
	unsigned char key[16];
	unsigned count;
};

static struct str key_of(const struct peer *peer)
{
	return (struct str){(const char *)peer->key, sizeof peer->key};
}

static struct peer named(const struct http_address *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct peer peer = {0};
	memcpy(peer.key, address->bytes, memcmp(address->bytes, mapped, sizeof mapped) == 0 ? 16 : 8);
	return peer;
}

struct peers *peers_new(void)
{
	struct peers *peers = mem_alloc(sizeof *peers);
	peers->map = map_new();
	return peers;
}

void peers_free(struct peers *peers)
{
	size_t cursor = 0;
	struct str key;
	void *peer;
	if (!peers)
		return;
	while (map_next(peers->map, &cursor, &key, &peer))
		free(peer);
	map_free(peers->map);
	free(peers);
}

struct peer *peers_take(struct peers *peers, const struct http_address *address, unsigned limit)
{
	struct peer name = named(address);
	struct peer *peer = map_get(peers->map, key_of(&name));
	if (peer && peer->count >= limit)
		return NULL;
	if (!peer) {
		peer = mem_alloc(sizeof *peer);
		*peer = name;
		map_put(peers->map, key_of(peer), peer);
	}
	peer->count++;
	return peer;
}

void peers_give_back(struct peers *peers, struct peer *peer)
{
	if (!peer || --peer->count)
		return;
	map_remove(peers->map, key_of(peer));
	free(peer);
}
