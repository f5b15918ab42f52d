#include "core/sdp/text.hpp"

#include <algorithm>
#include <cctype>

namespace viadux::sdp {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const auto end = std::min(rest.find_first_of(" \t"), rest.size());
  const auto word = rest.substr(0, end);
  rest = trim(rest.substr(end));
  return word;
}

std::string_view take_until(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

bool is_token(std::string_view text) {
  const auto allowed = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x7f && (std::isalnum(byte) != 0 ||
                           std::string_view("!#$%&'*+-.^_`{|}~").find(c) != std::string_view::npos);
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string shown = "'";
  for (const char c : text.substr(0, longest))
    shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  return shown + (text.size() > longest ? "...'" : "'");
}

std::string shown(std::string_view line) {
  constexpr std::string_view discreet[] = {
      "a=crypto", "a=ice-pwd", "a=ice-ufrag", "a=candidate", "a=rtcp:", "c=", "o=",
      "s=",       "i=",        "u=",          "e=",          "p=",      "k="};
  for (const auto name : discreet)
    if (line.starts_with(name)) return quoted(std::string(name) + "...");
  return quoted(line);
}

std::vector<TextLine> split_lines(std::string_view text, bool lone_cr) {
  std::vector<TextLine> lines;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(lone_cr ? "\r\n" : "\n"), text.size());
    auto line = text.substr(0, end);
    const bool crlf = end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n';
    text.remove_prefix(std::min(text.size(), end + (crlf ? 2 : 1)));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    ++number;
    if (!trim(line).empty()) lines.push_back({number, line});
  }
  return lines;
}

} // namespace viadux::sdp
