/* A posted CSV file: rows, and what a map makes of them. Whatever stands in it, reading ends, lines go forward, and a row is either refused in
 * words or becomes JSON with an address that can stand in a mail. */
#include "jobs/map.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define HOLDS(condition)        \
	do {                    \
		if (!(condition)) \
			abort(); \
	} while (0)

static struct import_map *make_map(const struct csv_row *header)
{
	struct error error = {0};
	json_t *rules = json_pack("{s:s, s:s, s:{s:s, s:s, s:s}, s:[s], s:{s:s, s:s, s:s}}", "email", "{a}", "external_id", "x{b}", "fields", "first_name", "b", "country",
				  "c", "last_name", "{b} {c}", "empty", "?", "outcome", "column", "c", "won", "yes", "event", "opportunity.won");
	struct import_map *map = import_map_new(rules, "map", &error);
	HOLDS(map && import_map_bind(map, header, &model_standard_schema, &error) == 0);
	return map;
}

static void take_row(const struct import_map *map, const struct csv_row *row, struct arena *arena)
{
	struct import_row out;
	struct error error = {0};
	if (import_map_row(map, row, arena, &out, &error)) {
		HOLDS(error.code != ERROR_NONE && error.message[0]);
		return;
	}
	HOLDS(out.email.n || out.external_id.n);
	HOLDS(!memchr(out.email.p, '\n', out.email.n) && !memchr(out.email.p, '\r', out.email.n) && !memchr(out.email.p, ' ', out.email.n));
	json_t *json = json_loadb(out.data.p, out.data.n, 0, NULL);
	HOLDS(json_is_object(json_object_get(json, "set")));
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char head[] = "a,b,c\n";
	struct error error = {0};
	struct csv_row header, row;
	struct arena *arena = arena_new(), *kept = arena_new();
	int fd = memfd_create("csv", MFD_CLOEXEC), got;
	HOLDS(write(fd, head, sizeof head - 1) == sizeof head - 1 && write(fd, data, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0);
	struct csv_reader *reader = csv_reader_new(fd, ENCODING_UTF8, ',');
	HOLDS(csv_next(reader, kept, &header, &error) == 1 && header.count == 3);
	struct import_map *map = make_map(&header);
	for (int64_t line = 1; (got = csv_next(reader, arena, &row, &error)) == 1; line = row.line) {
		HOLDS(row.line > line && (row.broken || row.cells));
		for (size_t i = 0; i < row.count; i++)
			HOLDS(str_is_text(row.cells[i]) && row.cells[i].p[row.cells[i].n] == '\0');
		if (!row.broken)
			take_row(map, &row, arena);
		arena_reset(arena);
	}
	HOLDS(got == 0 && csv_bytes(reader) <= (int64_t)(n + sizeof head - 1));
	import_map_free(map);
	csv_reader_free(reader);
	arena_free(arena);
	arena_free(kept);
	close(fd);
	return 0;
}
