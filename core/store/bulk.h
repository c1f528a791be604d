/* Groups of an import's rows: some thousand leads in one transaction, set by set. Called by jobs.
 *
 * A new name gets its bare lead and one event, lead.create, which carries what the row says; a known one gets lead.update. Both wait in the
 * bulk lane. The group itself is written down in the same transaction (import_group): done again, whole or after a lost answer, it is
 * refused or known to be there, so every row counts once. */
#ifndef NURTURE_STORE_BULK_H
#define NURTURE_STORE_BULK_H

#include "store/store.h"

/* What a row's address is to a lead that its id has found. Its name in any case. */
enum bulk_address {
	BULK_ADDRESS_KEEP,      /* nothing more */
	BULK_ADDRESS_FILL,      /* its address, where it has none: data says so ("fill") */
	BULK_ADDRESS_REPLACE,   /* its address: put into data's "set" */
};
struct bulk_row {
	struct str email;       /* normalised, or "" */
	struct str external_id; /* or ""; beside an email: whichever of the two is known finds the lead, which gets the other as a further name (bulk_names.h) */
	struct str phone;       /* E.164, or ""; names who has neither of the two */
	struct str data;        /* JSON object, {"set":{… */
	enum bulk_address address;
	moment_t at;            /* of its event; 0 = now */
	struct str verb;        /* of one more event, or "" */
	moment_t verb_at;       /* 0 = now */
	/* answers */
	int64_t lead_id;
	bool created;
	bool taken;             /* address and id are two leads': with any of these nothing is written, and the error is ERROR_INVALID */
	int64_t address_of, id_of; /* of one that is taken; 0 = a lead that an earlier row of the group makes */
	struct bulk_asked {
		bool same, has_other; /* the lead's address is the row's; it is another one */
		struct str data;      /* with the address, where that is to be set; or "" */
	} asked;                /* the store's own */
};
/* What the row's lead is found by: address, else id, else number. */
struct bulk_name {
	const char *kind;       /* of table identity */
	struct str value;
};
struct bulk_name bulk_name_of(const struct bulk_row *row);

/* A permission that a row of the file gives or takes back. A withdrawal that stands is never overruled; one that comes stops the lead's open touches
 * in the same transaction. */
struct bulk_consent {
	size_t row;             /* of rows */
	int64_t line;           /* of the file, kept as evidence */
	struct str channel, purpose, wording;
	bool granted;
};
struct bulk {
	struct bulk_row *rows;         size_t count;
	struct bulk_consent *consents; size_t consent_count;
	int64_t job_id;
	const char *owner;      /* of the job: ERROR_DENIED when it is another's by now */
	int64_t first, span;    /* numbers of the file's rows that this group stands for, those left out included */
	moment_t now;
	bool trial;             /* everything but the commit: does the database take these rows? */
	int64_t created;        /* answer */
	store_done_fn *fn;
	void *arg;
};
/* Everything it points to lives until fn. ERROR_CONFLICT: a group with this `first` is there already. */
void store_bulk(struct store *store, struct bulk *bulk);

/* The leads that rows name, for a trial run: called for each row whose lead is known, in no order. lead: its columns, borrowed. rows live until fn. */
typedef void bulk_look_fn(void *arg, size_t row, const json_t *lead);
void store_bulk_look(struct store *store, const struct bulk_row *rows, size_t count, bulk_look_fn *each, store_done_fn *fn, void *arg);

#endif
