/* What our own pages for the public say where the playbook says nothing, in the playbook's language; English where we know none. */
#ifndef NURTURE_WEB_WORDS_H
#define NURTURE_WEB_WORDS_H

#include "base/str.h"

enum web_word {
	WORD_SEND, WORD_NEEDED, WORD_CHOOSE, WORD_YES, WORD_NO, WORD_LEAVE_EMPTY, WORD_THANKS, WORD_THANKS_TEXT, WORD_LOOK_AGAIN, WORD_SEND_AGAIN,
	WORD_MISSING, WORD_NO_EMAIL, WORD_NO_NUMBER, WORD_NO_DATE, WORD_TOO_LONG, WORD_CHECK, WORD_TOO_OFTEN, WORD_NOT_HERE, WORD_DEAD_LINK,
	WORD_CONFIRM_TITLE, WORD_CONFIRM_TEXT, WORD_CONFIRM_BUTTON, WORD_CONFIRMED, WORD_CONFIRMED_TEXT, WORD_NOTHING_TO_CONFIRM, WORD_MAY_CONFIRM,
	WORD_DOWNLOAD, WORD_READY, WORD_NEXT, WORD_REFER, WORD_REFER_TEXT, WORD_REFER_EMAIL, WORD_REFER_FIRST, WORD_REFER_LAST, WORD_REFER_BUTTON,
	WORD_REFERRED, WORD_REFERRED_TEXT, WORD_LATER,
	WORD_NO_MORE, WORD_NO_MORE_TEXT, WORD_UNSUBSCRIBE, WORD_UNSUBSCRIBED, WORD_UNSUBSCRIBED_TEXT, WORD_PREFERENCES, WORD_WHAT_STOPS,
	WORD_STOP_EMAIL, WORD_STOP_CALL, WORD_STOP_LETTER, WORD_STOP_TRACK_OPEN, WORD_STOP_TRACK_CLICK, WORD_STOP_ALL, WORD_STOP_BUTTON,
	WORD_STOPPED, WORD_STOPPED_TEXT,
	WEB_WORDS
};
const char *web_word(const char *language, enum web_word word);
/* The language of those words for the attribute lang: what was asked for when we have it, else "en". */
const char *web_word_language(const char *language);
/* Is it written from right to left? For the attribute dir. */
bool web_is_rtl(const char *language);

#endif
