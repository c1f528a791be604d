/* The one file in C++: libphonenumber speaks nothing else. Built as a module that base/phone.c loads; nothing is thrown out of it. */
#include "base/e164.h"

#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

extern "C" int nurture_e164(const char *text, const char *country, char out[E164_MAX])
{
	try {
		const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
		PhoneNumber number;
		std::string spelled;
		if (util->Parse(text, country, &number) != PhoneNumberUtil::NO_PARSING_ERROR || number.has_extension() || !util->IsPossibleNumber(number))
			return -1;
		util->Format(number, PhoneNumberUtil::E164, &spelled);
		if (spelled.empty() || spelled.size() >= E164_MAX)
			return -1;
		std::memcpy(out, spelled.c_str(), spelled.size() + 1);
		return 0;
	} catch (...) {
		return -1;
	}
}

extern "C" int nurture_e164_possible(const char *text)
{
	try {
		const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
		PhoneNumber number;
		return util->Parse(text, "ZZ", &number) == PhoneNumberUtil::NO_PARSING_ERROR &&
		       util->IsPossibleNumberWithReason(number) == PhoneNumberUtil::IS_POSSIBLE;
	} catch (...) {
		return 0;
	}
}

extern "C" int nurture_e164_country(const char *text, char out[3])
{
	try {
		const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
		PhoneNumber number;
		std::string region;
		if (util->Parse(text, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR)
			return -1;
		util->GetRegionCodeForNumber(number, &region);
		if (region.size() != 2 || region == "ZZ") /* no number of a plan that is known: the first country of its code */
			util->GetRegionCodeForCountryCode(number.country_code(), &region);
		if (region.size() != 2 || region == "ZZ")
			return -1;
		std::memcpy(out, region.c_str(), 3);
		return 0;
	} catch (...) {
		return -1;
	}
}
