/* The private PostgreSQL cluster under data_dir, and migrations. Blocking: for the master's start and for commands. */
#ifndef NURTURE_STORE_CLUSTER_H
#define NURTURE_STORE_CLUSTER_H

#include "base/error.h"

struct cluster;

/* Makes (initdb) and starts the cluster in data_dir/postgres, unix socket in data_dir/run only, as `user` when root; adopts one that
 * runs already; refuses one of a PostgreSQL that is not installed, with the command to run. Every process that uses the cluster calls it
 * (children of that process share in it). */
struct cluster *cluster_start(const char *data_dir, const char *user, struct error *error) MUST_USE;
/* conninfo of the owner (migrations) and of the runtime role (no DDL); borrowed. */
const char *cluster_owner(const struct cluster *cluster);
const char *cluster_runtime(const struct cluster *cluster);
/* Quick look; starts the cluster again when its postmaster has died. The master calls it every two seconds. */
int cluster_check(struct cluster *cluster, struct error *error) MUST_USE;
/* Fast stop by the last one that uses it; while others do, it goes on. Takes NULL. */
void cluster_stop(struct cluster *cluster);

/* Migrations, numbered and embedded, under an advisory lock, with the owner's connection. Grants to the runtime role. */
int migrate_run(const char *owner_conninfo, int *applied, struct error *error) MUST_USE;
/* The same; migrate_run waits up to five minutes for tables that somebody holds, this one so many seconds. Then ERROR_UNAVAILABLE, with who holds them. */
int migrate_run_within(const char *owner_conninfo, int seconds, int *applied, struct error *error) MUST_USE;
/* How many are applied and how many there are; ERROR_CONFLICT when the database is newer than this program. */
int migrate_known(void); /* the newest migration of this program */
int migrate_status(const char *conninfo, int *applied, int *known, struct error *error) MUST_USE;

#endif
