/* Countries by what people call them: one list for leads and for the files that plugins read (model/country.h). */
#include "model/country.h"
#include "channel/parts.h"

#include <stdio.h>

size_t channel_country(struct nurture_host_data *data, const char *word, char *codes, size_t size)
{
	char found[COUNTRIES_TEXT] = "";
	channel_must_be_on_loop((struct channel *)data, "country");
	size_t count = word ? country_named(str_of(word), found) : 0;
	if (size)
		snprintf(codes, size, "%s", count ? found : "");
	return count;
}
