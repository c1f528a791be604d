/* A new password: on a terminal asked for twice and not shown, else the first line of standard input. Wiped when its hash is made. */
#include "cli/secret.h"

#include "cli/command.h"

#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { LINE = PASSWORD_MOST + 3 };

/* One line without its end; -1 when there is none, or it is longer than a password may be. */
static int read_line(char line[LINE])
{
	if (!fgets(line, LINE, stdin))
		return -1;
	size_t n = strlen(line);
	bool whole = n && line[n - 1] == '\n';
	while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		line[--n] = '\0';
	return whole || feof(stdin) ? 0 : -1;
}

static int type_in(const char *what, char line[LINE])
{
	struct termios shown, hidden;
	if (tcgetattr(STDIN_FILENO, &shown))
		return -1;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "%s: ", what);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden))
		return -1;
	int got = read_line(line);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return got;
}

static int ask(char line[LINE], char again[LINE])
{
	if (!isatty(STDIN_FILENO))
		return read_line(line) ? cli_refuse("no password came on standard input: one line of at most %d bytes.", PASSWORD_MOST) : CLI_DONE;
	if (type_in("New password", line) || type_in("Once more", again))
		return cli_refuse("no password was typed.");
	return strcmp(line, again) == 0 ? CLI_DONE : cli_refuse("the two were not the same.");
}

int cli_ask_password(const char *name, char hash[PASSWORD_HASH])
{
	char line[LINE] = "", again[LINE] = "";
	struct error error = {0};
	int status = ask(line, again);
	if (status == CLI_DONE && password_check(str_of(line), name, &error))
		status = cli_fail(&error);
	if (status == CLI_DONE && password_hash(str_of(line), hash))
		status = cli_refuse("there is no memory for it: 64 MiB are needed.");
	sodium_memzero(line, sizeof line);
	sodium_memzero(again, sizeof again);
	return status == CLI_DONE ? 0 : -1;
}
