/* Answers that are files: of a type by their name from a short list, anything else as bytes; always to be saved, sandboxed if some browser shows
 * them all the same. */
#include "web/file.h"

#include "base/mem.h"
#include "web/page.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *suffix, *type;
} types[] = {
	{".pdf", "application/pdf"}, {".epub", "application/epub+zip"}, {".zip", "application/zip"}, {".txt", "text/plain; charset=utf-8"},
	{".csv", "text/csv; charset=utf-8"}, {".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".gif", "image/gif"},
	{".mp3", "audio/mpeg"}, {".mp4", "video/mp4"}, {".ics", "text/calendar; charset=utf-8"},
	{".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
};

static const char *type_of(const char *name)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (str_ends(str_of(name), str_of(types[i].suffix)))
			return types[i].type;
	return "application/octet-stream";
}

/* RFC 6266: a plain name for old clients, and the real one percent-encoded. */
static struct str disposition(struct web_request *req, const char *name)
{
	struct buf out = {0};
	buf_puts(&out, "attachment; filename=\"");
	for (const char *c = name; *c; c++)
		buf_putc(&out, *c >= ' ' && *c < 0x7f && !strchr("\"\\%/", *c) ? *c : '_');
	buf_puts(&out, "\"; filename*=UTF-8''");
	for (const char *c = name; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '.' || *c == '_';
		buf_printf(&out, plain ? "%c" : "%%%02X", (unsigned char)*c);
	}
	struct str text = arena_str(http_arena(req->http), buf_str(&out));
	buf_fini(&out);
	return text;
}

void web_file_reply(struct web_request *req, const char *name, const char *bytes, size_t size)
{
	const char *last = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
	const struct http_header headers[] = {{"Content-Type", str_of(type_of(last))},
					      {"Content-Disposition", disposition(req, last)},
					      {"Content-Security-Policy", STR("sandbox; default-src 'none'")},
					      {"Cache-Control", STR("private, no-store")},
					      {"Referrer-Policy", STR("no-referrer")},
					      {0}};
	unsigned char *raw = mem_alloc(size + 1);
	size_t n = 0;
	if (!bytes || sodium_base642bin(raw, size, bytes, strlen(bytes), "\n", &n, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 || n != size) {
		free(raw);
		web_page_dead_link(req);
		return;
	}
	http_reply_take(req->http, 200, headers, (char *)raw, n);
}
