/* The links and the picture of a mail that tell when it is read. Inside the room only. */
#ifndef NURTURE_TURN_LINKS_H
#define NURTURE_TURN_LINKS_H

#include "base/arena.h"
#include "base/token.h"
#include "playbook/template.h"

enum { LINKS_MOST = 1000 /* of one mail; those beyond stay as they are */ };

#define LINKS_PREVIEW "preview-"

/* One mail on its way through the renderer. How many links it has is known only when it is written, and each link says it (so that whoever
 * follows all of them at once is known for a machine): until then a text of the same length stands for it. */
struct links {
	const struct token_keys *keys;
	bool preview; /* every token begins with LINKS_PREVIEW and opens nothing, as long as a real one */
	const char *public_url;
	struct arena *arena;
	struct link *items;
	size_t count, room;
};

/* For template_input: puts /c/{token} for an address of the web, the same one for the same address, also for our pages of assets and colleagues (/d/, /r/), so
 * that who comes there has clicked; leaves others, and those of ours that carry a token and are the way out, a confirmation or a link already. arg: struct links. */
const char *links_put(void *arg, struct str url);
/* Writes the tokens into the rendered fields, in place. */
void links_finish(struct links *links, const struct touch *touch, struct template_fields *fields);
/* The text of a token as it stands in a link of this mail. */
void links_token(const struct links *links, const struct token *token, char text[TOKEN_TEXT]);
/* The address of the picture, in arena. */
const char *links_pixel(const struct links *links, const struct touch *touch);

#endif
