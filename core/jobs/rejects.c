/* Writing refused rows. Cells that a spreadsheet would take for a formula get an apostrophe before them, unless they are
 * plain numbers: the file is made to be opened by people. */
#include "jobs/rejects.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Names that no file of leads has by itself: "line" and "reason" would be taken for ours where they are a customer's. */
static const char LINE[] = "refused line", REASON[] = "refused reason";

struct rejects {
	char *path;
	int fd; /* -1 = not made yet */
	char separator;
	int64_t keep, bytes;
	struct buf out;
};

struct rejects *rejects_new(const char *path, int64_t keep, char separator)
{
	struct rejects *r = mem_alloc(sizeof *r);
	*r = (struct rejects){.path = mem_dup(path), .fd = -1, .separator = separator, .keep = keep, .bytes = keep};
	return r;
}

void rejects_free(struct rejects *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	buf_fini(&r->out);
	free(r->path);
	free(r);
}

int64_t rejects_bytes(const struct rejects *r)
{
	return r->bytes;
}

static void put_cell(struct buf *out, struct str s)
{
	double number;
	bool formula = s.n && strchr("=+-@\t\r", s.p[0]) && !str_to_double(s, &number);
	buf_puts(out, formula ? "\"'" : "\"");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_putc(out, '"');
		buf_putc(out, s.p[i]);
	}
	buf_putc(out, '"');
}

/* Cells of a cut text or of a broken row may be quoted in the reason: what is no text there would have the mended row refused for its reason. */
static void put_reason(struct buf *out, const char *where, const char *why)
{
	struct buf all = {0};
	buf_printf(&all, "%s%s%s", where, where[0] ? ": " : "", why);
	for (size_t i = 0; i < all.n;) {
		size_t step = str_utf8_step(all.p + i, all.n - i);
		if (!step || (unsigned char)all.p[i] < ' ')
			all.p[i] = '?';
		i += step ? step : 1;
	}
	put_cell(out, buf_str(&all));
	buf_fini(&all);
}

/* Whether the file holds refused rows of an earlier import: then how many of its columns are not its own. */
static size_t ours(const struct csv_row *header)
{
	return header->count > 2 && str_is(header->cells[0], LINE) && str_is(header->cells[1], REASON) ? 2 : 0;
}

static void put_cells(struct rejects *r, const struct csv_row *header, const struct csv_row *row)
{
	for (size_t i = ours(header); i < row->count; i++) {
		buf_putc(&r->out, r->separator);
		put_cell(&r->out, row->cells[i]);
	}
	buf_puts(&r->out, "\n");
}

static void put_header(struct rejects *r, const struct csv_row *header)
{
	buf_printf(&r->out, "\xEF\xBB\xBF%s%c%s", LINE, r->separator, REASON);
	put_cells(r, header, header);
}

/* An earlier run, perhaps of another version, has begun the file: it goes on with the separator that stands in its head, behind the first name (which
 * was "line" once, and is never in quotes). */
static void keep_separator(struct rejects *r)
{
	char head[64];
	ssize_t n = pread(r->fd, head, sizeof head, 0);
	for (ssize_t i = 0; i < n && head[i] != '\n'; i++) {
		if (!strchr(",;\t|", head[i]) || !head[i])
			continue;
		r->separator = head[i];
		return;
	}
}

static int open_file(struct rejects *r, const struct csv_row *header, struct error *error)
{
	r->fd = open(r->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (r->keep ? 0 : O_TRUNC), 0640);
	if (r->fd < 0 || ftruncate(r->fd, r->keep) || lseek(r->fd, r->keep, SEEK_SET) < 0)
		return error_errno(error, r->path, "cannot write the file of refused rows");
	if (r->keep)
		keep_separator(r);
	else
		put_header(r, header);
	return 0;
}

int rejects_add(struct rejects *r, const struct csv_row *header, const struct csv_row *row, const char *where, const char *why, struct error *error)
{
	if (r->fd < 0 && open_file(r, header, error))
		return -1;
	buf_printf(&r->out, "%lld%c", (long long)row->line, r->separator);
	put_reason(&r->out, where, why);
	put_cells(r, header, row);
	return 0;
}

int rejects_flush(struct rejects *r, struct error *error)
{
	for (size_t done = 0; done < r->out.n;) {
		ssize_t n = write(r->fd, r->out.p + done, r->out.n - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(error, r->path, "cannot write the file of refused rows");
		done += (size_t)n;
		r->bytes += n;
	}
	if (r->out.n && fdatasync(r->fd))
		return error_errno(error, r->path, "cannot write the file of refused rows");
	buf_clear(&r->out);
	return 0;
}
