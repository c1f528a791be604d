/* Looking up one key of an event's data, beside a real JSON reader: whatever jansson takes as an object, each of its texts, numbers and
 * yes/no is found as it is; whatever else comes, nothing is read beyond its end. */
#include "turn/inside.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define HOLDS(condition)        \
	do {                    \
		if (!(condition)) \
			abort(); \
	} while (0)

static bool is_plain(const char *key)
{
	for (; *key; key++)
		if (*key == '"' || *key == '\\' || (unsigned char)*key < 0x20 || (unsigned char)*key > 0x7e)
			return false;
	return true;
}

static void check_key(struct str json, const char *key, const json_t *wanted, struct arena *arena)
{
	struct value found = {0};
	bool there = turn_data(json, str_of(key), arena, &found);
	if (json_is_string(wanted)) {
		HOLDS(there && found.type == VALUE_TEXT);
		HOLDS(str_same(found.text, (struct str){json_string_value(wanted), json_string_length(wanted)}));
	} else if (json_is_boolean(wanted)) {
		HOLDS(there && found.type == VALUE_YES_NO && found.yes == json_is_true(wanted));
	} else if (json_is_number(wanted)) {
		HOLDS(!there || (found.type == VALUE_NUMBER && found.number == json_number_value(wanted))); /* of more than 60 digits: not there */
	} else {
		HOLDS(!there);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new();
	char *bytes = malloc(n ? n : 1);
	struct str json = {bytes, n};
	struct value value;
	int64_t id;
	const char *key = NULL;
	json_t *wanted = NULL;
	if (n)
		memcpy(bytes, data, n);
	(void)turn_data(json, STR("step"), arena, &value);
	(void)turn_data_id(json, STR("touch"), &id);
	if (memchr(bytes, 0, n)) /* intake refuses NUL; jansson does not everywhere */
		n = 0;
	json_t *object = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, NULL);
	if (json_is_object(object))
		json_object_foreach(object, key, wanted)
			if (is_plain(key) && !memmem(bytes, n, "\\u", 2))
				check_key(json, key, wanted, arena);
	json_decref(object);
	free(bytes);
	arena_free(arena);
	return 0;
}
