/* Errors are values: a function returns 0 or -1 (or NULL) and the one who knows fills *error. */
#ifndef NURTURE_BASE_ERROR_H
#define NURTURE_BASE_ERROR_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))

enum error_code {
	ERROR_NONE = 0,
	ERROR_INVALID,     /* what was given is wrong: `where` names the field, file:line or option */
	ERROR_NOT_FOUND,
	ERROR_CONFLICT,    /* it is there already, or changed meanwhile */
	ERROR_DENIED,
	ERROR_LIMIT,       /* too big, too long, too many */
	ERROR_UNAVAILABLE, /* something we need is away: try again */
	ERROR_SYSTEM,      /* the environment failed: disk, descriptors, permissions */
};

struct error {
	enum error_code code;
	char where[256];    /* field, file:line, option; may be empty */
	char message[1024]; /* a sentence for a person, that says what to do */
};

/* Fills *error (which may be NULL) and returns -1, so that `return error_set(…)` reads well. where may be NULL. */
int error_set(struct error *error, enum error_code code, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same with ": strerror(errno)" at the end, code ERROR_SYSTEM. */
int error_errno(struct error *error, const char *where, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void error_clear(struct error *error);
const char *error_code_name(enum error_code code); /* "invalid", "not-found", … */

#endif
