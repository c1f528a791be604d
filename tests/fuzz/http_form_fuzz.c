/* Forms: the first line is the Content-Type, the rest the body. What is accepted is text where it says so and lies within the body. */
#include "http/form.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = {malloc(n ? n : 1), n};
	char *bytes = (char *)rest.p;
	memcpy(bytes, data, n);
	struct str type = str_cut(&rest, '\n');
	struct arena *arena = arena_new();
	struct http_params form;
	struct error error = {0};
	if (form_parse(arena, type, rest.p ? rest : STR(""), &form, &error) < 0) {
		if (error.code == ERROR_NONE || !error.message[0] || !error.where[0])
			abort();
	} else {
		if (form.count > FORM_FIELDS)
			abort();
		for (size_t i = 0; i < form.count; i++) {
			const struct http_param *p = &form.items[i];
			if (!str_is_utf8(p->name) || (!p->file_name.p && !str_is_utf8(p->value)) || p->value.n > n)
				abort();
		}
	}
	arena_free(arena);
	free(bytes);
	return 0;
}
