/* What the module phone.so has: libphonenumber behind a C function. It is a module of its own, so that only an engine that meets a number without its
 * country code pays for the library (3 MB). */
#ifndef NURTURE_ENGINE_E164_H
#define NURTURE_ENGINE_E164_H

#ifdef __cplusplus
extern "C" {
#endif

enum { E164_MAX = 17 };
typedef int e164_fn(const char *text, const char *country, char out[E164_MAX]);
/* A number as it is dialled within `country` (two letters, ISO 3166) in E.164's spelling; 0, or -1 when it cannot be one there or has an extension. */
__attribute__((visibility("default"))) e164_fn nurture_e164;

#ifdef __cplusplus
}
#endif

#endif
