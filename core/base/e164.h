/* What the module phone.so has: libphonenumber behind C functions. It is a module of its own, so that only a process that meets a telephone number pays for
 * the library (3 MB). */
#ifndef NURTURE_BASE_E164_H
#define NURTURE_BASE_E164_H

#ifdef __cplusplus
extern "C" {
#endif

enum { E164_MAX = 17 };
typedef int e164_fn(const char *text, const char *country, char out[E164_MAX]);
/* A number as it is dialled within `country` (two letters, ISO 3166) in E.164's spelling; 0, or -1 when it cannot be one there or has an extension. */
__attribute__((visibility("default"))) e164_fn nurture_e164;

typedef int e164_possible_fn(const char *number);
/* 1 when a number in E.164's spelling has a country code that exists and a length that a whole number of that country may have; else 0. */
__attribute__((visibility("default"))) e164_possible_fn nurture_e164_possible;

typedef int e164_country_fn(const char *number, char out[3]);
/* The country in which a number in E.164's spelling rings, by its code and area; 0, or -1 when it is of none (+800 …). */
__attribute__((visibility("default"))) e164_country_fn nurture_e164_country;

#ifdef __cplusplus
}
#endif

#endif
