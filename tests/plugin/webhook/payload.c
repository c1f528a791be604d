/* What is posted, and its signature. Texts come from leads: jansson takes care that they stay texts. */
#include "webhook.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *fields_of(const struct nurture_touch *touch)
{
	json_t *fields = json_object();
	for (size_t i = 0; fields && i < touch->field_count; i++)
		if (json_object_set_new(fields, touch->fields[i].name, json_stringn(touch->fields[i].value, touch->fields[i].length))) {
			json_decref(fields);
			return NULL;
		}
	return fields;
}

char *payload_new(const struct nurture_touch *touch, size_t *length, const char **why)
{
	json_t *fields = fields_of(touch);
	*why = "a text of this touch is not UTF-8";
	if (!fields)
		return NULL;
	json_t *object = json_pack("{s:I, s:I, s:i, s:s, s:s, s:s?, s:s?, s:s, s:s, s:s, s:s?, s:s?, s:I, s:o}", "touch_id", (json_int_t)touch->touch_id,
				   "lead_id", (json_int_t)touch->lead_id, "attempt", (int)touch->attempt, "kind", touch->kind, "template",
				   touch->template_name, "campaign", touch->campaign, "step", touch->step, "address", touch->address, "name",
				   touch->name, "purpose", touch->purpose, "unsubscribe_url", touch->unsubscribe_url, "postal_address",
				   touch->postal_address, "expires_at", (json_int_t)touch->expires_at, "fields", fields);
	char *text = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(object);
	*length = text ? strlen(text) : 0; /* jansson writes a NUL in a text as \u0000 */
	return text;
}

void payload_sign(const char *secret, int64_t seconds, const char *body, size_t length, char out[128])
{
	char stamp[32];
	unsigned char sum[EVP_MAX_MD_SIZE];
	size_t n = sizeof sum;
	int stamp_length = snprintf(stamp, sizeof stamp, "%" PRId64 ".", seconds);
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, (const unsigned char *)secret, strlen(secret));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (!key || !context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
	    EVP_DigestSignUpdate(context, stamp, (size_t)stamp_length) != 1 || EVP_DigestSignUpdate(context, body, length) != 1 ||
	    EVP_DigestSignFinal(context, sum, &n) != 1)
		abort(); /* out of memory: SHA-256 has no other reason to fail */
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	int at = snprintf(out, 128, "t=%" PRId64 ",v1=", seconds);
	for (size_t i = 0; i < n; i++)
		at += snprintf(out + at, 128 - (size_t)at, "%02x", sum[i]);
}
