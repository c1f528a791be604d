/* One write(2) a line, so lines of several processes never mix. A full disk or closed descriptor loses lines, never
 * the process. */
#include "base/log.h"

#include "base/buf.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { VALUE_MAX = 2048 };

static enum log_level lowest = LOG_LEVEL_INFO;
static char process[64] = "nurture";
static int log_fd = 2;

void log_set_level(enum log_level level)
{
	lowest = level;
}

void log_set_process(const char *name)
{
	snprintf(process, sizeof process, "%s", name);
}

void log_set_fd(int fd)
{
	log_fd = fd;
}

static void put_escaped(struct buf *line, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		size_t step = str_utf8_step(s.p + i, s.n - i);
		if (!str_is_shown(s.p + i, step)) {
			for (size_t k = 0; k < (step ? step : 1); k++)
				buf_printf(line, "\\x%02x", (unsigned char)s.p[i + k]);
		} else if (c == '"' || c == '\\') {
			buf_printf(line, "\\%c", c);
		} else {
			buf_put(line, s.p + i, step);
		}
		i += step ? step : 1;
	}
}

static void put_value(struct buf *line, struct str s)
{
	bool cut = s.n > VALUE_MAX;
	if (cut)
		s.n = VALUE_MAX;
	bool bare = s.n > 0;
	for (size_t i = 0; i < s.n && bare; i++)
		bare = (unsigned char)s.p[i] > ' ' && s.p[i] != '"' && s.p[i] != '=' && s.p[i] != '\\';
	if (!bare)
		buf_putc(line, '"');
	put_escaped(line, s);
	if (!bare)
		buf_putc(line, '"');
	if (cut)
		buf_puts(line, "...");
}

static void put_field(struct buf *line, const struct log_field *f)
{
	buf_printf(line, " %s=", f->key);
	switch (f->kind) {
	case LOG_FIELD_STR: put_value(line, f->s); break;
	case LOG_FIELD_INT: buf_printf(line, "%lld", (long long)f->i); break;
	case LOG_FIELD_DOUBLE: buf_printf(line, "%g", f->d); break;
	}
}

void log_write(enum log_level level, const char *event, const struct log_field *fields)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	if (level < lowest)
		return;
	struct timespec now;
	struct tm utc;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	struct buf line = {0};
	buf_printf(&line, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %s %s %s", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
		   utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000, names[level], process, event);
	for (const struct log_field *f = fields; f->key; f++)
		put_field(&line, f);
	buf_putc(&line, '\n');
	ssize_t written = write(log_fd, line.p, line.n);
	(void)written; /* there is nowhere left to say it */
	buf_fini(&line);
}
