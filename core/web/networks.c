/* Networks from which no person reads: lists, and who is in them. Called by web.c, which keeps them for a worker's life, by the server's check of a
 * configuration, and by machine.c for every open and click. It reads files only when it is made.
 *
 * A list may have some hundred thousand lines (Apple publishes one), so networks lie sorted, the longest prefix first, and for each length of prefix
 * that there is one search says whether the address's network of that length is among them. */
#include "web/networks.h"

#include "base/mem.h"
#include "http/address.h"
#include "web/lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { LINE = 1000 };

struct network {
	struct address_range range; /* bits behind its prefix are 0 */
	enum network_use use;
};

struct web_networks {
	struct network *items;
	size_t count, room;
	size_t starts[129 + 1]; /* of prefixes of 128 - i bits */
};

static void mask(unsigned char bytes[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned left = bits > i * 8 ? bits - i * 8 : 0;
		if (left < 8)
			bytes[i] = (unsigned char)(bytes[i] & (0xff00 >> left));
	}
}

static int compare_keys(const struct network *a, const struct network *b)
{
	if (a->range.bits != b->range.bits)
		return a->range.bits > b->range.bits ? -1 : 1;
	return memcmp(a->range.bytes, b->range.bytes, sizeof a->range.bytes);
}

/* Of equal networks the exception comes first, then the machine. */
static int compare(const void *left, const void *right)
{
	static const int rank[] = {[NETWORK_PERSON] = 0, [NETWORK_MACHINE] = 1, [NETWORK_PROXY] = 2};
	const struct network *a = left, *b = right;
	int order = compare_keys(a, b);
	return order ? order : rank[a->use] - rank[b->use];
}

/* false: the line is no network. */
static bool add(struct web_networks *networks, struct str line, enum network_use use)
{
	struct network one = {.use = use};
	line = str_trim(line);
	if (!line.n || line.p[0] == '#')
		return true;
	if (line.p[0] == '!') {
		one.use = NETWORK_PERSON;
		line.p++, line.n--;
	}
	for (size_t i = 0; i < line.n; i++)
		if (strchr(" \t,#", line.p[i]))
			line.n = i;
	if (!address_range_parse(line, &one.range))
		return false;
	mask(one.range.bytes, one.range.bits);
	if (networks->count == networks->room) {
		networks->room = networks->room ? networks->room * 2 : 256;
		networks->items = mem_resize(networks->items, networks->room, sizeof *networks->items);
	}
	networks->items[networks->count++] = one;
	return true;
}

static int add_file(struct web_networks *networks, const char *path, enum network_use use, struct error *error)
{
	char line[LINE];
	struct stat st;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return error_set(error, ERROR_INVALID, path, "this list of networks is no plain file.");
	FILE *file = fopen(path, "re");
	if (!file)
		return error_errno(error, path, "cannot open this list of networks");
	for (int number = 1; fgets(line, sizeof line, file); number++) {
		if (add(networks, str_of(line), use))
			continue;
		fclose(file);
		char where[300];
		snprintf(where, sizeof where, "%.250s:%d", path, number);
		return error_set(error, ERROR_INVALID, where, "this is no network. A line holds one, like 192.0.2.0/24 or 2001:db8::/32; ! before it excepts it.");
	}
	bool failed = ferror(file);
	fclose(file);
	return failed ? error_errno(error, path, "cannot read this list of networks") : 0;
}

static int add_files(struct web_networks *networks, const char *const *paths, enum network_use use, struct error *error)
{
	for (; paths && *paths; paths++)
		if (add_file(networks, *paths, use, error) < 0)
			return -1;
	return 0;
}

static void add_ours(struct web_networks *networks, const char *const *lines, size_t count, enum network_use use)
{
	for (size_t i = 0; i < count; i++)
		(void)add(networks, str_of(lines[i]), use);
}

static void sort(struct web_networks *networks)
{
	size_t at = 0;
	qsort(networks->items, networks->count, sizeof *networks->items, compare);
	for (unsigned i = 0; i <= 128; i++) {
		networks->starts[i] = at;
		while (at < networks->count && networks->items[at].range.bits == 128 - i)
			at++;
	}
	networks->starts[129] = networks->count;
}

struct web_networks *web_networks_new(const struct config *config, struct error *error)
{
	struct web_networks *networks = mem_alloc(sizeof *networks);
	add_ours(networks, list_machines, sizeof list_machines / sizeof *list_machines, NETWORK_MACHINE);
	add_ours(networks, list_proxies, sizeof list_proxies / sizeof *list_proxies, NETWORK_PROXY);
	if (add_files(networks, config->machine_networks, NETWORK_MACHINE, error) < 0 ||
	    add_files(networks, config->proxy_networks, NETWORK_PROXY, error) < 0) {
		web_networks_free(networks);
		return NULL;
	}
	sort(networks);
	return networks;
}

void web_networks_free(struct web_networks *networks)
{
	if (!networks)
		return;
	free(networks->items);
	free(networks);
}

/* The first of those with this key, or NULL. */
static const struct network *find(const struct network *items, size_t count, const struct network *key)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_keys(&items[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && compare_keys(&items[low], key) == 0 ? &items[low] : NULL;
}

enum network_use web_networks_use(const struct web_networks *networks, const struct http_address *address)
{
	struct network key;
	memcpy(key.range.bytes, address->bytes, sizeof key.range.bytes);
	for (unsigned i = 0; i <= 128 && !address->is_unix; i++) {
		size_t start = networks->starts[i], count = networks->starts[i + 1] - start;
		if (!count)
			continue;
		key.range.bits = 128 - i;
		mask(key.range.bytes, key.range.bits);
		const struct network *found = find(networks->items + start, count, &key);
		if (found)
			return found->use;
	}
	return NETWORK_PERSON;
}
