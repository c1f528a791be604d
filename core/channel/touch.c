/* From our words to the plugin's: see touch.h. */
#include "channel/touch.h"

#include <jansson.h>
#include <string.h>

static const char *text(struct str s, struct arena *arena)
{
	return arena_dup_n(arena, s.p, s.n);
}

static const char *text_or_null(struct str s, struct arena *arena)
{
	return s.n ? text(s, arena) : NULL;
}

/* What the step says of the contact and its plugin looks at: fields behind those of the template, if that has none of the name. */
static size_t add_said(struct channel_touch *out, size_t count, struct str data, struct arena *arena)
{
	static const char *const keys[] = {"priority", "skill", "once_per", "drop"};
	json_t *said = data.n ? json_loadb(data.p, data.n, 0, NULL) : NULL;
	for (size_t i = 0; i < sizeof keys / sizeof *keys && count < TOUCH_FIELDS_MAX; i++) {
		const char *value = json_string_value(json_object_get(said, keys[i]));
		bool taken = !value;
		for (size_t k = 0; k < count && !taken; k++)
			taken = strcmp(out->fields[k].name, keys[i]) == 0;
		if (!taken)
			out->fields[count++] = (struct nurture_field){keys[i], arena_dup(arena, value), strlen(value)};
	}
	json_decref(said);
	return count;
}

void channel_touch_fill(struct channel_touch *out, const struct touch *t, const struct touch_content *content, struct arena *arena)
{
	const struct template_fields *rendered = content->fields;
	size_t count = rendered->count < TOUCH_FIELDS_MAX ? rendered->count : TOUCH_FIELDS_MAX;
	size_t files = rendered->file_count < TOUCH_FILES_MAX ? rendered->file_count : TOUCH_FILES_MAX;
	for (size_t i = 0; i < count; i++)
		out->fields[i] = (struct nurture_field){rendered->items[i].name, rendered->items[i].value.p, rendered->items[i].value.n};
	count = add_said(out, count, t->data, arena);
	for (size_t i = 0; i < files; i++) {
		const struct template_file *file = rendered->files[i];
		out->files[i] = (struct nurture_file){.name = file->name, .type = file->type, .content_id = file->content_id,
						      .bytes = file->bytes.p, .length = file->bytes.n};
	}
	out->touch = (struct nurture_touch){
		.size = sizeof out->touch, .touch_id = t->id, .lead_id = t->lead_id, .kind = text(t->kind, arena), .template_name = text(t->template_name, arena),
		.campaign = text_or_null(t->campaign, arena), .step = text_or_null(t->step, arena), .address = text(content->address, arena),
		.name = text(content->name, arena), .purpose = text(t->purpose, arena), .attempt = content->attempt, .now = content->now,
		.expires_at = t->expires_at, .fields = out->fields, .field_count = count, .unsubscribe_url = content->unsubscribe_url,
		.postal_address = content->postal_address, .files = out->files, .file_count = files,
		.code = content->reply_code, .url = content->reply_url};
}
