/* Street words: one spelling for all that mean the same, by language, so that addresses can be compared. Called by address_key.c.
 *
 * Sources: USPS Publication 28 appendix C; Royal Mail PAF digest; Deutsche Post and Österreichische Post on abbreviations; La Poste NF Z10-011 annex; Correos, Poste Italiane,
 * CTT lists of street types; the UPU's sheets for the rest. Words are as address_key.c has made them: small letters without marks. What is chosen as the one spelling is never
 * printed. */
#include "address_parts.h"

#include <string.h>

struct street_word {
	char language[3];
	const char *from, *to; /* to "" = it says nothing */
};

static const struct street_word words[] = {
	{"en", "street", "st"}, {"en", "str", "st"}, {"en", "saint", "st"}, {"en", "road", "rd"}, {"en", "avenue", "ave"}, {"en", "av", "ave"}, {"en", "avn", "ave"},
	{"en", "boulevard", "blvd"}, {"en", "boul", "blvd"}, {"en", "bvd", "blvd"}, {"en", "lane", "ln"}, {"en", "drive", "dr"}, {"en", "drv", "dr"}, {"en", "court", "ct"},
	{"en", "crt", "ct"}, {"en", "place", "pl"}, {"en", "square", "sq"}, {"en", "terrace", "ter"}, {"en", "terr", "ter"}, {"en", "crescent", "cres"}, {"en", "close", "cl"},
	{"en", "highway", "hwy"}, {"en", "parkway", "pkwy"}, {"en", "pky", "pkwy"}, {"en", "circle", "cir"}, {"en", "trail", "trl"}, {"en", "gardens", "gdns"},
	{"en", "grove", "gr"}, {"en", "mount", "mt"}, {"en", "fort", "ft"}, {"en", "suite", "ste"}, {"en", "apartment", "apt"}, {"en", "flat", "apt"}, {"en", "unit", "apt"},
	{"en", "building", "bldg"}, {"en", "floor", "fl"}, {"en", "room", "rm"}, {"en", "north", "n"}, {"en", "south", "s"}, {"en", "east", "e"}, {"en", "west", "w"},
	{"en", "northeast", "ne"}, {"en", "northwest", "nw"}, {"en", "southeast", "se"}, {"en", "southwest", "sw"}, {"en", "number", ""}, {"en", "the", ""},
	{"en", "first", "1st"}, {"en", "second", "2nd"}, {"en", "third", "3rd"}, {"en", "fourth", "4th"}, {"en", "fifth", "5th"}, {"en", "sixth", "6th"},
	{"en", "seventh", "7th"}, {"en", "eighth", "8th"}, {"en", "ninth", "9th"}, {"en", "tenth", "10th"},
	{"de", "strasse", "str"}, {"de", "platz", "pl"}, {"de", "sankt", "st"}, {"de", "nummer", ""}, {"de", "hausnummer", ""}, {"de", "stock", "og"}, {"de", "etage", "og"},
	{"de", "pf", "postfach"}, {"de", "stiege", "stg"},
	{"fr", "avenue", "av"}, {"fr", "ave", "av"}, {"fr", "boulevard", "bd"}, {"fr", "boul", "bd"}, {"fr", "blvd", "bd"}, {"fr", "bld", "bd"}, {"fr", "place", "pl"},
	{"fr", "allee", "all"}, {"fr", "chemin", "che"}, {"fr", "ch", "che"}, {"fr", "chem", "che"}, {"fr", "impasse", "imp"}, {"fr", "route", "rte"}, {"fr", "faubourg", "fg"},
	{"fr", "fbg", "fg"}, {"fr", "square", "sq"}, {"fr", "saint", "st"}, {"fr", "sainte", "ste"}, {"fr", "batiment", "bat"}, {"fr", "appartement", "app"}, {"fr", "apt", "app"},
	{"fr", "residence", "res"}, {"fr", "numero", ""}, {"fr", "r", "rue"}, {"fr", "boite", "b"}, {"fr", "postale", "p"}, {"fr", "quai", "q"}, {"fr", "docteur", "dr"},
	{"fr", "general", "gal"}, {"fr", "marechal", "mal"}, {"fr", "cours", "crs"}, {"fr", "de", ""}, {"fr", "du", ""}, {"fr", "des", ""}, {"fr", "la", ""}, {"fr", "le", ""},
	{"fr", "les", ""},
	{"es", "calle", ""}, {"es", "c", ""}, {"es", "avenida", "av"}, {"es", "avda", "av"}, {"es", "avd", "av"}, {"es", "plaza", "pl"}, {"es", "pza", "pl"}, {"es", "plza", "pl"},
	{"es", "paseo", "po"}, {"es", "pso", "po"}, {"es", "carretera", "ctra"}, {"es", "carrera", "cra"}, {"es", "kr", "cra"}, {"es", "camino", "cno"}, {"es", "ronda", "rda"},
	{"es", "poligono", "pol"}, {"es", "poligonoindustrial", "pol"}, {"es", "piso", "p"}, {"es", "numero", ""}, {"es", "num", ""}, {"es", "de", ""}, {"es", "del", ""},
	{"es", "la", ""}, {"es", "el", ""}, {"es", "los", ""}, {"es", "las", ""}, {"es", "calz", "calzada"}, {"es", "colonia", "col"}, {"es", "diagonal", "dg"},
	{"ca", "carrer", ""}, {"ca", "c", ""}, {"ca", "avinguda", "av"}, {"ca", "placa", "pl"}, {"ca", "passeig", "pg"}, {"ca", "de", ""},
	{"pt", "rua", "r"}, {"pt", "avenida", "av"}, {"pt", "praca", "pc"}, {"pt", "largo", "lg"}, {"pt", "travessa", "tv"}, {"pt", "estrada", "est"}, {"pt", "alameda", "al"},
	{"pt", "rodovia", "rod"}, {"pt", "andar", "and"}, {"pt", "numero", ""}, {"pt", "de", ""}, {"pt", "da", ""}, {"pt", "do", ""}, {"pt", "dos", ""}, {"pt", "das", ""},
	{"it", "via", "v"}, {"it", "viale", "vle"}, {"it", "piazza", "pza"}, {"it", "pzza", "pza"}, {"it", "zza", "za"}, {"it", "corso", "cso"}, {"it", "largo", "lgo"}, {"it", "strada", "str"},
	{"it", "vicolo", "vlo"}, {"it", "piazzale", "ple"}, {"it", "numero", ""}, {"it", "san", "s"}, {"it", "santa", "s"}, {"it", "santo", "s"},
	{"nl", "straat", "str"}, {"nl", "laan", "ln"}, {"nl", "plein", "pln"}, {"nl", "steenweg", "stwg"}, {"nl", "sint", "st"}, {"nl", "bus", "b"}, {"nl", "nummer", ""},
	{"da", "gade", "g"}, {"da", "vej", "v"}, {"da", "alle", "al"}, {"da", "plads", "pl"}, {"da", "sal", "s"}, {"da", "etage", "s"},
	{"no", "gate", "g"}, {"no", "gata", "g"}, {"no", "gt", "g"}, {"no", "vei", "v"}, {"no", "veien", "v"}, {"no", "vn", "v"}, {"no", "plass", "pl"},
	{"sv", "gatan", "g"}, {"sv", "gata", "g"}, {"sv", "vagen", "v"}, {"sv", "vag", "v"}, {"sv", "torget", "t"}, {"sv", "box", "box"},
	{"fi", "katu", "k"}, {"fi", "tie", "t"}, {"fi", "puistotie", "pt"}, {"fi", "asunto", "as"},
	{"pl", "ulica", ""}, {"pl", "ul", ""}, {"pl", "aleja", "al"}, {"pl", "aleje", "al"}, {"pl", "plac", "pl"}, {"pl", "osiedle", "os"}, {"pl", "mieszkanie", "m"},
	{"pl", "numer", ""}, {"pl", "swietego", "sw"},
	{"cs", "ulice", ""}, {"cs", "ul", ""}, {"cs", "trida", "tr"}, {"cs", "namesti", "nam"}, {"cs", "cislo", ""}, {"cs", "c", ""},
	{"sk", "ulica", ""}, {"sk", "ul", ""}, {"sk", "trieda", "tr"}, {"sk", "namestie", "nam"}, {"sk", "cislo", ""}, {"sk", "c", ""},
	{"sl", "ulica", ""}, {"sl", "ul", ""}, {"sl", "cesta", "c"}, {"sl", "trg", "t"},
	{"sh", "ulica", ""}, {"sh", "ul", ""}, {"sh", "bulevar", "bul"}, {"sh", "trg", "t"}, {"sh", "broj", ""}, {"sh", "br", ""},
	{"hu", "utca", "u"}, {"hu", "ut", "u"}, {"hu", "utja", "u"}, {"hu", "ter", "t"}, {"hu", "tere", "t"}, {"hu", "korut", "krt"}, {"hu", "emelet", "em"}, {"hu", "szam", ""},
	{"ro", "strada", ""}, {"ro", "str", ""}, {"ro", "bulevardul", "bd"}, {"ro", "bdul", "bd"}, {"ro", "bulevard", "bd"}, {"ro", "calea", "cal"}, {"ro", "soseaua", "sos"},
	{"ro", "piata", "pta"}, {"ro", "numarul", ""}, {"ro", "bloc", "bl"}, {"ro", "scara", "sc"}, {"ro", "etaj", "et"}, {"ro", "apartament", "ap"},
	{"lt", "gatve", "g"}, {"lt", "prospektas", "pr"}, {"lt", "aleja", "al"}, {"lv", "iela", "i"}, {"lv", "prospekts", "pr"},
	{"et", "tanav", "tn"}, {"et", "maantee", "mnt"}, {"et", "puiestee", "pst"}, {"is", "gata", "g"},
	{"tr", "cadde", "cad"}, {"tr", "caddesi", "cad"}, {"tr", "sokak", "sk"}, {"tr", "sokagi", "sk"}, {"tr", "sok", "sk"}, {"tr", "bulvari", "bul"}, {"tr", "bulvar", "bul"},
	{"tr", "mahallesi", "mah"}, {"tr", "mahalle", "mah"}, {"tr", "apartmani", "apt"}, {"tr", "daire", "d"}, {"tr", "numara", ""},
	{"ru", "улица", ""}, {"ru", "ул", ""}, {"ru", "проспект", "пр"}, {"ru", "просп", "пр"}, {"ru", "прт", "пр"}, {"ru", "переулок", "пер"}, {"ru", "площадь", "пл"},
	{"ru", "бульвар", "бул"}, {"ru", "бр", "бул"}, {"ru", "шоссе", "ш"}, {"ru", "набережная", "наб"}, {"ru", "дом", ""}, {"ru", "д", ""}, {"ru", "квартира", "кв"},
	{"ru", "корпус", "к"}, {"ru", "корп", "к"}, {"ru", "строение", "стр"}, {"ru", "ulitsa", ""}, {"ru", "ul", ""}, {"ru", "prospekt", "pr"},
	{"uk", "вулиця", ""}, {"uk", "вул", ""}, {"uk", "проспект", "пр"}, {"uk", "просп", "пр"}, {"uk", "провулок", "пров"}, {"uk", "площа", "пл"}, {"uk", "будинок", ""},
	{"uk", "буд", ""}, {"uk", "квартира", "кв"}, {"bg", "улица", ""}, {"bg", "ул", ""}, {"bg", "булевард", "бул"},
	{"el", "οδοσ", ""}, {"el", "λεωφοροσ", "λεωφ"}, {"el", "λ", "λεωφ"}, {"el", "πλατεια", "πλ"}, {"el", "odos", ""}, {"el", "leoforos", "leof"},
	{"id", "jalan", "jl"}, {"id", "jln", "jl"}, {"id", "gang", "gg"}, {"ms", "jalan", "jl"}, {"ms", "jln", "jl"}, {"ms", "lorong", "lrg"}, {"ms", "taman", "tmn"},
};

/* Endings written together with the name. */
static const struct street_word endings[] = {
	{"de", "strasse", "str"}, {"de", "platz", "pl"}, {"nl", "straat", "str"}, {"nl", "laan", "ln"}, {"nl", "plein", "pln"}, {"nl", "steenweg", "stwg"},
	{"da", "gade", "g"}, {"da", "vej", "v"}, {"no", "gate", "g"}, {"no", "gata", "g"}, {"no", "veien", "v"}, {"no", "vegen", "v"}, {"no", "vei", "v"},
	{"sv", "gatan", "g"}, {"sv", "vagen", "v"}, {"sv", "torget", "t"}, {"fi", "katu", "k"}, {"fi", "tie", "t"},
};

/* Is the word's language one of these ("nl fr de")? */
static bool speaks(const char *languages, const char *language)
{
	for (const char *p = languages; *p; p += strcspn(p, " "), p += *p == ' ')
		if (strncmp(p, language, 2) == 0)
			return true;
	return false;
}

const char *post_street_word(const char *languages, const char *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i].from, word) == 0 && speaks(languages, words[i].language))
			return words[i].to;
	return NULL;
}

void post_street_ending(const char *languages, GString *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
		size_t n = strlen(endings[i].from);
		if (word->len > n && g_str_has_suffix(word->str, endings[i].from) && speaks(languages, endings[i].language)) {
			g_string_truncate(word, word->len - n);
			g_string_append(word, endings[i].to);
			return;
		}
	}
}
