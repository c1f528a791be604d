/* Assets by the number that signed links carry. */
#include "playbook/playbook.h"

#include "base/hash.h"

uint32_t asset_number(const struct asset *asset)
{
	return (uint32_t)hash_stable(str_of(asset->name));
}

const struct asset *playbook_asset_numbered(const struct playbook *playbook, uint32_t number)
{
	for (size_t i = 0; i < playbook->asset_count; i++)
		if (asset_number(&playbook->assets[i]) == number)
			return &playbook->assets[i];
	return NULL;
}
