/* The environment that children get: only what programs need to run at all. What env() of nurture.conf read goes to workers with the
 * configuration, never this way, so that no secret stands in /proc/PID/environ of a process that holds a plugin. */
#ifndef NURTURE_BASE_ENVIRONMENT_H
#define NURTURE_BASE_ENVIRONMENT_H

/* In a forked child, before it runs a program or loads a plugin: takes all else out of its environment, and out of the memory that the kernel
 * shows as such. */
void environment_reduce(void);

#endif
