/* The way out: a folder (maildir.c) or an SMTP server (smtp_pool.c). One relay a channel.
 *
 * A relay gets letters by send, owns them from then on, and ends each by letter_end; the desk calls its `permitted` and
 * `cancel`, which it registers when it is made. */
#ifndef NURTURE_EMAIL_RELAY_H
#define NURTURE_EMAIL_RELAY_H

#include "letter.h"
#include "settings.h"

struct relay {
	const struct relay_kind *kind;
};

struct relay_kind {
	void (*send)(struct relay *relay, struct letter *letter);
	void (*drain)(struct relay *relay); /* cancel what waits; finish what is on its way */
	void (*close)(struct relay *relay); /* free all; letters still here are freed by the desk */
};

/* Both never fail: what is wrong with the folder or the server shows as `channel_down` and heals by itself. They borrow
 * settings. */
struct relay *maildir_new(struct desk *desk, const struct settings *settings);
struct relay *smtp_pool_new(struct desk *desk, const struct settings *settings);

#endif
