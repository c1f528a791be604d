/* The data directory's lock, the snapshot that workers read, and the board. */
#include "server/board.h"
#include "server/lock.h"
#include "server/snapshot.h"
#include "unit/check_main.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error error;

static struct config *config_at(const char *dir)
{
	char text[200];
	snprintf(text, sizeof text, "data_dir = \"%s\" user = \"nobody\" channel \"email\" { plugin = \"email\", relay = \"maildir:outbox\" }", dir);
	struct config *config = config_parse("test.conf", str_of(text), &error);
	ck_assert_msg(config != NULL, "%s", error.message);
	return config;
}

static void remove_dir(const char *dir)
{
	char command[200];
	snprintf(command, sizeof command, "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(a_second_server_on_the_same_data_is_told_who_has_it)
{
	char dir[] = "/tmp/nurture-lock-XXXXXX";
	int first = -1, second = -1, pipe_ends[2];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(pipe(pipe_ends), 0);
	struct config *config = config_at(dir);
	ck_assert_int_eq(lock_prepare(config, &error), 0);
	ck_assert_int_eq(lock_holder(dir, NULL, 0), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char c;
		if (lock_take(config, &first, &error))
			_exit(1);
		lock_write(first, "127.0.0.1:8080", "0123456789abcdef0123456789abcdef");
		close(pipe_ends[1]);
		_exit(read(pipe_ends[0], &c, 1) < 0);
	}
	close(pipe_ends[0]);
	char listen[100] = "";
	for (int i = 0; i < 3000 && strcmp(listen, "127.0.0.1:8080") != 0; i++, usleep(20000))
		lock_holder(dir, listen, sizeof listen);
	ck_assert_int_eq(lock_holder(dir, listen, sizeof listen), pid);
	ck_assert_int_eq(lock_take(config, &second, &error), -1);
	ck_assert_int_eq(error.code, ERROR_CONFLICT);
	ck_assert_ptr_nonnull(strstr(error.message, "127.0.0.1:8080"));
	kill(pid, SIGKILL); /* however it ends, the lock is free */
	waitpid(pid, NULL, 0);
	ck_assert_int_eq(lock_take(config, &second, &error), 0);
	char token[LOCK_TOKEN];
	lock_token(second, token); /* whose row in the database is a dead one's */
	ck_assert_str_eq(token, "0123456789abcdef0123456789abcdef");
	close(second);
	close(pipe_ends[1]);
	config_free(config);
	remove_dir(dir);
}
END_TEST

/* The folder above it is the user's: a link there must not make root give away what it leads to. */
START_TEST(a_link_in_the_place_of_the_run_folder_is_refused_and_not_followed)
{
	char dir[] = "/tmp/nurture-lock-XXXXXX", other[] = "/tmp/nurture-other-XXXXXX", run[64];
	struct stat st;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_ptr_nonnull(mkdtemp(other));
	snprintf(run, sizeof run, "%s/run", dir);
	ck_assert_int_eq(symlink(other, run), 0);
	struct config *config = config_at(dir);
	ck_assert_int_eq(lock_prepare(config, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.message, "nor may it be a link"));
	ck_assert_int_eq(stat(other, &st), 0);
	ck_assert_uint_eq(st.st_uid, geteuid());
	config_free(config);
	remove_dir(dir);
	remove_dir(other);
}
END_TEST

START_TEST(a_worker_reads_the_configuration_of_its_generation)
{
	struct snapshot_read read;
	int fd = -1;
	const char *text = "data_dir = \"/tmp/a\" postal_address = \"Straße 1\" channel \"email\" { plugin = \"email\" }";
	struct config *config = config_parse("my.conf", str_of(text), &error);
	((struct config_channel *)&config->channels[0])->says = json_pack("{s:s}", "kind", "email");
	config->watch = true;
	config_override(config, "plugin_dir", "/opt/plugins");
	struct snapshot snapshot = {.config = config, .text = text, .conninfo = "host=/x", .public_url = "http://127.0.0.1:9", .time_scale = 86400, .node = {"token", "before", "127.0.0.1:1", 5, ""}, .generation = 3};
	ck_assert_int_eq(snapshot_write(&snapshot, &fd, &error), 0);
	ck_assert_int_lt(write(fd, "x", 1), 0); /* sealed */
	ck_assert_msg(snapshot_read(fd, &read, &error) == 0, "%s", error.message);
	ck_assert_str_eq(read.config->path, "my.conf");
	ck_assert_str_eq(read.config->data_dir, "/tmp/a");
	ck_assert_str_eq(read.config->plugin_dir, "/opt/plugins");
	ck_assert_str_eq(read.config->public_url, "http://127.0.0.1:9");
	ck_assert_str_eq(read.config->postal_address, "Straße 1");
	ck_assert(read.config->watch);
	ck_assert_str_eq(json_string_value(json_object_get(read.config->channels[0].says, "kind")), "email");
	ck_assert_str_eq(read.conninfo, "host=/x");
	ck_assert_double_eq(read.time_scale, 86400);
	ck_assert_int_eq(read.generation, 3);
	ck_assert_str_eq(read.node_token, "token");
	ck_assert_str_eq(read.node_before, "before");
	ck_assert_int_eq(read.started_at, 5);
	snapshot_fini(&read);
	config_free(config);
	close(fd);
}
END_TEST

START_TEST(a_note_names_the_lead_whose_turn_it_was)
{
	char note[WORKER_NOTE] = "lead 4711 revision abc";
	ck_assert_int_eq(board_note_lead(note), 4711);
	snprintf(note, sizeof note, "touch 12");
	ck_assert_int_eq(board_note_lead(note), 0);
	snprintf(note, sizeof note, "misleads 12");
	ck_assert_int_eq(board_note_lead(note), 0);
	memset(note, 'x', sizeof note); /* a worker that wrote over its end */
	ck_assert_int_eq(board_note_lead(note), 0);
}
END_TEST

START_TEST(the_board_is_seen_by_whoever_opens_it)
{
	int fd = -1;
	struct board *mine = board_new(&fd, &error), *theirs = board_open(fd);
	ck_assert_ptr_nonnull(mine);
	ck_assert_ptr_nonnull(theirs);
	atomic_store(&theirs->slots[5].beat, 77);
	ck_assert_int_eq(atomic_load(&mine->slots[5].beat), 77);
	close(fd);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_second_server_on_the_same_data_is_told_who_has_it),
	UNIT(a_link_in_the_place_of_the_run_folder_is_refused_and_not_followed),
	UNIT(a_worker_reads_the_configuration_of_its_generation),
	UNIT(a_note_names_the_lead_whose_turn_it_was),
	UNIT(the_board_is_seen_by_whoever_opens_it),
};
UNIT_MAIN("server", cases)
