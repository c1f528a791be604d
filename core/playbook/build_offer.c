/* What a contact offers and what its template prints must fit: a template that prints offer.… in a step that offers nothing prints holes; an offer that is never
 * printed counts as had. Looks at the template's text for {{ … offer.… }}; one that asks {% if offer.… %} knows of both. Called by build_acts.c. */
#include "playbook/build.h"

/* `offer.` in something of Liquid's that begins with these two bytes and ends with those. */
static bool names_offer(struct str text, const char *open, const char *close)
{
	const char *at = text.p, *end = text.p + text.n;
	while (at && (at = memmem(at, (size_t)(end - at), open, 2))) {
		const char *stop = memmem(at, (size_t)(end - at), close, 2), *name = stop ? memmem(at, (size_t)(stop - at), "offer.", 6) : NULL;
		if (name && strchr(" -{(:,|", name[-1]))
			return true;
		at = stop;
	}
	return false;
}

void build_check_offer(struct build *b, struct place at, const struct action *contact)
{
	const char *path = arena_printf(b->arena, "templates/%s/%s.md", contact->channel_kind, contact->name);
	const struct playbook_file *file = playbook_files_find(b->files, str_of(path));
	if (!file)
		return;
	bool prints = names_offer(file->bytes, "{{", "}}"), asks = names_offer(file->bytes, "{%", "%}");
	if (prints && !asks && !contact->offer)
		build_error(b, at, "%s prints offer.…, and this step offers nothing. Add offer = \"next\", start = \"asset\".", path);
	else if (!prints && !asks && contact->offer)
		build_note(b, at, "an asset is offered, and %s prints nothing of it: the lead counts as having had what it never saw. Print {{ offer.title }} and {{ offer.link }}.",
			   path);
}
