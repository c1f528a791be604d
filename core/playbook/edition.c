/* Loading an activated revision, and letting it go when nobody uses it any more. */
#include "playbook/edition.h"
#include "model/preference.h"

#include "base/mem.h"

#include <stdlib.h>

int64_t playbook_longest_cap(const struct playbook *playbook)
{
	int64_t longest = playbook->topic_count ? PREFERENCE_LONGEST : MOMENT_DAY; /* who chooses topics may ask for one mail a month */
	for (size_t i = 0; i < playbook->cap_count; i++) {
		int64_t window = duration_micros(playbook->caps[i].within);
		longest = window > longest ? window : longest;
	}
	return longest;
}

struct edition *edition_load(const struct playbook_files *files, const struct playbook_site *site, int64_t activation,
			     struct problems *problems)
{
	struct playbook *playbook = playbook_load(files, site, problems);
	if (!playbook)
		return NULL;
	struct edition *edition = mem_alloc(sizeof *edition);
	*edition = (struct edition){.playbook = playbook, .activation = activation, .longest_cap = playbook_longest_cap(playbook), .refs = 1};
	return edition;
}

struct edition *edition_ref(struct edition *edition)
{
	edition->refs++;
	return edition;
}

void edition_unref(struct edition *edition)
{
	if (!edition || --edition->refs > 0)
		return;
	playbook_free(edition->playbook);
	free(edition);
}
