/* See table.h. */
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/ustring.h>

struct table {
	struct out *out;
	const struct settings *settings;
	UConverter *converter;   /* NULL = UTF-8 as it is */
	int64_t replaced;
	char *line;              /* the row that is being made, in UTF-8 */
	size_t n, room;
};

static void put(struct table *table, const char *bytes, size_t n)
{
	if (table->n + n > table->room) {
		table->room = 2 * (table->n + n) + 1024;
		table->line = realloc(table->line, table->room);
		if (!table->line)
			abort();
	}
	memcpy(table->line + table->n, bytes, n);
	table->n += n;
}

/* ---- cells ---- */

/* As a spreadsheet would read it: +49 30 123 is a number, -1+1 is none. */
static bool is_number(const char *text)
{
	size_t n = strlen(text);
	return n > 1 && n < 30 && (*text == '+' || *text == '-') && strspn(text + 1, "0123456789 .,/()") == n - 1 && strpbrk(text + 1, "0123456789");
}

static bool is_formula(const char *text)
{
	return *text && strchr("=+-@\t\r", *text) && !is_number(text);
}

/* What was apostrophed already gets one more, so that reading takes exactly one away. */
static bool wants_apostrophe(const char *text)
{
	return is_formula(text) || (*text == '\'' && (text[1] == '\'' || is_formula(text + 1)));
}

static void put_cell(struct table *table, const char *text)
{
	const char special[] = {'"', '\r', '\n', table->settings->separator, 0};
	bool quotes = strpbrk(text, special) || *text == ' ' || (*text && text[strlen(text) - 1] == ' ');
	if (quotes)
		put(table, "\"", 1);
	if (wants_apostrophe(text))
		put(table, "'", 1);
	for (size_t n; *text; text += n) {
		n = strcspn(text, "\"");
		put(table, text, n);
		if (text[n] == '"') {
			put(table, "\"\"", 2);
			n++;
		}
	}
	if (quotes)
		put(table, "\"", 1);
}

/* ---- the charset ---- */

static void count_replaced(const void *context, UConverterFromUnicodeArgs *args, const UChar *units, int32_t length, UChar32 point, UConverterCallbackReason reason, UErrorCode *status)
{
	struct table *table = (struct table *)(uintptr_t)context;
	table->replaced += reason <= UCNV_IRREGULAR;
	UCNV_FROM_U_CALLBACK_SUBSTITUTE(NULL, args, units, length, point, reason, status);
}

static bool write_line(struct table *table)
{
	UErrorCode status = U_ZERO_ERROR;
	int32_t units = 0, length;
	if (!table->converter)
		return out_put(table->out, table->line, table->n);
	UChar *wide = malloc((table->n + 1) * sizeof *wide);
	if (!wide)
		abort();
	u_strFromUTF8WithSub(wide, (int32_t)table->n + 1, &units, table->line, (int32_t)table->n, 0xfffd, NULL, &status);
	size_t room = (size_t)UCNV_GET_MAX_BYTES_FOR_STRING(units, ucnv_getMaxCharSize(table->converter)) + 16;
	char *bytes = malloc(room);
	if (!bytes)
		abort();
	char *to = bytes;
	const UChar *from = wide;
	ucnv_fromUnicode(table->converter, &to, bytes + room, &from, wide + units, NULL, true, &status);
	length = (int32_t)(to - bytes);
	bool good = !U_FAILURE(status) && out_put(table->out, bytes, (size_t)length);
	free(bytes);
	free(wide);
	return good;
}

/* ---- rows ---- */

void table_head(struct table *table)
{
	size_t i;
	json_t *column;
	table->n = 0;
	json_array_foreach (table->settings->columns, i, column) {
		if (i)
			put(table, &table->settings->separator, 1);
		put_cell(table, json_string_value(json_array_get(column, 0)));
	}
	put(table, "\r\n", 2);
	(void)write_line(table);
}

bool table_row(struct table *table, table_get_fn *get, void *arg)
{
	size_t i;
	json_t *column;
	table->n = 0;
	json_array_foreach (table->settings->columns, i, column) {
		const char *text = get(arg, json_string_value(json_array_get(column, 1)));
		if (i)
			put(table, &table->settings->separator, 1);
		put_cell(table, text ? text : "");
	}
	put(table, "\r\n", 2);
	return write_line(table);
}

int64_t table_replaced(const struct table *table)
{
	return table->replaced;
}

struct table *table_new(struct out *out, const struct settings *settings, struct nurture_problem *problem)
{
	UErrorCode status = U_ZERO_ERROR;
	struct table *table = calloc(1, sizeof *table);
	if (!table)
		abort();
	*table = (struct table){.out = out, .settings = settings};
	if (strcmp(settings->charset, "UTF-8") == 0)
		return table;
	table->converter = ucnv_open(settings->charset, &status);
	if (!U_FAILURE(status))
		ucnv_setFromUCallBack(table->converter, count_replaced, table, NULL, NULL, &status);
	if (!U_FAILURE(status) && strncmp(settings->charset, "UTF-", 4) != 0)
		ucnv_setSubstChars(table->converter, "?", 1, &status);
	if (U_FAILURE(status)) {
		*problem = (struct nurture_problem){.size = problem->size, .where = "charset", .message = "this charset cannot be written."};
		table_free(table);
		return NULL;
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	ucnv_close(table->converter);
	free(table->line);
	free(table);
}
