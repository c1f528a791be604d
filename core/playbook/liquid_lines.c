/* Lines of plain text: see liquid_lines.h. Wrapped at 76 characters, behind the markers of the quotes and items that are open. */
#include "playbook/liquid_lines.h"

#include "playbook/text.h"

static size_t prefix_width(const struct liquid_writer *writer)
{
	size_t width = 0;
	for (size_t i = 0; i < writer->depth; i++)
		width += writer->levels[i].width;
	return width;
}

size_t lines_room(const struct liquid_writer *writer)
{
	size_t prefix = prefix_width(writer);
	return prefix + LINES_NARROWEST < LINES_WIDTH ? LINES_WIDTH - prefix : LINES_NARROWEST;
}

static void put_prefix(struct liquid_writer *writer)
{
	for (size_t i = 0; i < writer->depth; i++) {
		struct level *level = &writer->levels[i];
		if (level->quote || !level->marked)
			buf_puts(&writer->laid, level->marker);
		else
			buf_printf(&writer->laid, "%*s", (int)level->width, "");
		level->marked = true;
	}
}

static void end_line(struct liquid_writer *writer)
{
	struct buf *laid = &writer->laid;
	while (laid->n && laid->p[laid->n - 1] == ' ')
		laid->n--;
	buf_putc(laid, '\n');
}

void lines_gap(struct liquid_writer *writer)
{
	if (!writer->begun || !writer->gap)
		return;
	for (size_t i = 0; i < writer->depth; i++) {
		const struct level *level = &writer->levels[i];
		if (!level->marked)
			break;
		buf_printf(&writer->laid, "%s", level->quote ? level->marker : "");
		if (!level->quote)
			buf_printf(&writer->laid, "%*s", (int)level->width, "");
	}
	end_line(writer);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* ASCII, and single spaces between words: then what fits on a line is known without looking at each word. Written so that the compiler makes vectors of it. */
static bool is_simple(struct str text)
{
	unsigned char odd = 0;
	for (size_t i = 0; i + 1 < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		odd |= (unsigned char)((c < ' ') | (c >= 0x80) | ((c == ' ') & (text.p[i + 1] == ' ')));
	}
	return !odd && (!text.n || (text.p[text.n - 1] > ' ' && (unsigned char)text.p[text.n - 1] < 0x80));
}

static void put_simple(struct liquid_writer *writer, struct str text, size_t room)
{
	while (text.n > room) {
		const char *blank = memrchr(text.p, ' ', room + 1);
		if (!blank)
			blank = memchr(text.p, ' ', text.n); /* the word is longer than a line */
		if (!blank)
			break;
		size_t n = (size_t)(blank - text.p);
		buf_put(&writer->laid, text.p, n);
		end_line(writer);
		put_prefix(writer);
		text = (struct str){blank + 1, text.n - n - 1};
	}
	buf_put(&writer->laid, text.p, text.n);
	end_line(writer);
}

/* One line of text, wrapped at the width that the levels leave. */
void lines_wrapped(struct liquid_writer *writer, struct str text)
{
	size_t room = lines_room(writer), used = 0;
	put_prefix(writer);
	if (is_simple(text)) {
		put_simple(writer, text, room);
		return;
	}
	buf_reserve(&writer->laid, text.n + 1);
	for (size_t i = 0; i < text.n;) {
		size_t start = i, length = 0;
		for (; i < text.n && !is_blank(text.p[i]); i++)
			length += (text.p[i] & 0xc0) != 0x80; /* bytes that begin a character */
		struct str word = {text.p + start, i - start};
		if (used && used + 1 + length > room) {
			end_line(writer);
			put_prefix(writer);
			used = 0;
		}
		if (used)
			buf_putc(&writer->laid, ' ');
		buf_put(&writer->laid, word.p, word.n);
		used += (used ? 1 : 0) + length;
		while (i < text.n && is_blank(text.p[i]))
			i++;
	}
	end_line(writer);
}

void lines_as_is(struct liquid_writer *writer, struct str text)
{
	put_prefix(writer);
	buf_put(&writer->laid, text.p, text.n);
	end_line(writer);
}

void lines_underline(struct liquid_writer *writer, struct str text, char c)
{
	size_t length = text_length(text);
	put_prefix(writer);
	for (size_t i = 0; i < (length > LINES_WIDTH ? LINES_WIDTH : length); i++)
		buf_putc(&writer->laid, c);
	end_line(writer);
}

void lines_done(struct liquid_writer *writer)
{
	writer->begun = true;
	writer->gap = !writer->list_depth || !writer->lists[writer->list_depth - 1].tight;
}
