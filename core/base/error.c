/* Filling struct error. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void fill(struct error *error, enum error_code code, const char *where, const char *fmt, va_list args)
{
	error->code = code;
	snprintf(error->where, sizeof error->where, "%s", where ? where : "");
	vsnprintf(error->message, sizeof error->message, fmt, args);
}

int error_set(struct error *error, enum error_code code, const char *where, const char *fmt, ...)
{
	if (error) {
		va_list args;
		va_start(args, fmt);
		fill(error, code, where, fmt, args);
		va_end(args);
	}
	return -1;
}

int error_errno(struct error *error, const char *where, const char *fmt, ...)
{
	int saved = errno;
	if (error) {
		va_list args;
		va_start(args, fmt);
		fill(error, ERROR_SYSTEM, where, fmt, args);
		va_end(args);
		size_t n = strlen(error->message);
		snprintf(error->message + n, sizeof error->message - n, ": %s", strerror(saved));
	}
	errno = saved;
	return -1;
}

void error_clear(struct error *error)
{
	if (error)
		*error = (struct error){.code = ERROR_NONE};
}

const char *error_code_name(enum error_code code)
{
	static const char *const names[] = {
		[ERROR_NONE] = "none",         [ERROR_INVALID] = "invalid", [ERROR_NOT_FOUND] = "not-found",
		[ERROR_CONFLICT] = "conflict", [ERROR_DENIED] = "denied",   [ERROR_LIMIT] = "limit",
		[ERROR_UNAVAILABLE] = "unavailable", [ERROR_SYSTEM] = "system",
	};
	return names[code];
}
