/* Two campaigns of one name are the same when their phrases are (campaign.fingerprint): a comment shows nobody. Who stands on a step gets next the first
 * contact from there on, along the ways that are always gone; conditions and answers are the walk's own. */
#include "jobs/preview_enrolled.h"

#include "base/buf.h"
#include "playbook/calls.h"
#include "playbook/say.h"

#include <string.h>

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text ? text : "";
}

/* The step that always follows; NULL = the walk is over, or nobody can say. */
static const struct step *behind(const struct campaign *campaign, const struct step *step)
{
	for (size_t i = 0; i < step->action_count && !step->when; i++) {
		const struct action *a = &step->actions[i];
		if (a->kind == ACTION_LEAVE || a->kind == ACTION_CHOOSE || (a->kind == ACTION_GO && a->way))
			return NULL;
		if (a->kind == ACTION_GO)
			return campaign_step(campaign, str_of(a->name));
	}
	return step + 1 < campaign->steps + campaign->step_count ? step + 1 : NULL;
}

/* NULL = none is to come. */
static json_t *next_contact(const struct playbook *playbook, const struct campaign *campaign, const struct step *step)
{
	for (size_t i = 0; step && i <= campaign->step_count; i++, step = behind(campaign, step)) {
		const struct action *contact = playbook_contact(step);
		if (!contact)
			continue;
		struct buf due = {0}, name = {0};
		say_timing(playbook, step, &due);
		buf_puts(&name, contact->name);
		for (size_t k = 0; contact->way && k < step->action_count; k++)
			if (step->actions[k].way && &step->actions[k] != contact)
				buf_printf(&name, " or %s", step->actions[k].way);
		json_t *json = json_pack("{s:s, s:s, s:s, s:o}", "step", step->name, "channel", contact->kind == ACTION_HANDOFF ? "handoff" : contact->channel_kind,
					 "template", name.p, "due", json_stringn(due.n ? due.p : "", due.n));
		buf_fini(&due);
		buf_fini(&name);
		return json;
	}
	return NULL;
}

static json_t *step_json(const struct playbook *before, const struct campaign *old, const struct playbook *after, const struct campaign *new, const json_t *row)
{
	const char *name = text_of(row, "step");
	const struct step *stood = old ? campaign_step(old, str_of(name)) : NULL, *stands = new ? campaign_step(new, str_of(name)) : NULL;
	json_t *json = json_pack("{s:s, s:O, s:o, s:b}", "step", name, "leads", json_object_get(row, "leads"), "to", stands ? json_string(stands->name) : json_null(), "moved",
				 stands && strcmp(stands->name, name) != 0);
	json_t *next = stands ? next_contact(after, new, stands) : NULL, *earlier = stood ? next_contact(before, old, stood) : NULL;
	if (next)
		json_object_set_new(json, "next", next);
	if (earlier)
		json_object_set_new(json, "before", earlier);
	return json;
}

/* The entry of this campaign, made when it is the first of its rows. */
static json_t *entry_of(json_t *inside, const char *campaign, bool gone)
{
	json_t *last = json_array_get(inside, json_array_size(inside) - 1);
	if (last && strcmp(text_of(last, "campaign"), campaign) == 0)
		return last;
	last = json_pack("{s:s, s:I, s:[]}", "campaign", campaign, "leads", (json_int_t)0, "steps");
	if (gone)
		json_object_set_new(last, "gone", json_true());
	json_array_append_new(inside, last);
	return last;
}

static void tell_stranded(struct buf *out, const json_t *row, json_int_t leads)
{
	buf_printf(out, "%s%lld lead%s on step \"%s\" of campaign \"%s\", which is gone.", out->n ? "\n" : "", (long long)leads, leads == 1 ? " stands" : "s stand",
		   text_of(row, "step"), text_of(row, "campaign"));
}

static void put_stranded(json_t *result, json_int_t stranded, const char *last, struct buf *text)
{
	if (stranded) {
		buf_printf(text, " Say where they go: step \"NEW\" { was = \"%s\" }; or park them with --hold.", last);
		json_object_set_new(result, "stranded", json_integer(stranded));
		json_object_set_new(result, "stranded_text", json_stringn(text->p, text->n));
	}
	buf_fini(text);
}

void preview_enrolled(const struct playbook *before, const struct playbook *after, const json_t *rows, json_t *result)
{
	json_t *inside = json_array(), *row;
	json_int_t all = 0, stranded = 0, parked = 0;
	const char *last = "";
	struct buf text = {0};
	size_t i;
	json_array_foreach(rows, i, row) {
		const char *name = text_of(row, "campaign");
		const struct campaign *old = playbook_campaign(before, str_of(name)), *new = playbook_campaign(after, str_of(name));
		json_int_t leads = json_integer_value(json_object_get(row, "leads"));
		bool stays = new && campaign_step(new, str_of(text_of(row, "step")));
		if (!stays && !(old && campaign_step(old, str_of(text_of(row, "step"))))) { /* since an earlier revision */
			parked += leads;
			continue;
		}
		if (!stays) {
			tell_stranded(&text, row, leads);
			stranded += leads;
			last = text_of(row, "step");
		}
		if (stays && old && strcmp(old->fingerprint, new->fingerprint) == 0)
			continue;
		json_t *entry = entry_of(inside, name, !new);
		json_array_append_new(json_object_get(entry, "steps"), step_json(before, old, after, new, row));
		json_object_set_new(entry, "leads", json_integer(json_integer_value(json_object_get(entry, "leads")) + leads));
		all += leads;
	}
	if (all) {
		json_object_set(result, "inside", inside);
		json_object_set_new(result, "inside_leads", json_integer(all));
	}
	if (parked)
		json_object_set_new(result, "parked", json_integer(parked));
	json_decref(inside);
	put_stranded(result, stranded, last, &text);
}
