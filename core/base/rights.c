/* Users, capabilities, no_new_privs (capabilities(7), prctl(2)). capset(2) is called as it is: what libcap adds is not needed here. */
#include "base/rights.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int rights_user(const char *user, uid_t *uid, gid_t *gid, struct error *error)
{
	struct passwd *entry = getpwnam(user);
	if (!entry)
		return error_set(error, ERROR_NOT_FOUND, "user",
				 "there is no system user \"%s\". Make it (useradd --system --user-group --home-dir /var/lib/nurture %s), or name another with user = \"…\".",
				 user, user);
	if (entry->pw_uid == 0)
		return error_set(error, ERROR_INVALID, "user", "workers and PostgreSQL must not run as root: name another user with user = \"…\".");
	*uid = entry->pw_uid;
	*gid = entry->pw_gid;
	return 0;
}

static int become(const char *user, struct error *error)
{
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	if (rights_user(user, &uid, &gid, error))
		return -1;
	for (int capability = 0; capability < 64; capability++)
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) && errno != EINVAL && errno != EPERM) /* not known; a container that may not */
			return error_errno(error, "user", "cannot give up a capability");
	if (initgroups(user, gid) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return error_errno(error, "user", "cannot become %s", user);
	if (setuid(0) == 0)
		return error_set(error, ERROR_SYSTEM, "user", "root could not be given up.");
	return 0;
}

int rights_drop(const char *user, struct error *error)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
	if (geteuid() == 0 && become(user, error))
		return -1;
	/* What systemd or a parent may have left us (AmbientCapabilities=CAP_NET_BIND_SERVICE) was for the master. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) && errno != EINVAL)
		return error_errno(error, "user", "cannot give up ambient capabilities");
	if (syscall(SYS_capset, &header, none))
		return error_errno(error, "user", "cannot give up capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_errno(error, "user", "cannot give up new rights");
	return 0;
}

void rights_close(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
