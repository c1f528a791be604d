/* The plugin's own commands (nurture_channel.command): `nurture email dkim-key`, `nurture email check-domain`. In a process of their own: they may block. */
#ifndef NURTURE_EMAIL_COMMAND_H
#define NURTURE_EMAIL_COMMAND_H

#include "settings.h"

int email_command(const json_t *settings, const char *data_dir, size_t count, const char *const *words, nurture_write_fn *write, void *arg,
		  struct nurture_problem *problem);

/* domain.c: looks SPF, DKIM and DMARC of a domain up and says what is missing, into out. domain NULL = of `from`. server: "ADDRESS[:PORT]" of a DNS server, NULL = the machine's.
 * 0 = all is well, 1 = something is not. -1: *problem. */
int domain_check(const struct settings *settings, const char *domain, const char *server, GString *out, struct nurture_problem *problem);
/* "SELECTOR._domainkey.DOMAIN. IN TXT ( "…" )": texts of at most 255 bytes each. */
void command_append_record(GString *out, const char *name, const char *text);

#endif
