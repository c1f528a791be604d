/* See pictures.h. */
#include "pictures.h"

#include "pictures.sql.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

const struct nurture_statement
	pictures_keep = {sizeof pictures_keep, "pictures_keep", sql_pictures_keep},
	pictures_of = {sizeof pictures_of, "pictures_of", sql_pictures_of};

void pictures_read(struct pictures *out, const struct nurture_rows *rows)
{
	*out = (struct pictures){.items = calloc(rows->rows + 1, sizeof *out->items)};
	if (!out->items)
		abort();
	for (size_t i = 0; i < rows->rows; i++) {
		const char *hex = row_text(rows, i, 1);
		size_t digits = strlen(hex);
		unsigned char *bytes = malloc(digits / 2 + 1);
		struct pages_picture *picture = &out->items[out->count++];
		if (!bytes || !(picture->name = strdup(row_text(rows, i, 0))))
			abort();
		(void)sodium_hex2bin(bytes, digits / 2 + 1, hex, digits, NULL, &picture->length, NULL);
		picture->bytes = bytes;
	}
}

void pictures_fini(struct pictures *pictures)
{
	for (size_t i = 0; i < pictures->count; i++) {
		free((char *)(uintptr_t)pictures->items[i].name);
		free((void *)(uintptr_t)pictures->items[i].bytes);
	}
	free(pictures->items);
	*pictures = (struct pictures){0};
}
