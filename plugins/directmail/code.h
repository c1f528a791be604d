/* The code of a letter as the server prints it: "K7M2-QX9P-4TNB-8FJD", from what somebody typed or a scanner read. */
#ifndef DIRECTMAIL_CODE_H
#define DIRECTMAIL_CODE_H

#include <stdbool.h>

enum { CODE_TEXT = 20 };

/* Small letters, O for 0, I and L for 1, blanks, hyphens and dots anywhere. false: it has not the form of a code, and out is "". */
bool code_read(const char *typed, char out[CODE_TEXT]);

#endif
