/* Writing refused rows. Cells that a spreadsheet would take for a formula get an apostrophe before them, unless they are
 * plain numbers: the file is made to be opened by people. */
#include "jobs/rejects.h"

#include "base/buf.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct rejects {
	char *path;
	int fd; /* -1 = not made yet */
	int64_t keep, bytes;
	struct buf out;
};

struct rejects *rejects_new(const char *path, int64_t keep)
{
	struct rejects *r = mem_alloc(sizeof *r);
	*r = (struct rejects){.path = mem_dup(path), .fd = -1, .keep = keep, .bytes = keep};
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

static void put_header(struct buf *out, const struct csv_row *header)
{
	buf_puts(out, "line,reason");
	for (size_t i = 0; i < header->count; i++) {
		buf_putc(out, ',');
		put_cell(out, header->cells[i]);
	}
	buf_puts(out, "\n");
}

static int open_file(struct rejects *r, const struct csv_row *header, struct error *error)
{
	r->fd = open(r->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (r->keep ? 0 : O_TRUNC), 0640);
	if (r->fd < 0 || ftruncate(r->fd, r->keep) || lseek(r->fd, r->keep, SEEK_SET) < 0)
		return error_errno(error, r->path, "cannot write the file of refused rows");
	if (!r->keep)
		put_header(&r->out, header);
	return 0;
}

int rejects_add(struct rejects *r, const struct csv_row *header, const struct csv_row *row, const char *where, const char *why, struct error *error)
{
	char reason[1400];
	if (r->fd < 0 && open_file(r, header, error))
		return -1;
	snprintf(reason, sizeof reason, "%s%s%s", where, where[0] ? ": " : "", why);
	buf_printf(&r->out, "%lld,", (long long)row->line);
	put_cell(&r->out, str_of(reason));
	for (size_t i = 0; i < row->count; i++) {
		buf_putc(&r->out, ',');
		put_cell(&r->out, row->cells[i]);
	}
	buf_puts(&r->out, "\n");
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
