// What can be said of a telephone number. Pure. [any]
#pragma once

#include <viadux/document.hpp>
#include <viadux/result.hpp>

namespace phone {

enum class Kind : std::uint8_t { unknown, mobile, fixed, either, special };

// A number as somebody wrote it: with +, with 00, with blanks; without a country it is of `region`.
struct Written {
  std::string number;
  std::string region = "DK";
  static constexpr auto fields() {
    return viadux::field_table(
        viadux::field("number", &Written::number, "As it was written. Personal.").required().limit(64),
        viadux::field("region", &Written::region, "Whose, when no country is in it: DK, GL, SE ...")
            .limit(2));
  }
};

struct Described {
  bool valid = false;
  std::string e164;
  std::string national;
  std::string country;
  Kind kind = Kind::unknown;
  std::string cost_class;
  static constexpr auto fields() {
    return viadux::field_table(
        viadux::field("valid", &Described::valid, "It can be a number of its country."),
        viadux::field("e164", &Described::e164, "As +4512345678; empty when it is none. Personal."),
        viadux::field("national", &Described::national, "As it is written at home. Personal."),
        viadux::field("country", &Described::country, "DK, GL, FO ...; empty when that is not known."),
        viadux::field("kind", &Described::kind,
                      "Where fixed lines and mobiles cannot be told apart: either."),
        viadux::field("cost_class", &Described::cost_class, "home (of `region`), a (abroad) or b (dear)."));
  }
};

struct Normalised {
  std::string number;
  static constexpr auto fields() {
    return viadux::field_table(
        viadux::field("number", &Normalised::number, "As +4512345678; empty when it is none. Personal."));
  }
};

viadux::Result<Described> describe(const Written& written);
viadux::Result<Normalised> normalise(const Written& written);

} // namespace phone

template <>
struct viadux::EnumNames<phone::Kind> {
  static constexpr std::array<std::string_view, 5> names{"unknown", "mobile", "fixed", "either", "special"};
};
