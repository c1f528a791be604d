/* Quality of a lead: what its own fields give away. Flags for scoring and segments (`lead { quality = "disposable" }`); nobody is dropped for
 * one. Pure; what a flag means:
 *   disposable        the address is of a service that lends addresses for minutes
 *   role_address      it belongs to a function (info@, sales@), not to a person
 *   free_mail         it is a private mailbox: its domain says nothing of a company
 *   impossible_phone  nobody can be reached under the number
 *   keyboard_noise    name or company was typed to get past a form
 *   competitor        address (its domain, or one above it) or company is in the playbook's `competitors`, or its domain on the imported list of them
 *   duplicate         an older lead has the same number, or the same name at the same company */
#ifndef NURTURE_MODEL_QUALITY_H
#define NURTURE_MODEL_QUALITY_H

#include "model/phone.h"
#include "model/value.h"

enum quality {
	QUALITY_DISPOSABLE, QUALITY_ROLE_ADDRESS, QUALITY_FREE_MAIL, QUALITY_IMPOSSIBLE_PHONE, QUALITY_KEYBOARD_NOISE, QUALITY_COMPETITOR,
	QUALITY_DUPLICATE, QUALITY_COUNT
};
extern const char *const quality_names[]; /* in this order, NULL-ended; the choices of field `quality` */

/* What a playbook adds to the built-in lists; texts may hold *. */
struct quality_lists {
	const struct str *competitors; size_t competitor_count; /* domains, or names of companies; whatever the case */
	const struct str *disposable; size_t disposable_count;  /* domains */
	const struct str *roles; size_t role_count;             /* local parts */
};

/* What others know of a lead. */
struct quality_known {
	bool twin;              /* the database: an older one is alike */
	bool rival;             /* the database: its domain is on the list of whom not to contact, as a competitor's */
	enum phone_sense phone; /* libphonenumber, of a number with its country code; UNKNOWN: its plain shape decides */
};
/* Bits 1 << enum quality of a lead's standard fields. */
unsigned quality_of(const struct value *fields, const struct quality_lists *lists, const struct quality_known *known);
struct value quality_value(unsigned flags, struct arena *arena); /* for field `quality`; empty when there is no flag */

/* Its parts. Addresses as model_email_normalise leaves them. */
bool quality_is_disposable(struct str domain); /* also domains below a listed one */
bool quality_is_free_mail(struct str domain);
bool quality_is_role(struct str local);        /* what stands behind + is not looked at */
bool quality_is_impossible(struct str phone, enum phone_sense sense); /* not empty, and noise, or no number by its country's length */
bool quality_is_noise(struct str text);

#endif
