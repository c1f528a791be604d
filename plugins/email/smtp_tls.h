/* TLS for the SMTP relay: one context a pool, one SSL a session. */
#ifndef NURTURE_EMAIL_SMTP_TLS_H
#define NURTURE_EMAIL_SMTP_TLS_H

#include "settings.h"

#include <openssl/ssl.h>
#include <stddef.h>

/* NULL with why[] if the trusted certificates cannot be read. */
SSL_CTX *smtp_tls_new(const struct server *server, char *why, size_t max);
/* A client's SSL that will verify the host's name where the settings require it; NULL when out of memory. */
SSL *smtp_tls_client(SSL_CTX *context, const struct server *server);
/* Why a handshake failed: the certificate's fault first, else OpenSSL's error code. */
void smtp_tls_say(SSL *ssl, unsigned long error, char *out, size_t max);

#endif
