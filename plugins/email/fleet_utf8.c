/* Letters of which an address is not ASCII: only a relay that offers SMTPUTF8 can carry them (RFC 6531 3.2), and that is known when one has been asked. The
 * next relay is tried; where none offers it the letter is rejected, for this recipient alone: its address is not bad, so nothing is suppressed. Called by
 * smtp_transaction.c and fleet.c. */
#include "smtp_pool.h"

static const int64_t wait_us = 300 * INT64_C(1000000);

bool fleet_may_take(const struct fleet *fleet, const struct letter *letter, size_t berth)
{
	(void)fleet;
	return !(letter->without >> berth & 1);
}

static bool is_any_there(struct fleet *fleet, const struct letter *letter)
{
	for (size_t i = 0; i < fleet->berth_count; i++)
		if (fleet_may_take(fleet, letter, i) && !pool_is_away(fleet->berths[i].pool))
			return true;
	return false;
}

bool fleet_put_off_utf8(struct fleet *fleet, struct letter *letter)
{
	if (!letter->without || is_any_there(fleet, letter))
		return false;
	letter_put_off(letter, "the address needs SMTPUTF8, which none of the relays that are there offers", fleet_now(fleet) + wait_us);
	return true;
}

void fleet_without_utf8(struct fleet *fleet, struct pool *pool, struct letter *letter)
{
	letter->without |= UINT32_C(1) << (fleet_berth(fleet, pool) - fleet->berths);
	if (letter->without == (UINT64_C(1) << fleet->berth_count) - 1)
		letter_end(letter, NURTURE_REJECTED, fleet->berth_count == 1 ? "5.6.7 the address needs SMTPUTF8, which the relay does not offer"
								     : "5.6.7 the address needs SMTPUTF8, which none of the relays offers", NULL, 0);
	else if (!fleet_put_off_utf8(fleet, letter))
		fleet_take_back(fleet, letter);
}
