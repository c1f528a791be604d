/* Routes: one function a row of plugin.c's table. */
#ifndef DIRECTMAIL_ROUTES_H
#define DIRECTMAIL_ROUTES_H

#include <nurture/plugin.h>

void route_jobs(void *self, const struct nurture_request *request);
void route_job(void *self, const struct nurture_request *request);
void route_cut(void *self, const struct nurture_request *request);
void route_release(void *self, const struct nurture_request *request);
void route_cancel(void *self, const struct nurture_request *request);
void route_sample(void *self, const struct nurture_request *request);
void route_acknowledge(void *self, const struct nurture_request *request);
void route_returns(void *self, const struct nurture_request *request);
void route_lists(void *self, const struct nurture_request *request);
void route_list_put(void *self, const struct nurture_request *request);
void route_list_drop(void *self, const struct nurture_request *request);

#endif
