/* The plugin's tables. Moments of the domain (what a playbook and the law speak of) are bigint, microseconds since 1970; leases are machine time, the database's clock.
 * What has run stays as it is for ever: a change is the next number. */
#include "desk.h"

#include "schema.sql.h"

static const struct nurture_migration rows[] = {{1, "calls", sql_calls}, {2, "merged", sql_merged}, {3, "roomy", sql_roomy}, {4, "floor", sql_floor}, {6, "parts", sql_parts}, {7, "until", sql_until}, {8, "calm", sql_calm},
	{10, "knows", sql_knows}};
const struct nurture_migrations desk_migrations = {
	.size = sizeof desk_migrations, .migration_size = sizeof *rows, .count = sizeof rows / sizeof *rows, .migrations = rows};
