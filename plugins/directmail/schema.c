/* The plugin's tables. What has run stays as it is for ever: a change is the next number. */
#include "office.h"

#include "lists.sql.h"
#include "schema.sql.h"

static const struct nurture_migration rows[] = {{1, "letters", sql_letters}, {2, "lists", sql_lists}, {3, "owner", sql_owner}, {4, "persons", sql_persons}, {5, "pictures", sql_pictures},
	{6, "law", sql_law}, {7, "room", sql_room}, {8, "knows", sql_knows}};
const struct nurture_migrations office_migrations = {
	.size = sizeof office_migrations, .migration_size = sizeof *rows, .count = sizeof rows / sizeof *rows, .migrations = rows};
