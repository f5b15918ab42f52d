// What a question or an answer looks like: the part of JSON Schema that documents write about themselves
// (<viadux/document.hpp>). It checks answers, finds the nearest right name, and the reference and the editor
// stubs are made from it. [any thread, immutable once read]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/json.hpp>

namespace viadux {

struct PolicySchema {
  enum class Type : std::uint8_t { any, boolean, integer, number, text, list, table };

  std::string name; // of a table's field
  Type type = Type::any;
  std::string help;
  std::vector<std::string> choices; // of a text; empty is any text
  std::optional<double> least;
  std::optional<double> most;
  std::size_t longest = 8192; // bytes of a text, items of a list
  std::vector<PolicySchema> fields;
  std::vector<std::string> required;
  std::vector<PolicySchema> item;    // none or one: what a list holds
  std::vector<std::string> contains; // one of these must be in a list; empty: it may be any

  // bad_argument: it is no schema of this kind.
  static Result<PolicySchema> read(const Json& schema);
  const PolicySchema* field(std::string_view wanted) const;
  std::vector<std::string> names() const; // of its fields
};

// "text", "true or false", "one of: host, guest", "whole number from 1 to 9": for people.
std::string describe(const PolicySchema& schema);

// One sentence about what is wrong with a value, and where: "role: must be one of: host, guest, not \"hots\"
// (did you mean \"host\"?)". None when all is well. Unknown fields are wrong: they are typing mistakes.
std::optional<std::string> fault_in(const Json& value, const PolicySchema& schema,
                                    const std::string& path = {});

// `over`'s fields in place of `base`'s; what `over` leaves out stays.
Json overlaid(const Json& base, const Json& over);

// "did you mean \"admit\"?" or "".
std::string meant(std::string_view name, const std::vector<std::string>& known);

} // namespace viadux
