/* Telephone numbers: libphonenumber stays the server's (base/phone.h), plugins ask. */
#include "base/phone.h"
#include "channel/parts.h"

bool channel_phone_possible(struct nurture_host_data *data, const char *number)
{
	channel_must_be_on_loop((struct channel *)data, "phone_possible");
	return number && phone_sense(str_of(number)) != PHONE_IMPOSSIBLE;
}
