#include "numbers.hpp"

#include <algorithm>
#include <cctype>
#include <phonenumbers/phonenumberutil.h>

namespace phone {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

// What a message there costs a multiple of elsewhere abroad.
constexpr std::array<std::string_view, 4> dear{"RU", "KZ", "BY", "AZ"};

Kind kind_of(PhoneNumberUtil::PhoneNumberType type) {
  switch (type) {
  case PhoneNumberUtil::MOBILE:
    return Kind::mobile;
  case PhoneNumberUtil::FIXED_LINE:
    return Kind::fixed;
  case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
    return Kind::either;
  case PhoneNumberUtil::UNKNOWN:
    return Kind::unknown;
  default:
    return Kind::special;
  }
}

} // namespace

viadux::Result<Described> describe(const Written& written) {
  std::string region = written.region.empty() ? "DK" : written.region;
  std::ranges::transform(region, region.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const PhoneNumberUtil& util = *PhoneNumberUtil::GetInstance();
  Described out;
  PhoneNumber number;
  if (util.Parse(written.number, region, &number) != PhoneNumberUtil::NO_PARSING_ERROR) return out;
  util.GetRegionCodeForNumber(number, &out.country);
  if (out.country == "ZZ") out.country.clear();
  out.valid = util.IsValidNumber(number);
  if (!out.valid) return out;
  util.Format(number, PhoneNumberUtil::E164, &out.e164);
  util.Format(number, PhoneNumberUtil::NATIONAL, &out.national);
  out.kind = kind_of(util.GetNumberType(number));
  out.cost_class = out.country == region                                ? "home"
                   : std::ranges::find(dear, out.country) != dear.end() ? "b"
                                                                        : "a";
  return out;
}

viadux::Result<Normalised> normalise(const Written& written) {
  const auto described = describe(written);
  if (!described) return described.error();
  return Normalised{described->e164};
}

} // namespace phone
