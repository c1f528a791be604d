/* The countries: one row each. Called by address.c and address_key.c.
 *
 * Sources: Universal Postal Union, "Postal addressing systems in member countries" (one sheet a country, upu.int → Postal Solutions → Addressing Solutions), for order, code and
 * capitals; where a national post says it more exactly it is named beside the row. What is not a row follows the rule that most of the sheets share: code before city, the
 * region below. */
#include "address_parts.h"

#include <string.h>
#include <unicode/uloc.h>

/* Person, firm, building, street: most of the world; firm first: who writes to a person in a firm. */
#define TOP "N/O/B/A/"
#define FIRM "O/N/B/A/"

static const struct post_country countries[] = {
	/* Europe */
	{"AD", TOP "Z C", NULL, "AD###", "ACZ", "ca es fr", false},
	{"AL", TOP "Z C", NULL, "####", "AC", "", false},
	{"AT", FIRM "Z C", NULL, "####", "ACZ", "de", false},            /* Österreichische Post, "Richtig adressieren" */
	{"BA", TOP "Z C", NULL, "#####", "AC", "sh", false},
	{"BE", FIRM "Z C", NULL, "####", "ACZ", "nl fr de", false},      /* bpost, "How to address" */
	{"BG", TOP "Z C", NULL, "####", "ACZ", "bg", false},
	{"BY", TOP "Z C/R", NULL, "######", "ACZ", "ru", false},
	{"CH", FIRM "Z C", NULL, "####", "ACZ", "de fr it", false},      /* Die Post, "Adressierung" */
	{"CY", TOP "Z C", NULL, "####", "ACZ", "el en", false},
	{"CZ", TOP "Z C", NULL, "### ##", "ACZ", "cs", false},
	{"DE", FIRM "Z C", NULL, "#####", "ACZ", "de", false},           /* DIN 5008; Deutsche Post, "Richtig adressieren" */
	{"DK", TOP "Z C", NULL, "####", "ACZ", "da", false},
	{"EE", TOP "Z C", NULL, "#####", "ACZ", "et", false},
	{"ES", TOP "Z C/R", NULL, "#####", "ACZ", "es ca", false},       /* Correos: the province below, unless it is the city's name */
	{"FI", TOP "Z C", NULL, "#####", "ACZ", "fi sv", true},          /* Posti: the post office in capitals */
	{"FR", FIRM "Z C", NULL, "#####", "ACZ", "fr", true},            /* La Poste, NF Z10-011: the last line in capitals */
	{"GB", TOP "C/Z", NULL, "@# #@@|@#@ #@@|@## #@@|@@# #@@|@@#@ #@@|@@## #@@", "ACZ", "en", true}, /* Royal Mail: post town in capitals, postcode on a line of its own */
	{"GG", TOP "C/Z", NULL, "GY# #@@|GY## #@@", "ACZ", "en", true},
	{"GI", TOP "C/Z", NULL, "GX11 1AA", "A", "en", true},
	{"GR", TOP "Z C", NULL, "### ##", "ACZ", "el", true},            /* ELTA */
	{"HR", TOP "Z C", NULL, "#####", "ACZ", "sh", false},
	{"HU", "N/O/C/B/A/Z", NULL, "####", "ACZ", "hu", true},          /* Magyar Posta: place, street, code below one another */
	{"IE", TOP "C/R/Z", NULL, "@## @@@@|@## @@@#|@## @@##|@## @@#@|@## @#@@|@## @#@#|@## @##@|@## @###|@## #@@@|@## #@@#|@## #@#@|@## #@##|@## ##@@|@## ##@#|@## ###@|@## ####|D6W @@@@|D6W @@@#|D6W @@##|D6W @@#@|D6W @#@@|D6W @#@#|D6W @##@|D6W @###", "AC", "en ga", false}, /* Eircode; An Post does not ask for it */
	{"IM", TOP "C/Z", NULL, "IM# #@@|IM## #@@", "ACZ", "en", true},
	{"IS", TOP "Z C", NULL, "###", "ACZ", "is", false},
	{"IT", TOP "Z C R", NULL, "#####", "ACZ", "it de", true},        /* Poste Italiane: the province's two letters behind the place */
	{"JE", TOP "C/Z", NULL, "JE# #@@|JE## #@@", "ACZ", "en fr", true},
	{"LI", FIRM "Z C", NULL, "####", "ACZ", "de", false},
	{"LT", TOP "Z C", NULL, "LT-#####", "ACZ", "lt", false},
	{"LU", FIRM "Z C", NULL, "L-####", "ACZ", "fr de", true},       /* Post Luxembourg */
	{"LV", TOP "C, Z", NULL, "LV-####", "ACZ", "lv", false},         /* Latvijas Pasts: the code behind the place */
	{"MC", FIRM "Z C", NULL, "#####", "ACZ", "fr", true},
	{"MD", TOP "Z C", NULL, "MD-####", "ACZ", "ro ru", false},
	{"ME", TOP "Z C", NULL, "#####", "AC", "sh", false},
	{"MK", TOP "Z C", NULL, "####", "AC", "sh", false},
	{"MT", TOP "C/Z", NULL, "@@@ ####", "ACZ", "en it", true},       /* MaltaPost */
	{"NL", FIRM "Z  C", NULL, "#### @@", "ACZ", "nl", true},         /* PostNL: two blanks before the place, in capitals */
	{"NO", TOP "Z C", NULL, "####", "ACZ", "no", true},              /* Posten Norge */
	{"PL", TOP "Z C", NULL, "##-###", "ACZ", "pl", true},            /* Poczta Polska */
	{"PT", TOP "Z C", NULL, "####-###|####", "ACZ", "pt", true},     /* CTT */
	{"RO", TOP "Z C/R", NULL, "######", "ACZ", "ro", false},
	{"RS", TOP "Z C", NULL, "#####|######", "ACZ", "sh", false},
	{"RU", TOP "C/R/Z", NULL, "######", "ACZ", "ru", false},         /* Pochta Rossii: the code last */
	{"SE", TOP "Z C", NULL, "### ##", "ACZ", "sv", true},            /* PostNord: the place in capitals */
	{"SI", TOP "Z C", NULL, "####", "ACZ", "sl", false},
	{"SK", TOP "Z C", NULL, "### ##", "ACZ", "sk", false},
	{"SM", TOP "Z C", NULL, "4789#", "ACZ", "it", true},
	{"TR", TOP "Z C/R", NULL, "#####", "ACZ", "tr", false},
	{"UA", TOP "C/R/Z", NULL, "#####", "ACZ", "uk ru", false},       /* Ukrposhta */
	{"VA", TOP "Z C", NULL, "00120", "AC", "it", true},
	/* America */
	{"AR", TOP "Z C/R", NULL, "####|@####@@@", "ACZ", "es", false},
	{"BO", TOP "C", NULL, NULL, "AC", "es", false},
	{"BR", TOP "C - R/Z", NULL, "#####-###", "ACRZ", "pt", false},   /* Correios */
	{"CA", TOP "C R  Z", NULL, "@#@ #@#", "ACRZ", "en fr", true},    /* Canada Post, Addressing Guidelines: two blanks before the code */
	{"CL", TOP "Z C/R", NULL, "#######|###-####", "AC", "es", false},
	{"CO", TOP "C, R/Z", NULL, "######", "AC", "es", false},
	{"CR", TOP "Z C/R", NULL, "#####", "AC", "es", false},
	{"DO", TOP "Z C", NULL, "#####", "AC", "es", false},
	{"EC", TOP "Z/C", NULL, "######", "AC", "es", false},
	{"GT", TOP "Z C", NULL, "#####", "AC", "es", false},
	{"HN", TOP "C, R/Z", NULL, "", "AC", "es", false},
	{"JM", TOP "C/R", NULL, "", "AC", "en", false},
	{"MX", TOP "Z C, R", NULL, "#####", "ACZ", "es", false},         /* Correos de México */
	{"NI", TOP "Z/C, R", NULL, "#####", "AC", "es", false},
	{"PA", TOP "C/R", NULL, "####", "AC", "es", false},
	{"PE", TOP "C Z/R", NULL, "#####", "AC", "es", false},
	{"PR", TOP "C R Z", NULL, "#####|#####-####", "ACZ", "es en", true}, /* USPS: the region is PR */
	{"PY", TOP "Z C", NULL, "####|######", "AC", "es", false},
	{"SV", TOP "Z-C/R", NULL, "CP ####|####", "AC", "es", false},
	{"US", TOP "C R Z", NULL, "#####|#####-####", "ACRZ", "en", true}, /* USPS Publication 28: capitals are preferred */
	{"UY", TOP "Z C R", NULL, "#####", "AC", "es", false},
	{"VE", TOP "C Z, R", NULL, "####", "AC", "es", false},
	/* Asia and the Pacific */
	{"AE", TOP "C/R", NULL, NULL, "AC", "en", false},               /* Emirates Post: a box number stands as the street */
	{"AM", TOP "Z/C/R", NULL, "####", "AC", "", false},
	{"AU", TOP "C R Z", NULL, "####", "ACRZ", "en", true},           /* Australia Post: the last line in capitals, without marks */
	{"AZ", TOP "Z C", NULL, "AZ ####", "ACZ", "", false},
	{"BD", TOP "C - Z", NULL, "####", "AC", "en", false},
	{"BH", TOP "C Z", NULL, "###|####", "AC", "en", false},
	{"CN", TOP "C, R Z", "Z/RCA/B/O/N", "######", "ACZ", "", false}, /* China Post: from the large to the small in Chinese */
	{"GE", TOP "Z C", NULL, "####", "AC", "", false},
	{"HK", TOP "C/R", "RCA/B/O/N", NULL, "AC", "en", false},         /* Hongkong Post: there are no codes */
	{"ID", TOP "C Z/R", NULL, "#####", "ACZ", "id", false},
	{"IL", TOP "C Z", NULL, "#######|#####", "AC", "", false},
	{"IN", TOP "C Z/R", NULL, "### ###", "ACZ", "en", false},        /* India Post: PIN behind the city */
	{"IR", TOP "C/Z", NULL, "##########|#####-#####", "AC", "", false},
	{"IQ", TOP "C/Z", NULL, "#####", "AC", "", false},
	{"JO", TOP "C Z", NULL, "#####", "AC", "en", false},
	{"JP", TOP "C, R Z", "〒Z/RCA/B/O/N", "###-####", "ACZ", "", false}, /* Japan Post */
	{"KG", TOP "Z C", NULL, "######", "AC", "ru", false},
	{"KH", TOP "C Z", NULL, "#####|######", "AC", "", false},
	{"KR", TOP "C, R Z", "R C A/B/O/N/Z", "#####", "ACZ", "", false}, /* Korea Post: five digits since 2015 */
	{"KW", TOP "Z C", NULL, "#####", "AC", "en", false},
	{"KZ", TOP "C/R/Z", NULL, "######|@##@#@#", "AC", "ru", false},
	{"LB", TOP "C Z", NULL, "####|#### ####", "AC", "fr", false},
	{"LK", TOP "C/Z", NULL, "#####", "AC", "en", false},
	{"MM", TOP "C, Z", NULL, "#####", "AC", "", false},
	{"MN", TOP "C/R/Z", NULL, "#####|######", "AC", "", false},
	{"MO", TOP "C/R", "RCA/B/O/N", NULL, "A", "pt", false},
	{"MY", TOP "Z C/R", NULL, "#####", "ACZ", "ms en", false},       /* Pos Malaysia */
	{"NP", TOP "C Z", NULL, "#####", "AC", "", false},
	{"NZ", TOP "C Z", NULL, "####", "ACZ", "en", false},             /* NZ Post */
	{"OM", TOP "Z/C", NULL, "###", "AC", "en", false},
	{"PH", TOP "Z C/R", NULL, "####", "AC", "en", false},
	{"PK", TOP "C-Z", NULL, "#####", "AC", "en", false},
	{"QA", TOP "C", NULL, NULL, "AC", "en", false},
	{"SA", TOP "C Z", NULL, "#####|#####-####", "AC", "en", false},  /* Saudi Post: asks for the code since the national address */
	{"SG", TOP "C Z", NULL, "######", "AZ", "en", true},             /* Singapore Post: the city is the country's name, see address.c */
	{"TH", TOP "C/R Z", NULL, "#####", "ACZ", "", false},            /* Thailand Post */
	{"TW", TOP "C, R Z", "Z/RCA/B/O/N", "###|###-##|###-###|######|#####", "AC", "", false}, /* Chunghwa Post */
	{"UZ", TOP "Z C/R", NULL, "######", "AC", "ru", false},
	{"VN", TOP "C/R Z", NULL, "#####|######", "AC", "", false},
	/* Africa */
	{"AO", TOP "C", NULL, NULL, "AC", "pt", false},
	{"CI", TOP "C", NULL, NULL, "AC", "fr", false},
	{"CM", TOP "C", NULL, NULL, "AC", "fr en", false},
	{"DZ", TOP "Z C", NULL, "#####", "ACZ", "fr", false},
	{"EG", TOP "C/R/Z", NULL, "#####|#######", "AC", "en", false},
	{"ET", TOP "Z C", NULL, "####", "AC", "", false},
	{"GH", TOP "C/R", NULL, "", "AC", "en", false},
	{"KE", TOP "C/Z", NULL, "#####", "AC", "en", false},
	{"MA", TOP "Z C", NULL, "#####", "ACZ", "fr", false},
	{"MU", TOP "C Z", NULL, "#####|@####", "AC", "en fr", false},
	{"MZ", TOP "Z C", NULL, "####", "AC", "pt", false},
	{"NG", TOP "C Z/R", NULL, "######", "AC", "en", false},
	{"SN", TOP "Z C", NULL, "#####", "AC", "fr", false},
	{"TN", TOP "Z C", NULL, "####", "ACZ", "fr", false},
	{"TZ", TOP "Z C", NULL, "#####", "AC", "en", false},
	{"UG", TOP "C", NULL, NULL, "AC", "en", false},
	{"ZA", TOP "C/Z", NULL, "####", "ACZ", "en", false},             /* South African Post Office */
	{"ZM", TOP "Z C", NULL, "#####", "AC", "en", false},
	{"ZW", TOP "C", NULL, NULL, "AC", "en", false},
};

const struct post_country post_country_rest = {"", TOP "Z C/R", NULL, "", "AC", "", false};

bool post_country_code(const char *code, char out[3])
{
	const char *const *all = uloc_getISOCountries();
	char name[3] = {0};
	if (!code || strlen(code) != 2)
		return false;
	for (int i = 0; i < 2; i++)
		name[i] = g_ascii_toupper(code[i]);
	if (strcmp(name, "UK") == 0)
		memcpy(name, "GB", 2);
	for (; *all; all++)
		if (strcmp(*all, name) == 0) {
			memcpy(out, name, 3);
			return true;
		}
	return false;
}

const struct post_country *post_country(const char *code)
{
	char name[3];
	if (!post_country_code(code, name))
		return NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(countries); i++)
		if (strcmp(countries[i].code, name) == 0)
			return &countries[i];
	return &post_country_rest;
}
