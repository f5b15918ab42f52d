#include "core/sdp/parser.hpp"

#include "core/sdp/attributes.hpp"
#include "core/sdp/media_line.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace viadux::sdp {
namespace {

using ReaderTable = std::unordered_map<std::string_view, AttributeReader>;

const ReaderTable& media_attributes() {
  static const ReaderTable table = [] {
    ReaderTable all;
    for (const auto* area : {transport_attributes(), codec_attributes(), stream_attributes()})
      for (const auto* entry = area; !entry->name.empty(); ++entry)
        all.emplace(entry->name, entry->read);
    return all;
  }();
  return table;
}

// Those of them that may stand above the first m= line and then hold for all.
bool holds_for_all(std::string_view name) {
  constexpr std::array<std::string_view, 12> names{
      "ice-ufrag", "ice-pwd",  "ice-options", "fingerprint", "setup",  "tls-id",
      "sendrecv",  "sendonly", "recvonly",    "inactive",    "extmap", "extmap-allow-mixed"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool not_attribute(const std::string& line) {
  return !line.starts_with("a=");
}
bool before_time(const std::string& line) {
  return line.find_first_of("rzka") != 0;
}

Error invalid(std::size_t line, std::string_view what, std::string_view text) {
  std::string message = "line " + std::to_string(line) + ": " + std::string(what);
  if (!text.empty()) message += ", in " + shown(trim(text));
  return make_error(ErrorCode::bad_argument, "sdp_invalid", std::move(message), "sdp");
}

class Parser {
 public:
  Parser(Profile profile, const Limits& limits) : strict_(profile == Profile::webrtc), limits_(limits) {
    session_.limits = &limits_;
  }

  Result<SessionDescription> parse(std::string_view text);

 private:
  Verdict read_line(char type, std::string_view value);
  Verdict read_session_line(char type, std::string_view value);
  Verdict read_media(std::string_view value);
  Verdict read_attribute(std::string_view value);
  Verdict read_group(std::string_view value);
  Verdict read_origin(std::string_view value);
  Verdict read_connection(std::string_view value);
  Verdict read_bandwidth(std::string_view value);
  Verdict keep(char type, std::string_view value);
  void finish_media();
  Result<void> check_begin(const std::vector<TextLine>& lines) const;

  bool in_media() const { return !readers_.empty(); }
  MediaReader& current() { return in_media() ? readers_.back() : session_; }

  bool strict_;
  const Limits& limits_;
  SessionDescription description_;
  MediaReader session_;
  std::vector<MediaReader> readers_;
};

Verdict Parser::keep(char type, std::string_view value) {
  auto& lines = in_media() ? current().media.other_lines : description_.other_lines;
  if (lines.size() >= limits_.per_line)
    return Verdict::too_many("unknown lines in one section", limits_.per_line);
  lines.push_back(std::string(1, type) + '=' + std::string(value));
  return Verdict::ok();
}

Verdict Parser::read_origin(std::string_view value) {
  auto& origin = description_.origin;
  const auto username = take_word(value);
  const auto id = to_number<std::uint64_t>(take_word(value));
  const auto version = to_number<std::uint64_t>(take_word(value));
  take_word(value); // IN
  take_word(value); // IP4 or IP6
  const auto address = take_word(value);
  if (strict_ && (!id || !version || address.empty()))
    return Verdict::bad("o= is a name, two numbers, IN, IP4 or IP6, and an address");
  if (!username.empty()) origin.username = username;
  origin.session_id = id.value_or(0);
  origin.version = version.value_or(0);
  if (!address.empty()) origin.address = address;
  return Verdict::ok();
}

Verdict Parser::read_connection(std::string_view value) {
  take_word(value);
  const auto family = take_word(value);
  auto address = take_word(value);
  const auto host = take_until(address, '/'); // multicast TTL
  if (host.empty() || (family != "IP4" && family != "IP6"))
    return Verdict::bad("c= is IN, IP4 or IP6, and an address");
  if (current().media.connection.empty()) current().media.connection = host;
  return Verdict::ok();
}

Verdict Parser::read_bandwidth(std::string_view value) {
  const auto type = trim(take_until(value, ':'));
  if (type != "AS" && type != "TIAS") return Verdict::unknown();
  const auto number = to_number<std::uint64_t>(trim(value));
  constexpr std::uint64_t most_bps = 1'000'000'000'000; // whatever is more means no limit
  if (!number) return Verdict::bad("b= has a number after the ':'");
  const std::uint64_t unit = type == "AS" ? 1000 : 1;
  const std::uint64_t bps = std::min(*number, most_bps / unit) * unit;
  if (in_media())
    (type == "AS" ? current().media.bandwidth_as_bps : current().media.bandwidth_tias_bps) = bps;
  else
    (type == "AS" ? description_.bandwidth_as_bps : description_.bandwidth_tias_bps) = bps;
  return Verdict::ok();
}

Verdict Parser::read_group(std::string_view value) {
  Group group;
  group.semantics = take_word(value);
  while (!value.empty()) {
    const auto mid = take_word(value);
    if (!is_token(mid)) return Verdict::bad("a=group lists mids");
    if (group.mids.size() >= limits_.per_line) return Verdict::too_many("mids in a group", limits_.per_line);
    group.mids.emplace_back(mid);
  }
  if (!is_token(group.semantics)) return Verdict::bad("a=group begins with its meaning, such as BUNDLE");
  if (description_.groups.size() >= limits_.per_line) return Verdict::too_many("groups", limits_.per_line);
  description_.groups.push_back(std::move(group));
  return Verdict::ok();
}

Verdict Parser::read_attribute(std::string_view value) {
  const auto name = trim(take_until(value, ':'));
  if (!in_media()) {
    if (name == "group") return read_group(value);
    if (name == "ice-lite") {
      description_.ice_lite = true;
      return Verdict::ok();
    }
    if (!holds_for_all(name)) return Verdict::unknown();
  }
  const auto reader = media_attributes().find(name);
  return reader == media_attributes().end() ? Verdict::unknown() : reader->second(current(), trim(value));
}

Verdict Parser::read_media(std::string_view value) {
  if (readers_.size() >= limits_.media_lines) return Verdict::too_many("media lines", limits_.media_lines);
  MediaReader reader;
  reader.limits = &limits_;
  auto verdict = read_media_line(value, strict_, limits_, reader.media);
  // Without its m= line a section means nothing, and the lines' order is their meaning: an error in sip, too.
  if (verdict.kind != Verdict::Kind::ok) return {Verdict::Kind::too_many, verdict.what};
  readers_.push_back(std::move(reader));
  return verdict;
}

Verdict Parser::read_session_line(char type, std::string_view value) {
  if (type == 'o') return read_origin(value);
  if (type == 's') {
    if (!value.empty()) description_.name = value;
    return Verdict::ok();
  }
  if (type == 'v')
    return value == "0" || !strict_ ? Verdict::ok() : Verdict::bad("v= is 0, the only version there is");
  return type == 't' ? Verdict::ok() : Verdict::unknown(); // a session of ours is always "0 0"
}

Verdict Parser::read_line(char type, std::string_view value) {
  Verdict verdict;
  switch (type) {
  case 'm':
    verdict = read_media(value);
    break;
  case 'a':
    verdict = read_attribute(value);
    break;
  case 'c':
    verdict = read_connection(value);
    break;
  case 'b':
    verdict = read_bandwidth(value);
    break;
  default:
    verdict = in_media() ? Verdict::unknown() : read_session_line(type, value);
  }
  const bool leave_out = verdict.kind == Verdict::Kind::bad && !strict_;
  return verdict.kind == Verdict::Kind::unknown || leave_out ? keep(type, value) : verdict;
}

// RFC 8866 section 5: v, o, s come first and t is there.
Result<void> Parser::check_begin(const std::vector<TextLine>& lines) const {
  if (lines.empty()) return invalid(1, "the description is empty", {});
  if (!strict_) return {};
  constexpr std::string_view order = "vos";
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& line = lines[std::min(i, lines.size() - 1)];
    if (i >= lines.size() || line.text.front() != order[i])
      return invalid(line.number, std::string("expected the line ") + order[i] + "=", line.text);
  }
  for (const auto& line : lines) {
    if (line.text.starts_with("t=")) return {};
    if (line.text.starts_with("m=")) break;
  }
  return invalid(lines.back().number, "the line t= is missing", {});
}

// What the session level said holds where the line itself says nothing.
void Parser::finish_media() {
  const auto& all = session_.media;
  for (auto& reader : readers_) {
    auto& media = reader.media;
    auto& transport = media.transport;
    if (transport.ice_ufrag.empty()) transport.ice_ufrag = all.transport.ice_ufrag;
    if (transport.ice_pwd.empty()) transport.ice_pwd = all.transport.ice_pwd;
    if (transport.ice_options.empty()) transport.ice_options = all.transport.ice_options;
    if (transport.fingerprints.empty()) transport.fingerprints = all.transport.fingerprints;
    if (transport.setup == Setup::none) transport.setup = all.transport.setup;
    if (transport.tls_id.empty()) transport.tls_id = all.transport.tls_id;
    if (media.connection.empty()) media.connection = all.connection;
    if (!reader.direction_said && session_.direction_said) media.direction = all.direction;
    if (media.extensions.empty()) media.extensions = all.extensions;
    media.extmap_allow_mixed = media.extmap_allow_mixed || all.extmap_allow_mixed;
    for (const auto value : reader.feedback_for_all)
      for (auto& codec : media.codecs)
        add_feedback(codec, value, limits_);
    // In the order in which they will be written: a= lines after the others (RFC 8866 section 5).
    std::stable_partition(media.other_lines.begin(), media.other_lines.end(), not_attribute);
    description_.media.push_back(std::move(media));
  }
  std::stable_partition(description_.other_lines.begin(), description_.other_lines.end(), before_time);
}

Result<SessionDescription> Parser::parse(std::string_view text) {
  const auto lines = split_lines(text, !strict_);
  auto begin = check_begin(lines);
  if (!begin) return begin.error();
  if (lines.size() > limits_.lines)
    return invalid(lines.back().number, "more than " + std::to_string(limits_.lines) + " lines", {});
  for (const auto& line : lines) {
    if (line.text.size() > limits_.line_bytes)
      return invalid(line.number, "longer than " + std::to_string(limits_.line_bytes) + " bytes", line.text);
    if (std::any_of(line.text.begin(), line.text.end(),
                    [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }))
      return invalid(line.number, "a control character", line.text);
    const auto content = strict_ ? line.text : trim(line.text);
    const auto equals = content.find('=');
    if (equals != 1) {
      const auto spaced = trim(content.substr(0, std::min(equals, content.size())));
      if (strict_ || equals == std::string_view::npos || spaced.size() != 1)
        return invalid(line.number, "a line is one letter, '=' and a value", line.text);
    }
    const auto verdict = read_line(content.front(), trim(content.substr(equals + 1)));
    if (verdict.kind != Verdict::Kind::ok) return invalid(line.number, verdict.what, line.text);
  }
  finish_media();
  return std::move(description_);
}

} // namespace

Result<SessionDescription> parse(std::string_view text, Profile profile, const Limits& limits) {
  if (text.size() > limits.bytes)
    return make_error(ErrorCode::bad_argument, "sdp_invalid",
                      "the description has " + std::to_string(text.size()) + " bytes, more than " +
                          std::to_string(limits.bytes),
                      "sdp");
  return Parser(profile, limits).parse(text);
}

} // namespace viadux::sdp
