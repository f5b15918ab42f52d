// a= lines about how packets travel: ICE (RFC 8839), DTLS (RFC 8122, 8842), SDES (RFC 4568), RTCP (RFC 3605,
// 5761).
#include "core/sdp/attributes.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace viadux::sdp {
namespace {

// RFC 8839 allows letters, digits, '+' and '/'; '=', '#', '_' and '-' are in use and harm nobody. Never ':',
// which separates the two fragments in a STUN username.
bool ice_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0) ||
           std::string_view("+/=#_-").find(c) != std::string_view::npos;
  });
}

Verdict check_ice_text(std::string_view what, std::string_view value, std::size_t shortest) {
  constexpr std::size_t longest = 256;
  if (value.size() < shortest || value.size() > longest)
    return Verdict::bad(std::string(what) + " has " + std::to_string(shortest) + " to 256 characters");
  if (!ice_characters(value))
    return Verdict::bad(std::string(what) + " has letters, digits, '+' and '/' only");
  return Verdict::ok();
}

Verdict read_ice_ufrag(MediaReader& reader, std::string_view value) {
  value = trim(value);
  auto verdict = check_ice_ufrag(value);
  if (verdict.kind == Verdict::Kind::ok) reader.media.transport.ice_ufrag = value;
  return verdict;
}

Verdict read_ice_pwd(MediaReader& reader, std::string_view value) {
  value = trim(value);
  auto verdict = check_ice_pwd(value);
  if (verdict.kind == Verdict::Kind::ok) reader.media.transport.ice_pwd = value;
  return verdict;
}

Verdict read_ice_options(MediaReader& reader, std::string_view value) {
  auto& options = reader.media.transport.ice_options;
  while (!value.empty()) {
    const auto word = take_word(value);
    if (word.empty()) break;
    if (options.size() >= reader.limits->per_line)
      return Verdict::too_many("ICE options", reader.limits->per_line);
    options.emplace_back(word);
  }
  return Verdict::ok();
}

Verdict read_candidate_line(MediaReader& reader, std::string_view value) {
  auto& candidates = reader.media.transport.candidates;
  if (candidates.size() >= reader.limits->per_line)
    return Verdict::too_many("candidates", reader.limits->per_line);
  Candidate candidate;
  auto verdict = read_candidate(value, candidate);
  if (verdict.kind == Verdict::Kind::ok) candidates.push_back(std::move(candidate));
  return verdict;
}

Verdict read_end_of_candidates(MediaReader& reader, std::string_view) {
  reader.media.transport.end_of_candidates = true;
  return Verdict::ok();
}

Verdict read_fingerprint(MediaReader& reader, std::string_view value) {
  constexpr std::array<std::pair<std::string_view, std::size_t>, 5> lengths{
      {{"sha-1", 20}, {"sha-224", 28}, {"sha-256", 32}, {"sha-384", 48}, {"sha-512", 64}}};
  Fingerprint fingerprint{lower_case(take_word(value)), std::string(value)};
  const auto* known = std::find_if(lengths.begin(), lengths.end(),
                                   [&](const auto& entry) { return entry.first == fingerprint.algorithm; });
  if (known == lengths.end()) return Verdict::unknown(); // RFC 8122 section 5: ignored
  auto& hex = fingerprint.value;
  bool well_formed = hex.size() == known->second * 3 - 1;
  for (std::size_t i = 0; well_formed && i < hex.size(); ++i) {
    hex[i] = static_cast<char>(std::toupper(static_cast<unsigned char>(hex[i])));
    well_formed = i % 3 == 2 ? hex[i] == ':' : std::isxdigit(static_cast<unsigned char>(hex[i])) != 0;
  }
  if (!well_formed)
    return Verdict::bad("a " + fingerprint.algorithm + " fingerprint is " + std::to_string(known->second) +
                        " hex pairs with colons between");
  auto& all = reader.media.transport.fingerprints;
  if (all.size() >= reader.limits->per_line)
    return Verdict::too_many("fingerprints", reader.limits->per_line);
  all.push_back(std::move(fingerprint));
  return Verdict::ok();
}

Verdict read_setup(MediaReader& reader, std::string_view value) {
  value = trim(value);
  auto& setup = reader.media.transport.setup;
  if (value == "active")
    setup = Setup::active;
  else if (value == "passive")
    setup = Setup::passive;
  else if (value == "actpass")
    setup = Setup::actpass;
  else if (value == "holdconn")
    setup = Setup::holdconn;
  else
    return Verdict::bad("a=setup is active, passive, actpass or holdconn");
  return Verdict::ok();
}

Verdict read_tls_id(MediaReader& reader, std::string_view value) {
  value = trim(value);
  if (value.empty() || value.size() > 255) return Verdict::bad("a=tls-id has 1 to 255 characters");
  reader.media.transport.tls_id = value;
  return Verdict::ok();
}

Verdict read_rtcp_mux(MediaReader& reader, std::string_view) {
  reader.media.transport.rtcp_mux = true;
  return Verdict::ok();
}

Verdict read_rtcp_mux_only(MediaReader& reader, std::string_view) {
  reader.media.transport.rtcp_mux_only = true;
  return Verdict::ok();
}

Verdict read_rtcp(MediaReader& reader, std::string_view value) {
  const auto port = to_number<std::uint16_t>(take_word(value));
  if (!port) return Verdict::bad("a=rtcp begins with a port");
  reader.media.transport.rtcp_port = *port;
  take_word(value); // IN
  take_word(value); // IP4 or IP6
  reader.media.transport.rtcp_address = take_word(value);
  return Verdict::ok();
}

Verdict read_crypto(MediaReader& reader, std::string_view value) {
  Crypto crypto;
  const auto tag = to_number<std::uint32_t>(take_word(value));
  crypto.suite = take_word(value);
  auto key = take_word(value);
  crypto.session_parameters = value;
  constexpr std::string_view method = "inline:";
  if (!tag || *tag > 999'999'999) return Verdict::bad("a=crypto begins with a number of at most nine digits");
  if (!is_token(crypto.suite)) return Verdict::bad("a=crypto names a suite after its number");
  if (!key.starts_with(method)) return Verdict::bad("a=crypto has a key that begins with 'inline:'");
  key.remove_prefix(method.size());
  if (key.find(';') != std::string_view::npos) return Verdict::unknown(); // several keys for one suite
  crypto.tag = *tag;
  crypto.key = take_until(key, '|');
  crypto.key_details = key;
  auto& all = reader.media.transport.crypto;
  // The answer names the key by this number: two of one number would leave open which is meant.
  if (std::any_of(all.begin(), all.end(), [&](const Crypto& other) { return other.tag == crypto.tag; }))
    return Verdict::bad("a=crypto has the number of another one");
  if (all.size() >= reader.limits->per_line)
    return Verdict::too_many("crypto lines", reader.limits->per_line);
  all.push_back(std::move(crypto));
  return Verdict::ok();
}

} // namespace

Verdict check_ice_ufrag(std::string_view value) {
  return check_ice_text("a=ice-ufrag", value, 4);
}
Verdict check_ice_pwd(std::string_view value) {
  return check_ice_text("a=ice-pwd", value, 22);
}

const NamedReader* transport_attributes() {
  static constexpr NamedReader readers[] = {
      {"ice-ufrag", read_ice_ufrag},
      {"ice-pwd", read_ice_pwd},
      {"ice-options", read_ice_options},
      {"candidate", read_candidate_line},
      {"end-of-candidates", read_end_of_candidates},
      {"fingerprint", read_fingerprint},
      {"setup", read_setup},
      {"tls-id", read_tls_id},
      {"rtcp-mux", read_rtcp_mux},
      {"rtcp-mux-only", read_rtcp_mux_only},
      {"rtcp", read_rtcp},
      {"crypto", read_crypto},
      {{}, nullptr},
  };
  return readers;
}

} // namespace viadux::sdp
