/* The version of the contract, and how a struct that grows is read: part of nurture/plugin.h. */
#ifndef NURTURE_ABI_H
#define NURTURE_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define NURTURE_PLUGIN_ABI 1

#define NURTURE_HAS(s, field) (offsetof(__typeof__(*(s)), field) + sizeof((s)->field) <= (s)->size)

#endif
