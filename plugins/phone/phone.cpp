// Offers telephone numbers to policies and to other plugins: the example of a plugin that extends Lua.
#include "numbers.hpp"

#include <viadux/plugin.hpp>

namespace phone {

class Phone final : public viadux::Plugin {
 public:
  explicit Phone(viadux::Host host) : Plugin(host) {}

  static constexpr viadux::About about{.id = "phone",
                                       .version = "0.1.0",
                                       .licence = "Apache-2.0",
                                       .help =
                                           "Telephone numbers for policies and plugins, by libphonenumber."};

  static constexpr auto offers() {
    return viadux::interface_table(viadux::interface(
        "viadux.phone", viadux::method("describe", &Phone::describe_number, "What can be said of a number."),
        viadux::method("normalise", &Phone::normalise_number, "A number in its one form.")));
  }
  static constexpr std::array<viadux::LuaFunction, 2> lua_functions{{
      {"phone.describe", "viadux.phone", "describe",
       "What can be said of a number: a table with valid, e164, national, country, kind and cost_class.",
       viadux::pure_function<Written, describe>()},
      {"phone.normalise", "viadux.phone", "normalise",
       "The number as +4512345678 in the field `number`; an empty text when it is none.",
       viadux::pure_function<Written, normalise>()},
  }};

  viadux::Task<viadux::Result<Described>> describe_number(Written written) { co_return describe(written); }
  viadux::Task<viadux::Result<Normalised>> normalise_number(Written written) { co_return normalise(written); }
};

} // namespace phone

VIADUX_PLUGIN(phone::Phone)
