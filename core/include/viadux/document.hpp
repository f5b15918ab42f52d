// viadux/document.hpp - what crosses the plugin border as a document: one struct, one table of its fields.
// [any]
//
//   struct Knock {
//     std::string door;
//     std::optional<std::int64_t> times;
//     static constexpr auto fields() {
//       return viadux::field_table(viadux::field("door", &Knock::door, "Which door.").required().limit(64),
//                                  viadux::field("times", &Knock::times, "How often; once by
//                                  default.").range(1, 9));
//     }
//   };
//
//   write_document(knock)            -> {"door":"front","times":2}
//   read_document<Knock>(text)       -> Result<Knock>; an error names the field, e.g. "times" or
//   "guests[3].name" document_schema<Knock>()         -> its JSON Schema, from the same table
//
// Members may be bool, integers, double, std::string, an enum with names, Handle, another document, Json
// (anything), and std::optional or std::vector of these. Unknown fields are ignored, so that both sides can
// grow; an optional that is empty is not written; null reads as absent. Texts are at most 8 KiB and lists at
// most 1024 items unless limit() says otherwise.
#pragma once

#include <array>
#include <limits>
#include <optional>
#include <tuple>
#include <type_traits>
#include <viadux/json.hpp>
#include <viadux/text.hpp>

namespace viadux {

template <class T>
concept Document = requires { T::fields(); };

// Specialise for an enum whose values are 0, 1, 2 ...: static constexpr std::array<std::string_view, N>
// names.
template <class Enum>
struct EnumNames;

template <class Owner, class Member>
struct Field {
  std::string_view name;
  Member Owner::*member;
  std::string_view help;
  bool is_required = false;
  bool is_sparse = false;
  bool has_range = false;
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  std::size_t most = 0; // bytes of a text, items of a list; 0: the default

  constexpr Field required() const {
    Field changed = *this;
    changed.is_required = true;
    return changed;
  }
  // A number, text or truth that is not written while it has its default; for lists of many documents.
  constexpr Field sparse() const {
    Field changed = *this;
    changed.is_sparse = true;
    return changed;
  }
  constexpr Field range(std::int64_t from, std::int64_t to) const {
    Field changed = *this;
    changed.has_range = true;
    changed.lowest = from;
    changed.highest = to;
    return changed;
  }
  constexpr Field limit(std::size_t size) const {
    Field changed = *this;
    changed.most = size;
    return changed;
  }
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member, std::string_view help) {
  return Field<Owner, Member>{.name = name, .member = member, .help = help};
}

template <class... Fields>
constexpr std::tuple<Fields...> field_table(Fields... fields) {
  return std::tuple<Fields...>(fields...);
}

// One value or document to JSON and back, and its schema; <viadux/detail/document_io.hpp> has the rest.
template <class T>
Json to_json(const T& value);
template <class T>
Result<void> from_json(const Json& json, T& out, const std::string& path = {});
template <Document T>
Json document_schema();

// bad_argument (reason "document_too_large") is not given here: the border refuses what is over 256 KiB.
template <Document T>
std::string write_document(const T& document) {
  return to_json(document).dump();
}

template <Document T>
Result<T> read_document(std::string_view text) {
  const auto json = Json::parse(text.empty() ? std::string_view("{}") : text);
  if (!json) return json.error();
  T document{};
  const auto read = from_json(json.value(), document);
  if (!read) return read.error();
  return document;
}

} // namespace viadux

#include <viadux/detail/document_io.hpp>
