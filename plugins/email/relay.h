/* The way out: a folder (maildir.c) or SMTP servers (fleet.c). One relay a channel.
 *
 * A relay gets letters by send, owns them from then on, and ends each by letter_end; the desk calls its `permitted` and
 * `cancel`, which it registers when it is made. */
#ifndef NURTURE_EMAIL_RELAY_H
#define NURTURE_EMAIL_RELAY_H

#include "letter.h"
#include "settings.h"

enum { RELAY_WHY = 512 };

struct relay {
	const struct relay_kind *kind;
};

struct relay_kind {
	void (*send)(struct relay *relay, struct letter *letter);
	/* NULL, or: whether a touch to `address` should not even be made into a letter now, as its turn has not come: until when (domain time), and why. urgent:
	 * somebody waits for it (all but marketing). */
	bool (*full)(struct relay *relay, const char *address, bool urgent, int64_t *until, char why[RELAY_WHY]);
	/* NULL, or: nurture_channel.turns. */
	bool (*turns)(struct relay *relay, struct nurture_turn *turns, size_t count);
	void (*drain)(struct relay *relay); /* cancel what waits; finish what is on its way */
	void (*close)(struct relay *relay); /* free all; letters still here are freed by the desk */
};

/* Both never fail: what is wrong with the folder or the server shows as `channel_down` and heals by itself. They borrow
 * settings. */
struct relay *maildir_new(struct desk *desk, const struct settings *settings);
struct relay *fleet_new(struct desk *desk, const struct settings *settings);

#endif
