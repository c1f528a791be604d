/* Several mailboxes, each with its thread: see returns_boxes.h. Called by plugin.c. */
#include "returns_boxes.h"

#include "letter.h"
#include "returns_mailbox.h"

struct returns_boxes {
	struct desk *desk;
	struct returns_mailbox *items[BOXES_MOST];
	size_t count;
};

static void stand(void *arg, json_t *lines, json_t *troubles, json_t *figures)
{
	const struct returns_boxes *boxes = arg;
	for (size_t i = 0; i < boxes->count; i++)
		returns_mailbox_stand(boxes->items[i], lines, troubles, figures);
}

struct returns_boxes *returns_boxes_new(const struct nurture_host *host, const struct returns_settings *settings, struct desk *desk)
{
	struct returns_boxes *boxes = g_new0(struct returns_boxes, 1);
	boxes->desk = desk;
	if (settings->box_count) {
		desk->stand = stand;
		desk->stand_arg = boxes;
	}
	for (size_t i = 0; i < settings->box_count; i++)
		boxes->items[boxes->count++] = returns_mailbox_new(host, settings, &settings->boxes[i], desk);
	return boxes;
}

void returns_boxes_drain(struct returns_boxes *boxes)
{
	for (size_t i = 0; i < boxes->count; i++)
		returns_mailbox_drain(boxes->items[i]);
}

void returns_boxes_free(struct returns_boxes *boxes)
{
	if (!boxes)
		return;
	boxes->desk->stand = NULL;
	for (size_t i = 0; i < boxes->count; i++)
		returns_mailbox_free(boxes->items[i]);
	g_free(boxes);
}
