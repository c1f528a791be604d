/* Small pieces that routes of most plugins need. No part of the contract and not in nurture/plugin.h: include it where you want it; it becomes part of your plugin. */
#ifndef NURTURE_REQUESTS_H
#define NURTURE_REQUESTS_H

#include <nurture/routes.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number that stands for the first :name of the path, from 1 on; 0 = it is none. */
static inline int64_t nurture_parameter_id(const struct nurture_request *request)
{
	const char *text = request->parameter_count ? request->parameters[0].value : "";
	char *end;
	if (*text < '1' || *text > '9' || strlen(text) > 18)
		return 0;
	int64_t id = strtoll(text, &end, 10);
	return *end ? 0 : id;
}

/* The first value of this name in the query; "" = there is none. */
static inline const char *nurture_query_text(const struct nurture_request *request, const char *name)
{
	for (size_t i = 0; i < request->query_count; i++)
		if (strcmp(request->query[i].name, name) == 0)
			return request->query[i].value;
	return "";
}

/* Drops each character of UTF-8 that is not whole: of a text that was cut to some bytes, as sentences are that show what somebody wrote. No JSON can be made of it, and no
 * database takes it, when the cut went through a character. Text that was valid before it was cut is valid after. */
static inline void nurture_whole_characters(char *text)
{
	char *out = text;
	while (*text) {
		unsigned char first = (unsigned char)*text;
		size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1, n = 1;
		while (n < length && ((unsigned char)text[n] & 0xc0) == 0x80)
			n++;
		if (n == length) {
			memmove(out, text, n);
			out += n;
		}
		text += n;
	}
	*out = '\0';
}

/* Whether the object has a key that is none of `known` (NULL-ended), which may be a misspelt word without which more would be done than is meant. Then `why` is a sentence
 * that names it, and what there is: it is cut at `size`, and whole in its characters. object: NULL = nothing was sent, which is well. */
static inline bool nurture_unknown_key(const json_t *object, const char *const *known, char *why, size_t size)
{
	json_t *all = (json_t *)(uintptr_t)object; /* jansson has no iterator of what is const */
	for (void *at = json_object_iter(all); at; at = json_object_iter_next(all, at)) {
		const char *key = json_object_iter_key(at);
		size_t i = 0;
		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (known[i])
			continue;
		int used = snprintf(why, size, known[0] ? "there is no \"%.60s\" here: there is" : "there is no \"%.60s\" here: nothing is to be said", key);
		for (i = 0; known[i] && (size_t)used < size; i++)
			used += snprintf(why + used, size - (size_t)used, "%s %s", i ? "," : "", known[i]);
		if ((size_t)used + 1 < size)
			snprintf(why + used, size - (size_t)used, ".");
		nurture_whole_characters(why);
		return true;
	}
	return false;
}

#ifdef __cplusplus
}
#endif

#endif
