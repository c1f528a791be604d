/* Networks from which no person reads: servers of mail gateways, which follow links before the reader does, and proxies, which fetch pictures for
 * readers, or without them. Ours (lists/) and those of files that the admin names. Read when a worker starts; asked for every open and click. */
#ifndef NURTURE_WEB_NETWORKS_H
#define NURTURE_WEB_NETWORKS_H

#include "base/config.h"
#include "base/error.h"
#include "http/http.h"

enum network_use {
	NETWORK_PERSON,  /* not known, or excepted */
	NETWORK_PROXY,   /* its pictures say nothing; who follows a link through it may be a person */
	NETWORK_MACHINE, /* nothing that comes from there is a person's */
};

struct web_networks;
/* Ours, and those of config->machine_networks and config->proxy_networks. A line is a network or an address; what stands behind a blank or a comma
 * is not read (so lists in CSV are taken as they are published), nor lines that are empty or begin with #. A network behind "!" is an exception from
 * all the lists. NULL with error where a file cannot be read, or a line of it is no network (error.where: PATH:LINE). */
struct web_networks *web_networks_new(const struct config *config, struct error *error) MUST_USE;
void web_networks_free(struct web_networks *networks); /* takes NULL */
/* As the narrowest network says that holds the address; of equal ones the exception, then the machine. */
enum network_use web_networks_use(const struct web_networks *networks, const struct http_address *address);

#endif
