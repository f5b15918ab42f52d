#include "theme_check.hpp"

#include "theme.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <viadux/json.hpp>

namespace client {
namespace {

using viadux::Json;
using Faults = std::vector<std::string>;

constexpr std::size_t most_faults = 20;
constexpr std::size_t most_modules = 16;

// Each returns what it should be instead; empty: it is right.
std::string_view want_text(const Json& value) {
  return value.text() ? "" : "must be a text in quotes";
}
std::string_view want_address(const Json& value) {
  const std::string* text = value.text();
  const bool right = text && (text->empty() || text->starts_with("https://") || text->starts_with("http://"));
  return right ? "" : "must begin with https:// or http://";
}
std::string_view want_picture(const Json& value) {
  const std::string* text = value.text();
  const bool right = text && is_theme_picture(*text);
  return right ? "" : "must be the name of a picture in the same folder: .svg, .png, .jpg or .webp";
}
std::string_view want_colour(const Json& value) {
  const std::string* text = value.text();
  const bool right = text && text->size() == 7 && text->front() == '#' &&
                     text->find_first_not_of("0123456789abcdefABCDEF", 1) == std::string::npos;
  return right ? "" : "must be # and six hexadecimal digits, as in \"#0b5f59\"";
}
std::string_view want_module(const Json& value) {
  const std::string* text = value.text();
  return text && text->ends_with(".mjs") && is_theme_file("modules/" + *text)
             ? ""
             : "must be the name of a file in modules/ that ends with .mjs";
}

using Want = std::string_view (*)(const Json&);
struct Member {
  std::string_view name;
  Want want;
};
constexpr std::array members = {
    Member{"name", want_text},           Member{"logo", want_picture},
    Member{"background", want_picture},  Member{"welcome", want_text},
    Member{"terms_url", want_address},   Member{"return_url", want_address},
    Member{"privacy_url", want_address}, Member{"accessibility_url", want_address},
    Member{"help_url", want_address},    Member{"home_url", want_address},
    Member{"screen_colour", want_colour}};
constexpr std::array colours = {Member{"accent", want_colour}, Member{"accent_dark", want_colour}};
constexpr std::array<std::string_view, 4> groups = {"colours", "texts", "screens", "modules"};

void add(Faults& faults, std::string_view place, std::string_view what) {
  if (faults.size() < most_faults) faults.push_back(std::string(place) + ": " + std::string(what));
}

std::string within(std::string_view place, std::string_view name) {
  std::string out(place);
  return out.append(".").append(name);
}

// The parser counts bytes; people count lines.
std::string place_of(std::string_view text, std::string_view message) {
  constexpr std::string_view mark = "(at byte ";
  const std::size_t at = message.find(mark);
  std::size_t byte = 0;
  if (at != std::string_view::npos)
    std::from_chars(message.data() + at + mark.size(), message.data() + message.size(), byte);
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return "line " + std::to_string(std::ranges::count(before, '\n') + 1) + ", column " +
         std::to_string(before.size() - line_start + 1);
}

template <std::size_t n>
void check_one(Faults& faults, const std::array<Member, n>& known, std::string_view place,
               std::string_view name, const Json& value) {
  const auto* const found = std::ranges::find(known, name, &Member::name);
  if (found == known.end()) return add(faults, place, "there is no such member");
  if (const auto wrong = found->want(value); !wrong.empty()) add(faults, place, wrong);
}

void check_texts(Faults& faults, const std::string& place, const Json& texts) {
  if (!texts.object()) return add(faults, place, "must be an object");
  for (const auto& [name, text] : *texts.object())
    if (!text.text()) add(faults, within(place, name), "must be a text in quotes");
}

void check_group(Faults& faults, std::string_view name, const Json& value) {
  const std::string place(name);
  if (name == "modules") {
    if (!value.array()) return add(faults, place, "must be a list");
    if (value.array()->size() > most_modules) add(faults, place, "at most 16 are loaded");
    for (const Json& each : *value.array())
      if (const auto wrong = want_module(each); !wrong.empty()) add(faults, place, wrong);
    return;
  }
  if (name == "screens") return check_texts(faults, place, value);
  if (!value.object()) return add(faults, place, "must be an object");
  for (const auto& [key, each] : *value.object()) {
    const std::string where = within(place, key);
    if (name == "colours")
      check_one(faults, colours, where, key, each);
    else if (key != "da" && key != "en")
      add(faults, where, "the languages are da and en");
    else
      check_texts(faults, where, each);
  }
}

} // namespace

Faults theme_faults(std::string_view text) {
  Faults faults;
  const auto read = Json::parse(text);
  if (!read) {
    add(faults, place_of(text, read.error().message), read.error().message);
  } else if (!read->object()) {
    add(faults, "line 1", "must be an object in braces");
  } else {
    for (const auto& [name, value] : *read->object()) {
      if (name == "picture") continue; // for what the server draws, which looks through it itself
      if (std::ranges::find(groups, name) != groups.end())
        check_group(faults, name, value);
      else
        check_one(faults, members, name, name, value);
    }
  }
  return faults;
}

} // namespace client
