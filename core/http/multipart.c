/* multipart/form-data (RFC 7578): parts between boundaries, each with a small head and bytes. One pass over the body with memmem; parts
 * never nest; a body that does not end with its closing boundary is refused whole. */
#include "http/charset.h"
#include "http/form.h"

enum { BOUNDARY = 70 }; /* RFC 2046 5.1.1 */

struct multipart {
	struct arena *arena;
	struct str rest;
	char mark[BOUNDARY + 5]; /* CR LF - - boundary */
	size_t mark_n;
	struct http_param *items;
	size_t count, room;
	struct error *error;
};

static int broken(struct multipart *form, const char *why)
{
	return error_set(form->error, ERROR_INVALID, "body", "%s", why);
}

/* Cuts *s at the first mark; p NULL when there is none. */
static struct str cut_at(struct str *s, const char *mark, size_t n)
{
	const char *at = s->n ? memmem(s->p, s->n, mark, n) : NULL;
	if (!at)
		return (struct str){0};
	struct str before = {s->p, (size_t)(at - s->p)};
	*s = (struct str){at + n, s->n - before.n - n};
	return before;
}

static int read_disposition(struct multipart *form, struct str value, struct http_param *item)
{
	struct str rest = value;
	if (item->name.p)
		return broken(form, "A part has two Content-Disposition lines.");
	if (!str_same_nocase(str_trim(str_cut(&rest, ';')), STR("form-data")))
		return broken(form, "A part is no form-data.");
	item->name = form_parameter(form->arena, value, "name");
	item->file_name = form_parameter(form->arena, value, "filename");
	if (!item->name.n || item->name.n > FORM_NAME || !str_is_text(item->name))
		return broken(form, "A part has no usable name.");
	if (item->file_name.p && !str_is_text(item->file_name))
		return broken(form, "A file's name is no text.");
	return 0;
}

static int read_part_head(struct multipart *form, struct str head, struct http_param *item)
{
	*item = (struct http_param){.type = STR("")};
	while (head.n) {
		struct str line = cut_at(&head, "\r\n", 2);
		struct str value = line;
		if (!line.p)
			return broken(form, "A part's header lines must end with CR LF.");
		struct str name = str_cut(&value, ':');
		if (!value.p || !name.n || !charset_all(name, CHAR_TOKEN) || !charset_all(value, CHAR_VALUE))
			return broken(form, "A part has a broken header line.");
		if (str_same_nocase(name, STR("content-disposition"))) {
			if (read_disposition(form, value, item) < 0)
				return -1;
		} else if (str_same_nocase(name, STR("content-type"))) {
			item->type = str_trim(value);
		} else if (str_same_nocase(name, STR("content-transfer-encoding"))) {
			struct str way = str_trim(value);
			if (!str_same_nocase(way, STR("8bit")) && !str_same_nocase(way, STR("binary")) && !str_same_nocase(way, STR("7bit")))
				return broken(form, "A part is encoded in a way that is not read here.");
		}
	}
	return item->name.p ? 0 : broken(form, "A part has no name.");
}

static int read_part(struct multipart *form)
{
	struct str look = {form->rest.p, form->rest.n < FORM_PART_HEAD ? form->rest.n : FORM_PART_HEAD};
	struct str head = cut_at(&look, "\r\n\r\n", 4);
	if (form->count >= FORM_FIELDS)
		return broken(form, "There are too many parts.");
	if (!head.p || !head.n)
		return broken(form, "A part has no header lines, or too long ones.");
	struct http_param *item = arena_push(form->arena, &form->items, form->count, &form->room, sizeof *item);
	head.n += 2; /* with the CR LF of its last line */
	if (read_part_head(form, head, item) < 0)
		return -1;
	form->rest.p += head.n + 2;
	form->rest.n -= head.n + 2;
	item->value = cut_at(&form->rest, form->mark, form->mark_n);
	if (!item->value.p)
		return broken(form, "The last part has no end.");
	if (!item->file_name.p && (!str_is_utf8(item->value) || memchr(item->value.p, 0, item->value.n)))
		return error_set(form->error, ERROR_INVALID, arena_dup_n(form->arena, item->name.p, item->name.n), "The text is not valid UTF-8.");
	form->count++;
	return 0;
}

static int set_boundary(struct multipart *form, struct str content_type)
{
	struct str boundary = form_parameter(form->arena, content_type, "boundary");
	if (!boundary.n || boundary.n > BOUNDARY || !charset_all(boundary, CHAR_QUERY))
		return error_set(form->error, ERROR_INVALID, "Content-Type", "multipart/form-data needs a boundary of 1 to 70 characters.");
	memcpy(form->mark, "\r\n--", 4);
	memcpy(form->mark + 4, boundary.p, boundary.n);
	form->mark_n = boundary.n + 4;
	return 0;
}

/* The first boundary stands at the very start, or after a preamble that is not looked at. */
static int find_start(struct multipart *form)
{
	size_t n = form->mark_n - 2;
	if (form->rest.n >= n && memcmp(form->rest.p, form->mark + 2, n) == 0) {
		form->rest.p += n;
		form->rest.n -= n;
		return 0;
	}
	return cut_at(&form->rest, form->mark, form->mark_n).p ? 0 : broken(form, "The boundary of Content-Type is not in the body.");
}

int multipart_parse(struct arena *arena, struct str content_type, struct str body, struct http_params *out, struct error *error)
{
	struct multipart form = {.arena = arena, .rest = body, .error = error};
	if (set_boundary(&form, content_type) < 0 || find_start(&form) < 0)
		return -1;
	for (;;) {
		if (str_starts(form.rest, STR("--")))
			break;
		if (!str_starts(form.rest, STR("\r\n")))
			return broken(&form, "Something stands between a boundary and its line's end.");
		form.rest.p += 2;
		form.rest.n -= 2;
		if (read_part(&form) < 0)
			return -1;
	}
	*out = (struct http_params){form.items, form.count};
	return 0;
}
