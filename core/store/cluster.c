/* The private PostgreSQL cluster under data_dir. Blocking: the master's start and commands call it, never a worker's loop.
 *
 * Who uses the cluster holds a shared lock on run/cluster.lock as long as it lives, so the kernel knows how many there are: the last one
 * to go, and only that one, stops it. A cluster that a dead master left running is adopted like any other. Making and starting happen
 * under an exclusive lock on run/start.lock.
 *
 * The socket's folder is closed to all but its owner and root, and there is no TCP: so the local connections need no password. */
#include "store/cluster.h"

#include "base/child.h"
#include "base/environment.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_TRIES = 24, START_PAUSE = 250 * 1000 };
enum { SOCKET_MOST = 107, PROGRAM_WAIT = 120, MAJOR_NEWEST = 99, MAJOR_OLDEST = 14 };

struct cluster {
	char *folder, *run;          /* data_dir/postgres, data_dir/run */
	char *bin;                   /* where initdb and pg_ctl are */
	char *owner, *runtime;
	char *user;                  /* whom the cluster runs as, where we are root */
	uid_t uid;
	gid_t gid;
	int lock;                    /* shared, on run/cluster.lock */
};

/* ---- running PostgreSQL's programs ---- */

enum { ARGUMENTS_MAX = 24 };

static void become(const struct cluster *cluster)
{
	struct error error = {0};
	if (rights_drop(cluster->user, &error) || chdir("/"))
		_exit(126);
}

/* Runs bin/argv[0] as the cluster's user with its output in run/NAME.log; 0 when it ends well. The program is told its whole path: it looks
 * for its fellows beside itself, and PATH need not lead there. */
static int run_program(const struct cluster *cluster, const char *const argv[], struct error *error)
{
	char *path = mem_printf("%s/%s", cluster->bin, argv[0]);
	char *log = mem_printf("%s/%s.log", cluster->run, argv[0]);
	const char *words[ARGUMENTS_MAX + 1] = {path};
	for (size_t i = 1; i < ARGUMENTS_MAX && argv[i]; i++)
		words[i] = argv[i];
	pid_t pid = child_fork();
	if (pid == 0) {
		become(cluster);
		int out = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), in = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (out < 0 || in < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
			_exit(126);
		signal(SIGPIPE, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		environment_reduce();
		execv(path, (char *const *)(uintptr_t)words);
		_exit(127);
	}
	int status = 0, result = 0;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		result = error_errno(error, path, "it cannot be started");
	else if (!WIFEXITED(status) || WEXITSTATUS(status))
		result = error_set(error, ERROR_SYSTEM, path, "it failed; its words are in %s (and in %s/postgres.log).", log, cluster->run);
	free(path);
	free(log);
	return result;
}

static bool is_program(const char *folder, const char *name)
{
	char *path = mem_printf("%s/%s", folder, name);
	bool found = access(path, X_OK) == 0;
	free(path);
	return found;
}

/* The folder of PostgreSQL's programs of one major version (0 = the newest there is), or NULL. */
static char *find_bin(int major)
{
	for (int n = major ? major : MAJOR_NEWEST; n >= (major ? major : MAJOR_OLDEST); n--) {
		char *folder = mem_printf("/usr/lib/postgresql/%d/bin", n);
		if (is_program(folder, "initdb") && is_program(folder, "pg_ctl"))
			return folder;
		free(folder);
	}
	return NULL;
}

/* ---- folders and locks ---- */

static int make_folder(const struct cluster *cluster, const char *path, mode_t mode, bool owned, struct error *error)
{
	if (mkdir(path, mode) && errno != EEXIST)
		return error_errno(error, path, "the folder cannot be made");
	if (owned && geteuid() == 0 && lchown(path, cluster->uid, cluster->gid)) /* never what a link leads to: folders in data_dir are in the user's hands */
		return error_errno(error, path, "the folder cannot be given to the user of the database");
	return 0;
}

static int lock_file(const struct cluster *cluster, const char *name, int how, struct error *error)
{
	char *path = mem_printf("%s/%s", cluster->run, name);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int result = 0;
	if (fd < 0)
		result = error_errno(error, path, "it cannot be opened");
	while (fd >= 0 && (result = flock(fd, how)) != 0 && errno == EINTR)
		;
	if (result == 0 && fd >= 0 && geteuid() == 0)
		result = fchown(fd, cluster->uid, cluster->gid); /* who is not root opens it later */
	if (fd >= 0 && result) {
		error_errno(error, path, "it cannot be locked");
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* ---- starting ---- */

static int version_of(const struct cluster *cluster)
{
	char *path = mem_printf("%s/PG_VERSION", cluster->folder);
	FILE *file = fopen(path, "re");
	int major = 0;
	if (file) {
		char line[16] = "";
		major = fgets(line, sizeof line, file) ? (int)strtol(line, NULL, 10) : 0;
		if (major <= 0)
			major = -1;
		fclose(file);
	}
	free(path);
	return major; /* 0 = there is no cluster yet */
}

static int choose_programs(struct cluster *cluster, struct error *error)
{
	int major = version_of(cluster);
	cluster->bin = find_bin(major > 0 ? major : 0);
	if (cluster->bin)
		return 0;
	char *newest = find_bin(0);
	if (!newest)
		error_set(error, ERROR_SYSTEM, "database", "PostgreSQL is not installed. Run: apt-get install postgresql");
	else
		error_set(error, ERROR_CONFLICT, cluster->folder,
			  "this database was made by PostgreSQL %d, which is not installed. Run: apt-get install postgresql-%d (or move it with"
			  " %s/pg_upgrade --old-datadir=%s).", major, major, newest, cluster->folder);
	free(newest);
	return -1;
}

static bool answers(const char *conninfo)
{
	return PQping(conninfo) == PQPING_OK;
}

static int init(struct cluster *cluster, struct error *error)
{
	const char *const argv[] = {"initdb", "-D", cluster->folder, "-U", "nurture_owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
				    "--data-checksums", NULL};
	log_info("database.init", log_str("folder", cluster->folder));
	return run_program(cluster, argv, error);
}

/* The process that postmaster.pid names was killed and is not collected yet by its parent: it runs no more, but PostgreSQL, which only
 * asks whether there is a process of that number, would refuse to start. */
static bool is_uncollected(const char *pid_file)
{
	char path[64], stat_line[512] = "", pid[16] = "";
	FILE *file = fopen(pid_file, "re");
	if (!file)
		return false;
	bool read_pid = fscanf(file, "%15[0-9]", pid) == 1;
	fclose(file);
	snprintf(path, sizeof path, "/proc/%s/stat", pid);
	file = read_pid ? fopen(path, "re") : NULL;
	if (!file)
		return false;
	size_t n = fread(stat_line, 1, sizeof stat_line - 1, file);
	fclose(file);
	const char *name_end = n ? strrchr(stat_line, ')') : NULL;
	return name_end && strncmp(name_end, ") Z", 3) == 0;
}

/* Somebody collects it soon; where nobody ever does (a container without an init), its file goes. */
static void wait_for_uncollected(struct cluster *cluster)
{
	char *pid_file = mem_printf("%s/postmaster.pid", cluster->folder);
	for (int i = 0; i < 50 && is_uncollected(pid_file); i++)
		usleep(100000);
	if (is_uncollected(pid_file)) {
		log_warn("database.dead_owner", log_str("file", pid_file));
		unlink(pid_file);
	}
	free(pid_file);
}

static int start_once(struct cluster *cluster, struct error *error)
{
	char *options = mem_printf("-c listen_addresses= -c unix_socket_directories='%s' -c unix_socket_permissions=0700 -c jit=off"
				   " -c shared_buffers=256MB -c min_wal_size=512MB -c max_wal_size=2GB -c wal_compression=%s -c random_page_cost=1.1"
				   " -c autovacuum_naptime=15s -c max_connections=200", cluster->run, version_of(cluster) < 15 ? "on" : "lz4");
	char *log = mem_printf("%s/postgres.log", cluster->run);
	char wait[8];
	snprintf(wait, sizeof wait, "%d", PROGRAM_WAIT);
	const char *const argv[] = {"pg_ctl", "start", "-w", "-t", wait, "-D", cluster->folder, "-l", log, "-o", options, NULL};
	wait_for_uncollected(cluster);
	int result = run_program(cluster, argv, error);
	free(options);
	free(log);
	return result;
}

/* The children of a killed postmaster hold its shared memory until they notice, and PostgreSQL refuses to start beside them. */
static int start_server(struct cluster *cluster, struct error *error)
{
	int result = start_once(cluster, error);
	for (int i = 0; result && i < START_TRIES; i++) {
		usleep(START_PAUSE);
		result = start_once(cluster, error);
	}
	return result;
}

static int run_sql(const char *conninfo, const char *sql, struct error *error)
{
	PGconn *connection = PQconnectdb(conninfo);
	PGresult *result = PQexec(connection, sql);
	bool ok = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
	if (!ok)
		error_set(error, ERROR_SYSTEM, "database", "%s", PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
	return ok ? 0 : -1;
}

/* After initdb, also after one that was cut off in the middle: the roles and the database. */
static int make_database(struct cluster *cluster, struct error *error)
{
	static const char roles[] = "do $$ begin"
		" if not exists (select from pg_roles where rolname = 'nurture_runtime') then create role nurture_runtime; end if;"
		" alter role nurture_runtime login nosuperuser nocreatedb nocreaterole; end $$";
	char *admin = mem_printf("host=%s user=nurture_owner dbname=postgres connect_timeout=10", cluster->run);
	int result = -1;
	PGconn *connection = PQconnectdb(admin);
	PGresult *found = PQexec(connection, "select 1 from pg_database where datname = 'nurture'");
	if (PQresultStatus(found) != PGRES_TUPLES_OK)
		error_set(error, ERROR_UNAVAILABLE, "database", "%s", PQerrorMessage(connection));
	else if (PQntuples(found) == 0)
		result = run_sql(admin, "create database nurture", error);
	else
		result = 0;
	PQclear(found);
	PQfinish(connection);
	if (result == 0)
		result = run_sql(admin, roles, error);
	free(admin);
	return result;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st, (void)type, (void)where;
	return remove(path);
}

/* initdb into a folder of its own and a rename: a cluster is whole or not there. */
static int init_whole(struct cluster *cluster, struct error *error)
{
	char *whole = cluster->folder, *part = mem_printf("%s.new", whole);
	int result = 0;
	if (access(part, F_OK) == 0 && nftw(part, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
		result = error_errno(error, part, "what an interrupted start left cannot be removed");
	cluster->folder = part;
	if (result == 0)
		result = make_folder(cluster, part, 0700, true, error);
	if (result == 0)
		result = init(cluster, error);
	cluster->folder = whole;
	if (result == 0 && rename(part, whole))
		result = error_errno(error, whole, "the new database cannot be put in its place");
	free(part);
	return result;
}

static int bring_up(struct cluster *cluster, struct error *error)
{
	if (choose_programs(cluster, error))
		return -1;
	if (answers(cluster->owner)) {
		log_info("database.adopted", log_str("folder", cluster->folder));
		return make_database(cluster, error);
	}
	if (version_of(cluster) == 0 && init_whole(cluster, error))
		return -1;
	return start_server(cluster, error) || make_database(cluster, error) ? -1 : 0;
}

/* ---- life ---- */

static int find_user(struct cluster *cluster, const char *user, struct error *error)
{
	cluster->uid = geteuid();
	cluster->gid = getegid();
	if (geteuid() != 0)
		return 0;
	return rights_user(user, &cluster->uid, &cluster->gid, error);
}

static int make_folders(struct cluster *cluster, const char *data_dir, struct error *error)
{
	if (strlen(cluster->run) + sizeof "/.s.PGSQL.5432" > SOCKET_MOST)
		return error_set(error, ERROR_LIMIT, "data_dir", "%s is too long a path for a unix socket: choose a shorter data_dir.", data_dir);
	if (strchr(cluster->run, '\'') || strchr(cluster->run, ',') || strchr(cluster->run, ' ') || strchr(cluster->run, '\\'))
		return error_set(error, ERROR_INVALID, "data_dir", "%s: the path must not have blanks, quotes, commas or backslashes in it.", data_dir);
	/* data_dir itself belongs to whom it belongs; one that we make is the user's. */
	if (access(data_dir, F_OK) != 0 && make_folder(cluster, data_dir, 0755, true, error))
		return -1;
	return make_folder(cluster, cluster->run, 0700, true, error);
}

static void free_cluster(struct cluster *cluster)
{
	if (cluster->lock >= 0)
		close(cluster->lock);
	free(cluster->folder);
	free(cluster->run);
	free(cluster->user);
	free(cluster->bin);
	free(cluster->owner);
	free(cluster->runtime);
	free(cluster);
}

struct cluster *cluster_start(const char *data_dir, const char *user, struct error *error)
{
	struct cluster *cluster = mem_alloc(sizeof *cluster);
	*cluster = (struct cluster){.folder = mem_printf("%s/postgres", data_dir), .run = mem_printf("%s/run", data_dir), .user = mem_dup(user), .lock = -1};
	cluster->owner = mem_printf("host=%s user=nurture_owner dbname=nurture", cluster->run);
	cluster->runtime = mem_printf("host=%s user=nurture_runtime dbname=nurture", cluster->run);
	int start = -1, result = -1;
	if (find_user(cluster, user, error) || make_folders(cluster, data_dir, error))
		goto out;
	cluster->lock = lock_file(cluster, "cluster.lock", LOCK_SH, error);
	if (cluster->lock < 0)
		goto out;
	start = lock_file(cluster, "start.lock", LOCK_EX, error);
	if (start < 0)
		goto out;
	result = bring_up(cluster, error);
out:
	if (start >= 0)
		close(start);
	if (result == 0)
		return cluster;
	free_cluster(cluster);
	return NULL;
}

const char *cluster_owner(const struct cluster *cluster)
{
	return cluster->owner;
}

const char *cluster_runtime(const struct cluster *cluster)
{
	return cluster->runtime;
}

/* Does anybody listen at its socket? Asked instead of a ping: a database that stands still would hold the master up until it goes on. */
static bool listens(const struct cluster *cluster)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", cluster->run);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool result = fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
	if (fd >= 0)
		close(fd);
	return result;
}

/* Whoever notices first starts it, under the lock that starting needs; others then find it answering. */
int cluster_check(struct cluster *cluster, struct error *error)
{
	if (listens(cluster))
		return 0;
	int start = lock_file(cluster, "start.lock", LOCK_EX, error);
	if (start < 0)
		return -1;
	int result = 0;
	if (PQping(cluster->owner) == PQPING_NO_RESPONSE) {
		log_warn("database.restart", log_str("folder", cluster->folder));
		result = start_server(cluster, error);
	}
	close(start);
	return result;
}

void cluster_stop(struct cluster *cluster)
{
	if (!cluster)
		return;
	const char *const argv[] = {"pg_ctl", "stop", "-w", "-m", "fast", "-D", cluster->folder, NULL};
	struct error error = {0};
	/* Not the last one: somebody else holds the lock too. */
	if (flock(cluster->lock, LOCK_EX | LOCK_NB) == 0 && run_program(cluster, argv, &error))
		log_error("database.stop", log_str("folder", cluster->folder), log_str("why", error.message));
	free_cluster(cluster);
}
