/* Whom the rows of a group mean (bulk.c). Inside the room only.
 *
 * A row names its lead by its address, else its id in another system, else its number. With both of the first two:
 *
 *   address known   id known      both the same lead's: that one. Else the row is refused (`taken`): two leads, for a merge to say
 *   address known   id nobody's   the lead of the address gets the id
 *   nobody's        id known      the lead of the id gets the address as a further name, and, where the row says so, as its address (new_address.h)
 *   nobody's        nobody's      a new lead
 *
 * Known is also what an earlier row of the group has brought: rows are gone through in the order of the file. What the database knows of rows with both is
 * asked before anything is locked or written; what has changed meanwhile has the group sent again. */
#ifndef NURTURE_STORE_BULK_NAMES_H
#define NURTURE_STORE_BULK_NAMES_H

#include "store/bulk.h"
#include "store/new_address.h"

struct bulk_known_name {
	struct bulk_name self;
	size_t rows;                  /* that bring it */
	bool leads;                   /* some row is found by it alone */
	bool met;                     /* somebody has it: in the database, or by an earlier row */
	struct bulk_known_name *of;   /* who has it is whoever has this one; NULL = itself */
	bool joined, created, used;   /* joined: nobody's address that a known lead gets */
	int64_t lead_id;              /* 0 = not known yet */
};
struct bulk_names {
	struct bulk_known_name *items;  size_t count; /* distinct, sorted: the one order in which everybody writes names */
	struct bulk_known_name **asked; size_t asked_count;
	struct bulk_row **both;         size_t both_count;
	struct new_address *addresses;  size_t address_count;
	size_t seconds;               /* how many were sent */
};

void bulk_names_gather(struct bulk_names *names, const struct bulk *bulk, struct arena *arena);
/* Of rows with address and id, what is known of both. false: there are none, nothing is sent. */
bool bulk_names_whose(struct op *op, const struct bulk_names *names, int tag);
void bulk_names_whose_rows(struct bulk_names *names, const PGresult *rows);
/* Who is who. Fails with ERROR_INVALID where rows are taken. */
void bulk_names_settle(struct op *op, struct bulk_names *names, const struct bulk *bulk);
/* The shards of leads whose address changes, as bits: their locks are held alone before the next. */
uint64_t bulk_names_shards(const struct bulk_names *names);
void bulk_names_stay(struct op *op, const struct bulk_names *names, int tag); /* asks for those that are merged by now: a row = again */
void bulk_names_make(struct op *op, const struct bulk_names *names, moment_t now, int tag);
void bulk_names_made_rows(const struct bulk_names *names, const PGresult *rows);
/* Names that were passed over, for somebody has them. false: there are none, nothing is sent. */
bool bulk_names_ask(struct op *op, struct bulk_names *names, int tag);
void bulk_names_known_rows(const struct bulk_names *names, const PGresult *rows);
/* The leads of all rows. Fails, to be done again, where one went away or is another by now. */
void bulk_names_resolve(struct op *op, const struct bulk_names *names, struct bulk *bulk);
/* Names that leads get besides; what becomes of the old addresses. */
void bulk_names_second(struct op *op, struct bulk_names *names, moment_t now, int tag, int tag_second);
void bulk_names_again(struct op *op); /* somebody else was there in this moment */

#endif
