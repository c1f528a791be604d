/* A password from whoever runs a command: typed without being shown, or a line of standard input. Never an argument, which every user of the machine sees. */
#ifndef NURTURE_CLI_SECRET_H
#define NURTURE_CLI_SECRET_H

#include "base/password.h"

/* Asks for the new password of `name` and gives its hash; -1 after it said what is wrong. */
int cli_ask_password(const char *name, char hash[PASSWORD_HASH]) MUST_USE;

#endif
