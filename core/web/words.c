/* The table of words of our own pages: one row a word, one column a language. To add a language is to add a column. */
#include "web/words.h"

#include <string.h>

enum { ENGLISH, GERMAN, LANGUAGES };
static const char *const codes[LANGUAGES] = {"en", "de"};

static const char *const words[WEB_WORDS][LANGUAGES] = {
	[WORD_SEND] = {"Send", "Senden"},
	[WORD_SOMEBODY_ELSE] = {"Not you? Show all questions", "Nicht Sie? Alle Fragen zeigen"},
	[WORD_NEEDED] = {"needed", "erforderlich"},
	[WORD_CHOOSE] = {"Please choose", "Bitte wählen"},
	[WORD_YES] = {"Yes", "Ja"},
	[WORD_NO] = {"No", "Nein"},
	[WORD_LEAVE_EMPTY] = {"Leave this empty", "Bitte leer lassen"},
	[WORD_THANKS] = {"Thank you", "Vielen Dank"},
	[WORD_THANKS_TEXT] = {"We have your answers.", "Ihre Angaben sind angekommen."},
	[WORD_LOOK_AGAIN] = {"Nothing was sent yet. Please look at what is marked.", "Es wurde noch nichts gesendet. Bitte prüfen Sie, was markiert ist."},
	[WORD_SEND_AGAIN] = {"Please check your answers and send them once more.", "Bitte prüfen Sie Ihre Angaben und senden Sie sie noch einmal."},
	[WORD_MISSING] = {"Please fill this in.", "Bitte ausfüllen."},
	[WORD_NO_EMAIL] = {"This is not an e-mail address.", "Das ist keine E-Mail-Adresse."},
	[WORD_NO_NUMBER] = {"Please write a number.", "Bitte eine Zahl eingeben."},
	[WORD_NO_DATE] = {"Please write a date.", "Bitte ein Datum eingeben."},
	[WORD_TOO_LONG] = {"This is too long.", "Das ist zu lang."},
	[WORD_CHECK] = {"Please check this.", "Bitte prüfen."},
	[WORD_TOO_OFTEN] = {"That was often. Please try again in a few minutes.", "Das war sehr oft. Bitte versuchen Sie es in einigen Minuten noch einmal."},
	[WORD_NOT_HERE] = {"There is nothing at this address", "Unter dieser Adresse ist nichts"},
	[WORD_DEAD_LINK] = {"This link does not work", "Dieser Link funktioniert nicht"},
	[WORD_CONFIRM_TITLE] = {"Is this you?", "Sind Sie das?"},
	[WORD_CONFIRM_TEXT] = {"Nothing has changed yet. Press the button to confirm that you allowed this:", "Noch hat sich nichts geändert. Bitte bestätigen Sie, dass Sie dies erlaubt haben:"},
	[WORD_CONFIRM_BUTTON] = {"Yes, I confirm", "Ja, ich bestätige"},
	[WORD_CONFIRMED] = {"Confirmed", "Bestätigt"},
	[WORD_CONFIRMED_TEXT] = {"Thank you. You can take this back at any time.", "Vielen Dank. Sie können das jederzeit widerrufen."},
	[WORD_NOTHING_TO_CONFIRM] = {"There is nothing left to confirm.", "Es ist nichts mehr zu bestätigen."},
	[WORD_MAY_CONFIRM] = {"If what you allowed has to be confirmed, we ask you by mail, at most once a day: please follow the link in it. Until then it does not count.",
			      "Falls Ihre Zustimmung bestätigt werden muss, bitten wir Sie per E-Mail darum, höchstens einmal am Tag: Bitte folgen Sie dem Link darin. Bis dahin gilt sie nicht."},
	[WORD_DOWNLOAD] = {"Open it", "Öffnen"},
	[WORD_READY] = {"Here it is", "Hier ist es"},
	[WORD_NEXT] = {"You may also want", "Das könnte Sie auch interessieren"},
	[WORD_REFER] = {"Tell a colleague", "Weiterempfehlen"},
	[WORD_REFER_TEXT] = {"Whom shall we tell about this?", "Wem dürfen wir davon erzählen?"},
	[WORD_REFER_EMAIL] = {"E-mail address of your colleague", "E-Mail-Adresse der Kollegin oder des Kollegen"},
	[WORD_REFER_FIRST] = {"First name", "Vorname"},
	[WORD_REFER_LAST] = {"Last name", "Nachname"},
	[WORD_REFER_BUTTON] = {"Tell", "Empfehlen"},
	[WORD_REFERRED] = {"Thank you", "Vielen Dank"},
	[WORD_REFERRED_TEXT] = {"We have noted your recommendation.", "Wir haben Ihre Empfehlung notiert."},
	[WORD_REPLY] = {"Your letter", "Ihr Brief"},
	[WORD_REPLY_TEXT] = {"Please type the code of your letter.", "Bitte geben Sie den Code aus Ihrem Brief ein."},
	[WORD_REPLY_CODE_LABEL] = {"Code", "Code"},
	[WORD_REPLY_BUTTON] = {"Go on", "Weiter"},
	[WORD_REPLY_UNKNOWN] = {"We do not know this code. It has 16 letters and digits: please compare it with your letter.",
				"Diesen Code kennen wir nicht. Er hat 16 Buchstaben und Ziffern: Bitte vergleichen Sie ihn mit Ihrem Brief."},
	[WORD_REPLIED] = {"Thank you", "Vielen Dank"},
	[WORD_REPLIED_TEXT] = {"It is good to hear from you. We will be in touch.", "Schön, von Ihnen zu hören. Wir melden uns bei Ihnen."},
	[WORD_LATER] = {"Please try again in a moment", "Bitte versuchen Sie es gleich noch einmal"},
	[WORD_NOT_NOW] = {"This could not be done just now. Please go back and try once more: nothing counts twice.",
			  "Das ging gerade nicht. Bitte gehen Sie zurück und versuchen Sie es noch einmal: Nichts zählt doppelt."},
	[WORD_NO_MORE] = {"No more e-mails?", "Keine E-Mails mehr?"},
	[WORD_NO_MORE_TEXT] = {"Nothing has changed yet. Press the button and we will send you no more marketing e-mails.",
			       "Noch hat sich nichts geändert. Mit dem Knopf melden Sie sich von unseren Werbe-E-Mails ab."},
	[WORD_UNSUBSCRIBE] = {"Unsubscribe", "Abmelden"},
	[WORD_UNSUBSCRIBED] = {"You are unsubscribed", "Sie sind abgemeldet"},
	[WORD_UNSUBSCRIBED_TEXT] = {"We will send you no more marketing e-mails.", "Wir senden Ihnen keine Werbe-E-Mails mehr."},
	[WORD_PREFERENCES] = {"Or choose", "Oder wählen Sie"},
	[WORD_WHAT_STOPS] = {"What shall stop?", "Was soll aufhören?"},
	[WORD_STOP_EMAIL] = {"Marketing by e-mail", "Werbung per E-Mail"},
	[WORD_STOP_CALL] = {"Marketing by telephone", "Werbung per Telefon"},
	[WORD_STOP_LETTER] = {"Marketing by post", "Werbung per Post"},
	[WORD_STOP_TRACK_OPEN] = {"Noting which e-mails I open", "Festhalten, welche E-Mails ich öffne"},
	[WORD_STOP_TRACK_CLICK] = {"Noting which links I follow", "Festhalten, welchen Links ich folge"},
	[WORD_STOP_ALL] = {"Everything", "Alles"},
	[WORD_STOP_BUTTON] = {"Stop this", "Das soll aufhören"},
	[WORD_STOPPED] = {"This has stopped", "Das hat aufgehört"},
	[WORD_WHAT_TO_GET] = {"What would you like to get?", "Was möchten Sie bekommen?"},
	[WORD_TOPICS] = {"Topics", "Themen"},
	[WORD_HOW_OFTEN] = {"How often?", "Wie oft?"},
	[WORD_EVERY_MAIL] = {"Every e-mail", "Jede E-Mail"},
	[WORD_ONE_A_WEEK] = {"One e-mail a week at most", "Höchstens eine E-Mail in der Woche"},
	[WORD_ONE_A_MONTH] = {"One e-mail a month at most", "Höchstens eine E-Mail im Monat"},
	[WORD_NO_MAIL] = {"No e-mails", "Keine E-Mails"},
	[WORD_KEEP_CHOICE] = {"Keep this choice", "Auswahl speichern"},
	[WORD_CHOSEN] = {"Your choice is kept", "Ihre Auswahl ist gespeichert"},
	[WORD_STOPPED_TEXT] = {"We have noted what you chose.", "Wir haben Ihre Wahl festgehalten."},
};

static int column(const char *language)
{
	for (int i = 0; language && i < LANGUAGES; i++)
		if (strncmp(language, codes[i], 2) == 0 && (language[2] == '\0' || language[2] == '-'))
			return i;
	return ENGLISH;
}

const char *web_word(const char *language, enum web_word word)
{
	return words[word][column(language)];
}

const char *web_word_language(const char *language)
{
	return codes[column(language)];
}

bool web_is_rtl(const char *language)
{
	static const char *const rtl[] = {"ar", "fa", "he", "ur", "yi", "ps", "dv", "ckb", "ug", "sd"};
	size_t n = language ? strcspn(language, "-") : 0;
	for (size_t i = 0; n && i < sizeof rtl / sizeof *rtl; i++)
		if (strlen(rtl[i]) == n && strncmp(language, rtl[i], n) == 0)
			return true;
	return false;
}
