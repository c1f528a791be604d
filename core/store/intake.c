#include "store/private.h"
void intake_queue_free(struct store *store)
{
	(void)store;
}
