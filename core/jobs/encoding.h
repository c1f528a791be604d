/* How the letters of a file are written: told from its bytes, or named by the map; and turned into UTF-8 for the CSV reader.
 *
 * Told so: a byte order mark; else UTF-16 where every other byte is zero in the main; else UTF-8 unless more bytes are wrong in it than letters
 * right (a file that is UTF-8 elsewhere means UTF-8: its wrong bytes cost their rows); else Windows-1252. Windows-1250 and -1251 must be named.
 * Called by the import. */
#ifndef NURTURE_JOBS_ENCODING_H
#define NURTURE_JOBS_ENCODING_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum encoding { ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_UTF16BE, ENCODING_WINDOWS_1252, ENCODING_WINDOWS_1250, ENCODING_WINDOWS_1251, ENCODING_COUNT };

const char *encoding_name(enum encoding encoding); /* "utf-8", "utf-16le", "utf-16be", "windows-1252", … */
bool encoding_from(struct str name, enum encoding *out);

/* What was seen of a file; zeroed at first. The bytes come in the order of the file, cut anywhere. */
struct encoding_look {
	uint64_t bytes, zeros[2];    /* zeros at even and odd places, of the first 64 KB */
	uint64_t letters, wrong;     /* UTF-8 sequences of more than one byte; bytes that belong to none */
	unsigned char head[4], rest[4];
	size_t rest_count;           /* of a sequence that is not whole yet */
	uint64_t words, foreign;     /* with bytes above 0x7F; of these, with more such bytes than letters a to z, and three letters at least */
	uint64_t word_high, word_low; /* of the word that is not over yet */
};
void encoding_look(struct encoding_look *look, const char *p, size_t n);
enum encoding encoding_tell(const struct encoding_look *look);
bool encoding_marked(const struct encoding_look *look); /* a byte order mark of UTF-8 says it: no map knows better */

/* Read as Windows-1252 it is words of letters with accents only, as no language of western Europe has them: it is probably something else. Asked
 * when all of the file was looked at, of one that says nothing else of itself. */
bool encoding_in_doubt(const struct encoding_look *look);
#define ENCODING_DOUBT                                                                                                                         \
	"Most of its words with other letters than a to z look as if they were written in another encoding (Cyrillic, Greek, Japanese, …). Look at " \
	"the names: if they are wrong, name the encoding in the map (encoding = \"utf-8\", \"utf-16le\", \"utf-16be\", \"windows-1252\", "         \
	"\"windows-1250\" or \"windows-1251\"), or save the file as UTF-8."

struct encoder;
struct encoder *encoder_new(enum encoding from);
void encoder_free(struct encoder *encoder); /* takes NULL */
/* Puts the bytes as UTF-8 into out; what is no letter becomes the byte 0xFF, which no row of text may hold. A letter that is cut at the end
 * waits for the next call; `last`: there is none. */
void encoder_put(struct encoder *encoder, const char *p, size_t n, bool last, struct buf *out);

/* What the file is, when its first bytes say that it is no text at all, in words of what to do; or NULL. */
const char *encoding_no_text(const struct encoding_look *look);

/* The same of a whole file, which is read and stands at its beginning again. *no_text as of encoding_no_text. */
enum encoding encoding_of_file(int fd, const char **no_text);

#endif
