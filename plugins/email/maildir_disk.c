/* Files of a Maildir: see maildir.h. Runs on the writer thread of maildir.c; touches no letter and no loop. */
#include "maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum folder { ROOT, TMP, NEW, CUR, FOLDERS };
static const char *const folder_names[FOLDERS] = {".", "tmp", "new", "cur"};

enum { LEFTOVER_SECONDS = 3600 }; /* of our own names only; no delivery lives so long */

struct maildir_disk {
	char *path;
	int folders[FOLDERS];  /* descriptors, -1 while not open */
	GHashTable *read;      /* our names in cur/, without what mail readers append */
	struct timespec read_at; /* cur/'s mtime when they were listed; tv_sec 0 = never */
	uint64_t salt;         /* makes names in tmp/ this process's own */
	uint64_t count;
};

struct maildir_disk *maildir_disk_new(const char *path)
{
	struct maildir_disk *disk = g_new0(struct maildir_disk, 1);
	disk->path = g_strdup(path);
	disk->read = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (getrandom(&disk->salt, sizeof disk->salt, 0) != (ssize_t)sizeof disk->salt)
		g_error("getrandom failed");
	for (int i = 0; i < FOLDERS; i++)
		disk->folders[i] = -1;
	return disk;
}

static void close_folders(struct maildir_disk *disk)
{
	for (int i = 0; i < FOLDERS; i++) {
		if (disk->folders[i] >= 0)
			close(disk->folders[i]);
		disk->folders[i] = -1;
	}
	disk->read_at.tv_sec = 0;
}

void maildir_disk_free(struct maildir_disk *disk)
{
	if (!disk)
		return;
	close_folders(disk);
	g_hash_table_destroy(disk->read);
	g_free(disk->path);
	g_free(disk);
}

void maildir_name(char name[MAILDIR_NAME], int64_t touch_id)
{
	snprintf(name, MAILDIR_NAME, "touch-%" PRId64 ".nurture", touch_id);
}

/* Fills why; the folders are opened anew next time, as they may have been replaced. */
static enum maildir_result failed(struct maildir_disk *disk, char why[MAILDIR_WHY], const char *what)
{
	int code = errno;
	snprintf(why, MAILDIR_WHY, "outbox %s: %s: %s", disk->path, what, strerror(code));
	close_folders(disk);
	return MAILDIR_FAILED;
}

/* Removes what crashed writers left in tmp/ long ago. */
static void sweep_leftovers(int tmp)
{
	DIR *dir = fdopendir(openat(tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	time_t now = time(NULL);
	struct stat st;
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (!strncmp(entry->d_name, "touch-", 6) && !fstatat(tmp, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) &&
		    now - st.st_mtime > LEFTOVER_SECONDS)
			unlinkat(tmp, entry->d_name, 0);
	closedir(dir);
}

static bool open_folders(struct maildir_disk *disk)
{
	if (disk->folders[CUR] >= 0)
		return true;
	if (g_mkdir_with_parents(disk->path, 0700))
		return false;
	disk->folders[ROOT] = open(disk->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (disk->folders[ROOT] < 0)
		return false;
	for (int i = TMP; i < FOLDERS; i++) {
		if (mkdirat(disk->folders[ROOT], folder_names[i], 0700) && errno != EEXIST)
			return false;
		disk->folders[i] = openat(disk->folders[ROOT], folder_names[i],
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (disk->folders[i] < 0)
			return false;
	}
	sweep_leftovers(disk->folders[TMP]);
	return fsync(disk->folders[ROOT]) == 0;
}

bool maildir_look(const char *path, char why[MAILDIR_WHY])
{
	struct maildir_disk *disk = maildir_disk_new(path);
	struct maildir_mail probe = {.fd = -1};
	maildir_name(probe.name, 0);
	snprintf(probe.tmp, sizeof probe.tmp, "%.40s.%08x", probe.name, (unsigned)disk->salt);
	bool open = open_folders(disk);
	if (open)
		probe.fd = openat(disk->folders[TMP], probe.tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool works = probe.fd >= 0 && !faccessat(disk->folders[NEW], ".", W_OK | X_OK, AT_EACCESS);
	int code = errno;
	maildir_drop(disk, &probe);
	errno = code;
	if (!works)
		failed(disk, why, open ? "cannot be written" : "cannot be opened");
	maildir_disk_free(disk);
	return works;
}

/* Lists our names in cur/, when cur/ has changed since (or so lately that its mtime would not show it). */
static bool list_read(struct maildir_disk *disk)
{
	struct stat st;
	if (fstat(disk->folders[CUR], &st))
		return false;
	if (disk->read_at.tv_sec && st.st_mtim.tv_sec == disk->read_at.tv_sec &&
	    st.st_mtim.tv_nsec == disk->read_at.tv_nsec)
		return true;
	int fd = openat(disk->folders[CUR], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return false;
	g_hash_table_remove_all(disk->read);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (!strncmp(entry->d_name, "touch-", 6))
			g_hash_table_add(disk->read, g_strndup(entry->d_name, strcspn(entry->d_name, ":")));
	closedir(dir);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	disk->read_at = st.st_mtim;
	if (now.tv_sec - st.st_mtim.tv_sec < 2)
		disk->read_at.tv_sec = 0;
	return true;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t wrote = write(fd, bytes, n);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return false;
		bytes += wrote;
		n -= (size_t)wrote;
	}
	return true;
}

enum maildir_result maildir_write(struct maildir_disk *disk, struct maildir_mail *mail, const GString *message)
{
	struct stat st;
	mail->fd = -1;
	mail->tmp[0] = '\0';
	if (!open_folders(disk) || !list_read(disk))
		return failed(disk, mail->why, "cannot be opened");
	if (!fstatat(disk->folders[NEW], mail->name, &st, AT_SYMLINK_NOFOLLOW) ||
	    g_hash_table_contains(disk->read, mail->name))
		return MAILDIR_THERE;
	snprintf(mail->tmp, sizeof mail->tmp, "%.40s.%08x%x", mail->name, (unsigned)disk->salt, (unsigned)disk->count++);
	mail->fd = openat(disk->folders[TMP], mail->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (mail->fd < 0) {
		mail->tmp[0] = '\0';
		return failed(disk, mail->why, "cannot be written");
	}
	if (!write_all(mail->fd, message->str, message->len)) {
		int code = errno;
		maildir_drop(disk, mail);
		errno = code;
		return failed(disk, mail->why, "cannot be written");
	}
	sync_file_range(mail->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* only a hint: fsync follows */
	return MAILDIR_DONE;
}

enum maildir_result maildir_sync(struct maildir_disk *disk, struct maildir_mail *mail)
{
	bool synced = fsync(mail->fd) == 0;
	int code = errno;
	bool closed = close(mail->fd) == 0;
	mail->fd = -1;
	if (synced && closed)
		return MAILDIR_DONE;
	errno = synced ? errno : code;
	code = errno;
	maildir_drop(disk, mail);
	errno = code;
	return failed(disk, mail->why, "cannot be made durable");
}

/* rename(2) that never replaces, also where the file system knows no such flag. */
static int rename_new(int from, const char *old, int to, const char *name)
{
	if (!renameat2(from, old, to, name, RENAME_NOREPLACE))
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(from, old, to, name, 0))
		return -1;
	unlinkat(from, old, 0);
	return 0;
}

enum maildir_result maildir_move(struct maildir_disk *disk, struct maildir_mail *mail)
{
	if (!mail->tmp[0])
		return MAILDIR_THERE; /* maildir_write found it */
	if (!open_folders(disk))
		return failed(disk, mail->why, "cannot be opened");
	if (!rename_new(disk->folders[TMP], mail->tmp, disk->folders[NEW], mail->name)) {
		mail->tmp[0] = '\0';
		return MAILDIR_DONE;
	}
	int code = errno;
	maildir_drop(disk, mail);
	errno = code;
	return code == EEXIST ? MAILDIR_THERE : failed(disk, mail->why, "cannot be written");
}

enum maildir_result maildir_settle(struct maildir_disk *disk, char why[MAILDIR_WHY])
{
	if (disk->folders[NEW] >= 0 && !fsync(disk->folders[NEW]))
		return MAILDIR_DONE;
	failed(disk, why, "cannot be made durable");
	return MAILDIR_DOUBT;
}

void maildir_drop(struct maildir_disk *disk, struct maildir_mail *mail)
{
	if (mail->fd >= 0)
		close(mail->fd);
	mail->fd = -1;
	if (mail->tmp[0] && disk->folders[TMP] >= 0)
		unlinkat(disk->folders[TMP], mail->tmp, 0);
	mail->tmp[0] = '\0';
}
