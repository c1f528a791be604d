/* A lead gets another address: what was said of the old one (new_address.h). */
#include "store/new_address.h"

#include "store/new_address.sql.h"

static void put(struct params *p, const struct new_address *all, size_t count)
{
	struct param *email = param_array(p, PARAM_TEXT), *lead = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < count; i++) {
		array_text(email, all[i].email);
		array_int8(lead, all[i].lead_id);
	}
}

void new_address_send(struct op *op, const struct new_address *all, size_t count, moment_t now, int tag)
{
	if (!count)
		return;
	struct params *p = op_params(op);
	put(p, all, count);
	param_time(p, now);
	op_send(op, STATEMENT(new_address_consent), tag);
	put(op_params(op), all, count);
	op_send(op, STATEMENT(new_address_suppression), tag);
}
