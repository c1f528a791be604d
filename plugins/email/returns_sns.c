/* The signature of Amazon SNS: see returns_sns.h. */
#include "returns_sns.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum { OLD = 3600 /* seconds: SNS signs anew when it tells again for longer */, AHEAD = 900 };

static const char *const notice_keys[] = {"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", NULL};
static const char *const confirm_keys[] = {"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type", NULL};

/* A region: eu-west-1, us-gov-east-1; not "s3-eu-west-1", where anybody may have a bucket called sns. */
static bool is_region(const char *p, size_t n)
{
	size_t i = 0, digits = 0;
	while (i < n && (g_ascii_islower(p[i]) || (p[i] == '-' && i >= 2)))
		i++;
	while (i + digits < n && g_ascii_isdigit(p[i + digits]))
		digits++;
	return i >= 5 && n <= 40 && p[2] == '-' && p[i - 1] == '-' && digits && digits <= 2 && i + digits == n;
}

bool sns_url_is_ours(const char *url, const char *host)
{
	if (strncmp(url, "https://", 8) != 0)
		return false;
	const char *at = url + 8;
	size_t n = strcspn(at, "/");
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7F || *p == '\\')
			return false;
	if (host)
		return strlen(host) == n && !strncmp(at, host, n) && at[n] == '/';
	if (at[n] != '/' || n < 4 || strncmp(at, "sns.", 4) != 0)
		return false;
	static const char *const ends[] = {".amazonaws.com", ".amazonaws.com.cn"};
	for (size_t i = 0; i < 2; i++) {
		size_t end = strlen(ends[i]);
		if (n > 4 + end && !strncmp(at + n - end, ends[i], end) && is_region(at + 4, n - 4 - end))
			return true;
	}
	return false;
}

static const char *text(const json_t *notice, const char *key)
{
	return json_string_value(json_object_get(notice, key));
}

/* NULL: something that is signed is missing. */
static GString *signed_text(const json_t *notice, bool confirm)
{
	GString *out = g_string_new(NULL);
	const char *const *keys = confirm ? confirm_keys : notice_keys;
	for (size_t i = 0; keys[i]; i++) {
		const char *value = text(notice, keys[i]);
		if (!value && !strcmp(keys[i], "Subject"))
			continue;
		if (!value) {
			g_string_free(out, TRUE);
			return NULL;
		}
		g_string_append_printf(out, "%s\n%s\n", keys[i], value);
	}
	return out;
}

static bool is_valid_at(X509 *certificate, int64_t now)
{
	time_t at = (time_t)now;
	return X509_cmp_time(X509_get0_notBefore(certificate), &at) < 0 && X509_cmp_time(X509_get0_notAfter(certificate), &at) > 0;
}

static bool verifies(const GString *said, const char *signature, const EVP_MD *hash, const struct provider_proof *proof, int64_t now)
{
	gsize n = 0;
	guchar *bytes = g_base64_decode(signature, &n);
	BIO *bio = BIO_new_mem_buf(proof->fetched, (int)proof->fetched_length);
	X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	EVP_PKEY *key = certificate ? X509_get0_pubkey(certificate) : NULL;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = key && EVP_PKEY_base_id(key) == EVP_PKEY_RSA && is_valid_at(certificate, now) && context &&
		    EVP_DigestVerifyInit(context, NULL, hash, NULL, key) == 1 &&
		    EVP_DigestVerify(context, bytes, n, (const unsigned char *)said->str, said->len) == 1;
	EVP_MD_CTX_free(context);
	X509_free(certificate);
	BIO_free(bio);
	g_free(bytes);
	return good;
}

static bool is_of_now(const char *timestamp, int64_t now)
{
	GDateTime *at = g_date_time_new_from_iso8601(timestamp, NULL);
	int64_t seconds = at ? g_date_time_to_unix(at) : 0;
	if (at)
		g_date_time_unref(at);
	return at && seconds > now - OLD && seconds < now + AHEAD;
}

static enum proof bad(struct provider_proof *proof, const char *why)
{
	proof->why = why;
	return PROOF_BAD;
}

/* What can be seen without the certificate goes first: nothing is fetched for a stranger's topic. */
static enum proof prove(const struct returns_settings *s, const json_t *notice, int64_t now, struct provider_proof *proof)
{
	const char *type = text(notice, "Type"), *topic = text(notice, "TopicArn"), *version = text(notice, "SignatureVersion");
	const char *url = text(notice, "SigningCertURL"), *signature = text(notice, "Signature"), *timestamp = text(notice, "Timestamp");
	const char *subscribe = text(notice, "SubscribeURL");
	if (!type || !topic || !version || !url || !signature || !timestamp)
		return bad(proof, "it is no notice of SNS");
	bool confirm = !strcmp(type, "SubscriptionConfirmation");
	if (!confirm && strcmp(type, "Notification") != 0)
		return bad(proof, "it is of a kind that is not taken");
	if (strcmp(topic, s->ses_topic) != 0)
		return bad(proof, "it is of another topic");
	if (!is_of_now(timestamp, now))
		return bad(proof, "it is too old");
	if ((strcmp(version, "1") != 0 && strcmp(version, "2") != 0) || !sns_url_is_ours(url, s->ses_host) || !g_str_has_suffix(url, ".pem") || strpbrk(url, "?#") ||
	    strlen(url) >= sizeof proof->url)
		return bad(proof, "its certificate is not Amazon's");
	if (confirm && (!subscribe || !sns_url_is_ours(subscribe, s->ses_host) || strlen(subscribe) >= sizeof proof->url))
		return bad(proof, "it wants a confirmation elsewhere than at Amazon");
	if (!proof->fetched) {
		g_strlcpy(proof->url, url, sizeof proof->url);
		return PROOF_FETCH;
	}
	GString *said = signed_text(notice, confirm);
	bool good = said && verifies(said, signature, *version == '2' ? EVP_sha256() : EVP_sha1(), proof, now);
	if (said)
		g_string_free(said, TRUE);
	if (!good)
		return bad(proof, "its signature is wrong");
	proof->confirm = confirm;
	if (confirm)
		g_strlcpy(proof->url, subscribe, sizeof proof->url);
	return PROOF_GOOD;
}

enum proof sns_prove(const struct returns_settings *s, const char *body, size_t length, int64_t now, struct provider_proof *proof)
{
	json_t *notice = json_loadb(body, length, JSON_REJECT_DUPLICATES, NULL);
	enum proof result = json_is_object(notice) ? prove(s, notice, now, proof) : bad(proof, "it is no notice of SNS");
	json_decref(notice);
	return result;
}
