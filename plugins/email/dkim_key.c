/* Keys of DKIM: read, made, and told to the DNS. Called by settings_dkim.c and command.c; may block. */
#include "dkim.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BITS_LEAST = 2048, BITS_MOST = 4096, ED25519_KEY = 32 };

static int refuse(char why[256], const char *path, const char *what)
{
	snprintf(why, 256, "%.150s %s", path, what);
	return -1;
}

static int check_key(EVP_PKEY *key, const char *path, char why[256])
{
	int type = EVP_PKEY_base_id(key);
	if (type == EVP_PKEY_ED25519)
		return 0;
	if (type != EVP_PKEY_RSA)
		return refuse(why, path, "holds neither an RSA nor an Ed25519 key");
	if (EVP_PKEY_bits(key) < BITS_LEAST || EVP_PKEY_bits(key) > BITS_MOST)
		return refuse(why, path, "holds an RSA key that is not of 2048 to 4096 bits");
	return 0;
}

static int check_file(int fd, const char *path, char why[256])
{
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return refuse(why, path, "is no plain file");
	if (st.st_mode & (S_IRWXO | S_IWGRP))
		return refuse(why, path, "may be read or changed by others: chmod 600 it");
	return 0;
}

int dkim_key_read(const char *path, EVP_PKEY **out, char why[256])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = -1;
	*out = NULL;
	if (fd < 0 && errno == EACCES)
		return 1;
	if (fd < 0)
		return refuse(why, path, "cannot be read: nurture email dkim-key --new FILE makes one");
	FILE *file = check_file(fd, path, why) ? NULL : fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -1;
	}
	*out = PEM_read_PrivateKey(file, NULL, NULL, (void *)(uintptr_t)""); /* a key with a passphrase is none */
	if (!*out)
		refuse(why, path, "holds no private key (PEM, without a passphrase)");
	else
		result = check_key(*out, path, why);
	if (result) {
		EVP_PKEY_free(*out);
		*out = NULL;
	}
	fclose(file);
	return result;
}

int dkim_key_make(const char *path, bool ed25519, EVP_PKEY **out, char why[256])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		snprintf(why, 256, "%.120s: %.60s. %s", path, strerror(errno), errno == EEXIST ? "A key is never overwritten: choose another name"
											       : "The user that serves must be able to write there");
		return -1;
	}
	*out = ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_RSA_gen(BITS_LEAST);
	bool good = *out && PEM_write_PrivateKey(file, *out, NULL, NULL, 0, NULL, NULL) == 1 && fflush(file) == 0 && fsync(fd) == 0;
	fclose(file);
	if (good)
		return 0;
	unlink(path);
	EVP_PKEY_free(*out);
	*out = NULL;
	return refuse(why, path, "could not be written");
}

char *dkim_record(EVP_PKEY *key)
{
	unsigned char raw[ED25519_KEY], *der = NULL;
	size_t n = sizeof raw;
	bool ed25519 = EVP_PKEY_base_id(key) == EVP_PKEY_ED25519;
	int length = ed25519 ? 0 : i2d_PUBKEY(key, &der); /* RSA: the SubjectPublicKeyInfo, as all verifiers take it */
	if (ed25519 && EVP_PKEY_get_raw_public_key(key, raw, &n) != 1)
		return NULL;
	if (!ed25519 && length <= 0)
		return NULL;
	char *base64 = ed25519 ? g_base64_encode(raw, n) : g_base64_encode(der, (gsize)length);
	char *record = g_strdup_printf("v=DKIM1; k=%s; p=%s", ed25519 ? "ed25519" : "rsa", base64);
	g_free(base64);
	OPENSSL_free(der);
	return record;
}

void dkim_fini(struct dkim *dkim)
{
	for (size_t i = 0; i < dkim->count; i++) {
		g_free(dkim->keys[i].domain);
		g_free(dkim->keys[i].selector);
		EVP_PKEY_free(dkim->keys[i].key);
	}
	dkim->count = 0;
}
