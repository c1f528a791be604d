/* Mail from anybody: the parser of what comes back. What it says is text of UTF-8, and of a token only what looks like one. */
#include "returns_came.h"

#include <glib.h>
#include <gmime/gmime.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void look(const struct came *came)
{
	if (!g_utf8_validate(came->reason, -1, NULL) || strpbrk(came->reason, "\r\n\t") || (came->token[0] && strlen(came->token) != VERP_TOKEN) ||
	    strlen(came->key) != 64)
		abort();
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)came->data, key, value)
		if (json_is_string(value) && (strlen(json_string_value(value)) != json_string_length(value) || !g_utf8_validate(json_string_value(value), -1, NULL)))
			abort(); /* a NUL; the words \u0000 are a text like others */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static int begun;
	struct came came;
	if (!begun++)
		g_mime_init();
	if (came_read((const char *)bytes, n, NULL, &came))
		look(&came);
	came_fini(&came);
	return 0;
}
