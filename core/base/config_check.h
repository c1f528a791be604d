/* What single options may say, and what of them is secret: for config.c. */
#ifndef NURTURE_BASE_CONFIG_CHECK_H
#define NURTURE_BASE_CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* false: `why` continues a sentence that begins with the option's name. */
typedef bool config_check_fn(const char *text, char *why, size_t room);
config_check_fn config_check_listen, config_check_url, config_check_network, config_check_database, config_check_level;
bool config_is_name(const char *text); /* small letters, digits, hyphens; at most 60 */

bool config_is_secret_key(const char *key); /* password, secret, token … */
/* A copy (caller frees) in which every one of `secrets`, the password of a URL and password=… are "***". */
char *config_mask(const char *text, const char *const *secrets, size_t count);

#endif
