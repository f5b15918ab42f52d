#include "target.hpp"

namespace client {
namespace {

// Takes one segment off the front.
std::string_view next(std::string_view& path) {
  const std::size_t end = path.find('/');
  const std::string_view segment = path.substr(0, end);
  path = end == std::string_view::npos ? std::string_view() : path.substr(end + 1);
  return segment;
}

// The segment after `word`, when the path begins with both; the path is then what follows.
std::string take(std::string_view& path, std::string_view word) {
  std::string_view rest = path;
  if (next(rest) != word || rest.empty()) return {};
  const std::string_view name = next(rest);
  path = rest;
  return std::string(name);
}

// breakouts/<b>, unless the second segment is a verb of all break-outs.
bool is_verb(std::string_view path) {
  next(path);
  const std::string_view word = next(path);
  return word == "message" || word == "empty" || word == "disconnect";
}

} // namespace

Target read_target(std::string_view path) {
  Target target;
  while (path.ends_with('/'))
    path.remove_suffix(1);
  if (!(path.starts_with("breakouts/") && is_verb(path))) target.breakout = take(path, "breakouts");
  // participants/breakout moves people; the word is no participant's name.
  if (path != "participants/breakout") target.participant = take(path, "participants");
  if (!target.participant.empty()) target.call = take(path, "calls");
  target.action = next(path);
  target.rest = path;
  return target;
}

} // namespace client
