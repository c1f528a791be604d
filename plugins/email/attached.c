/* Files as MIME parts: see attached.h. */
#include "attached.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 200 };

struct attached attached_of(const struct nurture_touch *touch)
{
	struct attached out = {0};
	if (!NURTURE_HAS(touch, file_count))
		return out;
	out.files = touch->files;
	out.count = touch->file_count;
	for (size_t i = 0; i < out.count; i++)
		*(out.files[i].content_id ? &out.shown : &out.attached) += 1;
	return out;
}

size_t attached_size(const struct attached *files)
{
	size_t n = 0;
	for (size_t i = 0; i < files->count; i++)
		n += files->files[i].length / 57 * 78 + 512;
	return n;
}

const struct nurture_file *attached_largest(const struct attached *files)
{
	const struct nurture_file *largest = NULL;
	for (size_t i = 0; i < files->count; i++)
		if (!largest || files->files[i].length > largest->length)
			largest = &files->files[i];
	return largest;
}

void attached_boundary(char out[ATTACHED_BOUNDARY], const char *boundary, char letter)
{
	snprintf(out, ATTACHED_BOUNDARY, "=_%c%s", letter, boundary + 2);
}

void attached_append_head(GString *out, const char *kind, const char *boundary, const char *newline)
{
	g_string_append_printf(out, "Content-Type: multipart/%s;%s\tboundary=\"%s\"%s", kind, newline, boundary, newline);
}

/* A type or an id: what could end its header or its brackets is left out. */
static void append_token(GString *out, const char *text)
{
	for (; *text; text++)
		if (*text > ' ' && *text < 0x7F && !strchr("<>()\"\\", *text))
			g_string_append_c(out, *text);
}

/* A type may have a parameter: "text/plain; charset=utf-8". */
static void append_type(GString *out, const char *type)
{
	const char *semicolon = strchr(type, ';');
	char *head = g_strndup(type, semicolon ? (gsize)(semicolon - type) : strlen(type));
	append_token(out, strchr(head, '/') ? head : "application/octet-stream");
	if (semicolon) {
		g_string_append(out, "; ");
		append_token(out, semicolon + 1);
	}
	g_free(head);
}

/* filename="…", and beyond ASCII filename*=utf-8''… (RFC 2231), percent-encoded. */
static void append_name(GString *out, const char *name, const char *newline)
{
	GString *line = g_string_new(NULL);
	text_append_line(line, name, strlen(name), NAME_BYTES);
	g_string_append_printf(out, ";%s\t", newline);
	if (text_is_ascii(line->str, line->len)) {
		g_string_append(out, "filename=\"");
		for (size_t i = 0; i < line->len; i++)
			g_string_append_c(out, strchr("\"\\/", line->str[i]) ? '_' : line->str[i]);
		g_string_append_c(out, '"');
	} else {
		g_string_append(out, "filename*=utf-8''");
		for (size_t i = 0; i < line->len; i++)
			if (g_ascii_isalnum(line->str[i]) || strchr("-._", line->str[i]))
				g_string_append_c(out, line->str[i]);
			else
				g_string_append_printf(out, "%%%02X", (unsigned char)line->str[i]);
	}
	g_string_free(line, TRUE);
}

static void append_file(GString *out, struct encoded *encoded, const struct nurture_file *file, const char *boundary, const char *newline)
{
	g_string_append_printf(out, "--%s%sContent-Type: ", boundary, newline);
	append_type(out, file->type ? file->type : "application/octet-stream");
	g_string_append_printf(out, "%sContent-Transfer-Encoding: base64%s", newline, newline);
	if (file->content_id) {
		g_string_append(out, "Content-ID: <");
		append_token(out, file->content_id);
		g_string_append_printf(out, ">%s", newline);
	}
	g_string_append_printf(out, "Content-Disposition: %s", file->content_id ? "inline" : "attachment");
	append_name(out, file->name, newline);
	g_string_append_printf(out, "%s%s", newline, newline);
	const GString *lines = encoded_of(encoded, file->bytes, file->length);
	g_string_append_len(out, lines->str, (gssize)lines->len);
	g_string_append(out, newline);
}

void attached_append_files(GString *out, struct encoded *encoded, const struct attached *files, bool shown, const char *boundary, const char *newline)
{
	for (size_t i = 0; i < files->count; i++)
		if ((files->files[i].content_id != NULL) == shown)
			append_file(out, encoded, &files->files[i], boundary, newline);
}
