/* Text by characters: lengths, slices and letter case, for the sandbox's `string` and the filters of templates. A byte
 * that is no valid UTF-8 counts as one character and is kept as it is. Pure. */
#ifndef NURTURE_PLAYBOOK_TEXT_H
#define NURTURE_PLAYBOOK_TEXT_H

#include "base/str.h"

size_t text_length(struct str s);
/* From character `from` (0 = the first) on, at most `count` characters. */
struct str text_slice(struct str s, size_t from, size_t count);

enum text_case { TEXT_UPPER, TEXT_LOWER, TEXT_CAPITAL /* the first letter large, the rest small */ };
/* Bytes that a conversion of n bytes may need: a letter of two bytes may become one of three. */
#define TEXT_CASE_ROOM(n) ((n)*2 + 8)
/* Writes to out and returns how many bytes; one letter gives one letter, except ß → SS. */
size_t text_convert(struct str s, enum text_case which, char *out);

#endif
