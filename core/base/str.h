/* Slices of text: a pointer and a length, never owned, not always ended by NUL. And what the whole
 * house asks of text: UTF-8, globs, numbers, "did you mean". */
#ifndef NURTURE_BASE_STR_H
#define NURTURE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_of(const char *s)
{
	return (struct str){s, s ? strlen(s) : 0};
}
static inline bool str_same(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *b)
{
	return str_same(a, str_of(b));
}
int str_compare(struct str a, struct str b); /* by bytes, shorter first: <0, 0, >0 */
bool str_same_nocase(struct str a, struct str b); /* ASCII letters only */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s); /* ASCII white space off both ends */
/* Cuts s at the first sep: returns what stands before it and leaves the rest in *s (*s->p is NULL after the last part). */
struct str str_cut(struct str *s, char sep);

/* Length of the valid UTF-8 sequence at p (1..4), or 0; n >= 1 bytes may be read. RFC 3629 section 4. */
size_t str_utf8_step(const char *p, size_t n);
/* Valid UTF-8 by RFC 3629: no overlong forms, no surrogates, at most U+10FFFF. NUL is valid here. */
bool str_is_utf8(struct str s);
/* Valid UTF-8 without NUL and without C0 controls other than tab, CR and LF: what we keep as text. */
bool str_is_text(struct str s);
/* May these `step` bytes (of str_utf8_step) reach a terminal or a line of the log as they are? Not what is no UTF-8, control characters (C0,
 * DEL, C1), marks that turn text around (U+061C, U+200E/F, U+202A-E, U+2066-9), line ends of Unicode, invisible tags (U+E0000-E007F). */
bool str_is_shown(const char *p, size_t step);
size_t str_utf8_length(struct str s); /* in code points; s must be valid */

/* Pattern with `*` only (PLAYBOOK section 1); case-sensitive; never exponential. */
bool str_glob(struct str pattern, struct str s);
/* Whole text must be a number; range is checked. false leaves *out alone. */
bool str_to_int(struct str s, int64_t *out);
bool str_to_double(struct str s, double *out); /* finite only, C locale, no hex */

/* Levenshtein distance with neighbouring swaps, capped: for "did you mean". */
size_t str_distance(struct str a, struct str b);
/* The nearest of count names, or NULL when none is near enough (distance at most 1 + length/4; 1 below five letters). */
const char *str_nearest(struct str wanted, const char *const *names, size_t count);

#endif
