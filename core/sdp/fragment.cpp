#include "core/sdp/fragment.hpp"

#include "core/sdp/attributes.hpp"
#include "core/sdp/text.hpp"
#include "core/sdp/writer.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

class FragmentParser {
 public:
  explicit FragmentParser(const Limits& limits) : limits_(limits) {}
  Result<Fragment> parse(std::string_view text);

 private:
  Verdict read_line(std::string_view line);
  Verdict read_attribute(std::string_view name, std::string_view value);
  Verdict read_new_candidate(std::string_view value);
  FragmentLine* current() { return fragment_.lines.empty() ? nullptr : &fragment_.lines.back(); }

  const Limits& limits_;
  Fragment fragment_;
};

Verdict FragmentParser::read_new_candidate(std::string_view value) {
  // RFC 8840 wants a pseudo m= line first; browsers' trickle handlers in the wild leave it out for the first
  // line.
  if (fragment_.lines.empty()) fragment_.lines.emplace_back();
  auto& candidates = fragment_.lines.back().candidates;
  if (candidates.size() >= limits_.per_line) return Verdict::too_many("candidates", limits_.per_line);
  Candidate candidate;
  auto verdict = read_candidate(value, candidate);
  if (verdict.kind == Verdict::Kind::ok) candidates.push_back(std::move(candidate));
  return verdict;
}

Verdict FragmentParser::read_attribute(std::string_view name, std::string_view value) {
  auto* line = current();
  if (name == "ice-ufrag") {
    (line != nullptr ? line->ice_ufrag : fragment_.ice_ufrag) = value;
    return check_ice_ufrag(value);
  }
  if (name == "ice-pwd") {
    (line != nullptr ? line->ice_pwd : fragment_.ice_pwd) = value;
    return check_ice_pwd(value);
  }
  if (name == "candidate") return read_new_candidate(value);
  if (name == "end-of-candidates") {
    (line != nullptr ? line->end_of_candidates : fragment_.end_of_candidates) = true;
  } else if (name == "mid" && line != nullptr) {
    if (!is_token(value) || value.size() > 32) return Verdict::bad("a=mid is a word of 1 to 32 characters");
    line->mid = value;
  } else if (name == "ice-lite") {
    fragment_.ice_lite = true;
  } else if (name == "ice-options" && fragment_.ice_options.empty()) {
    while (!value.empty() && fragment_.ice_options.size() < limits_.per_line)
      fragment_.ice_options.emplace_back(take_word(value));
  } else if (name == "group" && take_word(value) == "BUNDLE" && fragment_.bundle.empty()) {
    while (!value.empty()) {
      if (fragment_.bundle.size() >= limits_.per_line)
        return Verdict::too_many("mids in a group", limits_.per_line);
      fragment_.bundle.emplace_back(take_word(value));
    }
  }
  return Verdict::ok(); // whatever else stands there means nothing here (RFC 8840 section 9)
}

Verdict FragmentParser::read_line(std::string_view text) {
  if (text.size() < 2 || text[1] != '=') return Verdict::bad("a line is one letter, '=' and a value");
  auto value = trim(text.substr(2));
  if (text[0] == 'a') {
    const auto name = trim(take_until(value, ':'));
    return read_attribute(name, trim(value));
  }
  if (text[0] != 'm') return Verdict::ok();
  if (fragment_.lines.size() >= limits_.media_lines)
    return Verdict::too_many("media lines", limits_.media_lines);
  FragmentLine line;
  line.media = take_word(value);
  if (!is_token(line.media)) return Verdict::bad("m= begins with a kind of media, such as audio");
  fragment_.lines.push_back(std::move(line));
  return Verdict::ok();
}

Error invalid(std::string message) {
  return make_error(ErrorCode::bad_argument, "sdp_fragment_invalid", std::move(message), "fragment");
}

Result<Fragment> FragmentParser::parse(std::string_view text) {
  const auto lines = split_lines(text, false);
  if (lines.empty()) return invalid("the fragment is empty");
  for (const auto& line : lines) {
    const auto where = "line " + std::to_string(line.number) + ": ";
    if (line.text.size() > limits_.line_bytes) return invalid(where + "too long");
    if (std::any_of(line.text.begin(), line.text.end(),
                    [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
      return invalid(where + "a control character, in " + shown(trim(line.text)));
    const auto verdict = read_line(trim(line.text));
    if (verdict.kind != Verdict::Kind::ok && verdict.kind != Verdict::Kind::unknown)
      return invalid(where + verdict.what + ", in " + shown(trim(line.text)));
  }
  for (auto& line : fragment_.lines) {
    if (fragment_.ice_ufrag.empty()) fragment_.ice_ufrag = line.ice_ufrag;
    if (fragment_.ice_pwd.empty()) fragment_.ice_pwd = line.ice_pwd;
  }
  for (auto& line : fragment_.lines) {
    if (line.ice_ufrag.empty()) line.ice_ufrag = fragment_.ice_ufrag;
    if (line.ice_pwd.empty()) line.ice_pwd = fragment_.ice_pwd;
  }
  return std::move(fragment_);
}

} // namespace

Result<Fragment> parse_fragment(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes)
    return invalid("the fragment has " + std::to_string(text.size()) + " bytes, more than " +
                   std::to_string(limits.bytes));
  return FragmentParser(limits).parse(text);
}

std::string write_fragment(const Fragment& fragment) {
  std::string text;
  const auto line = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(value).append("\r\n");
  };
  const auto words = [&line](std::string_view name, const std::vector<std::string>& all) {
    std::string value;
    for (const auto& word : all)
      value += (value.empty() ? "" : " ") + word;
    if (!value.empty()) line(name, value);
  };
  if (fragment.ice_lite) line("a=ice-lite", {});
  words("a=group:BUNDLE ", fragment.bundle);
  words("a=ice-options:", fragment.ice_options);
  if (!fragment.ice_ufrag.empty()) line("a=ice-ufrag:", fragment.ice_ufrag);
  if (!fragment.ice_pwd.empty()) line("a=ice-pwd:", fragment.ice_pwd);
  if (fragment.end_of_candidates) line("a=end-of-candidates", {});
  for (const auto& one : fragment.lines) {
    line("m=", one.media + " 9 UDP/TLS/RTP/SAVPF 0"); // RFC 8840 section 4.4: port 9, any format
    if (!one.mid.empty()) line("a=mid:", one.mid);
    if (!one.ice_ufrag.empty() && one.ice_ufrag != fragment.ice_ufrag) line("a=ice-ufrag:", one.ice_ufrag);
    if (!one.ice_pwd.empty() && one.ice_pwd != fragment.ice_pwd) line("a=ice-pwd:", one.ice_pwd);
    for (const auto& candidate : one.candidates)
      line("a=", write_candidate(candidate));
    if (one.end_of_candidates) line("a=end-of-candidates", {});
  }
  return text;
}

} // namespace viadux::sdp
