/* All filters by name: for the compiler, which refuses unknown ones, and for the environment of templates. */
#include "playbook/liquid.h"

const struct liquid_filter *const liquid_filter_tables[] = {
	liquid_filters_text, liquid_filters_escape, liquid_filters_number,
	liquid_filters_list, liquid_filters_date,   NULL,
};

const struct liquid_filter *liquid_filter_find(struct str name)
{
	for (size_t t = 0; liquid_filter_tables[t]; t++)
		for (const struct liquid_filter *filter = liquid_filter_tables[t]; filter->name; filter++)
			if (str_is(name, filter->name))
				return filter;
	return NULL;
}
