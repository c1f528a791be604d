/* See template_seen.h. */
#include "playbook/template_seen.h"

#include <stdio.h>
#include <string.h>

void seen_begin(struct seen *seen, const struct liquid_tokens *layout, struct arena *arena)
{
	memset(seen, 0, sizeof *seen);
	colours_begin(&seen->colours);
	hidden_begin(&seen->hidden, layout, arena);
}

void seen_attribute(struct seen *seen, const char *name, struct str piece)
{
	colours_attribute(&seen->colours, name, piece);
	hidden_attribute(&seen->hidden, name, piece);
}

void seen_unknown(struct seen *seen)
{
	colours_unknown(&seen->colours);
}

void seen_branches(struct seen *seen, size_t depth)
{
	seen->branches[depth].coloured = seen->colours.depth;
	seen->branches[depth].nested = seen->hidden.depth;
}

void seen_next_branch(struct seen *seen, size_t depth)
{
	colours_back(&seen->colours, seen->branches[depth].coloured);
	hidden_back(&seen->hidden, seen->branches[depth].nested);
}

const char *seen_why(const struct seen *seen, const struct html_place *place, char out[SEEN_WHY])
{
	const struct hidden_element *by = hidden_by(&seen->hidden);
	const struct style_rule *rule = by ? by->rule : NULL;
	bool shows = html_place_shows(place);
	out[0] = '\0';
	if (!shows && place->hidden[0])
		snprintf(out, SEEN_WHY, "in a <%s> that nobody sees", place->hidden);
	else if (!shows)
		snprintf(out, SEEN_WHY, "in a comment or within a tag, where nobody sees it");
	else if (rule)
		snprintf(out, SEEN_WHY, "in a <%s> that nobody sees: %.*s in line %d hides it", by->tag, rule->selector.n < 80 ? (int)rule->selector.n : 80, rule->selector.p, rule->line);
	else if (by)
		snprintf(out, SEEN_WHY, "in a <%s> that nobody sees", by->tag);
	else if (!colours_differ(&seen->colours))
		snprintf(out, SEEN_WHY, "in the colour of its background, or nearly, where nobody sees it");
	return out;
}

/* ---- what the law wants seen ---- */

static void note(const struct seen *seen, const struct html_place *place, struct seen_law *law, int line)
{
	char why[SEEN_WHY];
	bool shown = !seen_why(seen, place, why)[0];
	if (!shown && !law->line) {
		law->line = line;
		memcpy(law->why, why, sizeof why);
	}
	law->shown |= shown;
}

void seen_tag(struct seen *seen, const struct html_place *place, int line)
{
	if (!place->conditional) {
		colours_tag(&seen->colours, place->tag, place->closing, html_is_void(place->tag));
		hidden_tag(&seen->hidden, place->tag, place->closing, html_is_void(place->tag));
	}
	if (seen->links_out)
		note(seen, place, &seen->unsubscribe, line);
	seen->links_out = false;
}

void seen_print(struct seen *seen, const struct html_place *place, struct str name, bool is_link, int line)
{
	bool out = str_starts(name, STR("unsubscribe_url"));
	if (is_link)
		seen->links_out |= out;
	else if (place->in == HTML_TEXT && out)
		note(seen, place, &seen->unsubscribe, line);
	else if (place->in == HTML_TEXT && str_starts(name, STR("postal_address")))
		note(seen, place, &seen->postal, line);
}
