/* The command line (DESIGN section 7): finds the command and runs it. */
#ifndef NURTURE_CLI_CLI_H
#define NURTURE_CLI_CLI_H

int cli_main(int argc, char **argv); /* exit status: 0 done, 1 failed, 2 wrong usage */

#endif
