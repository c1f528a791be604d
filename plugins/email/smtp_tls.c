/* TLS set-up: see smtp_tls.h. `tls = "require"` is the one policy that verifies: then the chain and the host's name must
 * hold, or the handshake fails. Never reads or writes a socket. */
#include "smtp_tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

SSL_CTX *smtp_tls_new(const struct server *server, char *why, size_t max)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	if (!context)
		g_error("OpenSSL cannot make a context");
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(context, server->tls == TLS_REQUIRE ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	int read = server->tls_ca ? SSL_CTX_load_verify_locations(context, server->tls_ca, NULL)
				    : SSL_CTX_set_default_verify_paths(context);
	if (read == 1)
		return context;
	snprintf(why, max, "tls_ca: %s holds no certificates", server->tls_ca ? server->tls_ca : "the system's store");
	SSL_CTX_free(context);
	return NULL;
}

static bool is_numeric(const char *host)
{
	unsigned char binary[16];
	return inet_pton(AF_INET, host, binary) == 1 || inet_pton(AF_INET6, host, binary) == 1;
}

SSL *smtp_tls_client(SSL_CTX *context, const struct server *server)
{
	SSL *ssl = SSL_new(context);
	if (!ssl)
		return NULL;
	if (is_numeric(server->host)) {
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), server->host);
	} else {
		SSL_set1_host(ssl, server->host);
		SSL_set_tlsext_host_name(ssl, server->host);
	}
	return ssl;
}

void smtp_tls_say(SSL *ssl, unsigned long error, char *out, size_t max)
{
	bool verifies = ssl && SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE;
	long verified = verifies ? SSL_get_verify_result(ssl) : X509_V_OK;
	if (verified != X509_V_OK)
		snprintf(out, max, "TLS: the certificate does not verify: %s", X509_verify_cert_error_string(verified));
	else if (error)
		snprintf(out, max, "TLS: %s", ERR_reason_error_string(error) ? ERR_reason_error_string(error) : "failed");
	else
		snprintf(out, max, "TLS: the handshake failed");
}
