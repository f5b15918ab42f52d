// a=candidate (RFC 8839 section 5.1, RFC 6544 section 4.5 for TCP), both ways.
#include "core/sdp/attributes.hpp"
#include "core/sdp/codecs.hpp"
#include "core/sdp/text.hpp"
#include "core/sdp/writer.hpp"

#include <array>
#include <utility>

namespace viadux::sdp {
namespace {

constexpr std::array<std::pair<std::string_view, CandidateType>, 4> types{{
    {"host", CandidateType::host},
    {"srflx", CandidateType::srflx},
    {"prflx", CandidateType::prflx},
    {"relay", CandidateType::relay},
}};

constexpr std::array<std::pair<std::string_view, TcpType>, 3> tcp_types{{
    {"active", TcpType::active},
    {"passive", TcpType::passive},
    {"so", TcpType::so},
}};

bool plausible_address(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:-_%") ==
             std::string_view::npos;
}

// The name-value pairs after the type.
Verdict read_extensions(std::string_view rest, Candidate& candidate) {
  while (!rest.empty()) {
    const auto name = take_word(rest);
    const auto value = take_word(rest);
    if (name == "raddr" && plausible_address(value)) {
      candidate.related_address = value;
    } else if (name == "rport") {
      const auto port = to_number<std::uint16_t>(value);
      if (!port) return Verdict::bad("rport " + quoted(value) + " is not a port");
      candidate.related_port = *port;
    } else if (name == "tcptype") {
      for (const auto& [word, type] : tcp_types)
        if (same(word, value)) candidate.tcp_type = type;
      if (candidate.tcp_type == TcpType::none) return Verdict::unknown();
    } else {
      if (!candidate.extensions.empty()) candidate.extensions += ' ';
      candidate.extensions.append(name);
      if (!value.empty()) candidate.extensions.append(" ").append(value);
    }
  }
  if (candidate.related_address.empty()) candidate.related_port = 0; // means nothing alone
  return Verdict::ok();
}

} // namespace

Verdict read_candidate(std::string_view value, Candidate& candidate) {
  auto rest = value;
  candidate.foundation = take_word(rest);
  const auto component = to_number<std::uint16_t>(take_word(rest));
  const auto transport = take_word(rest);
  const auto priority = to_number<std::uint32_t>(take_word(rest));
  candidate.address = take_word(rest);
  const auto port = to_number<std::uint16_t>(take_word(rest));
  const auto typ = take_word(rest);
  const auto type = take_word(rest);
  if (candidate.foundation.empty() || candidate.foundation.size() > 32)
    return Verdict::bad("a candidate's foundation has 1 to 32 characters");
  if (!component || *component < 1 || *component > 256)
    return Verdict::bad("a candidate's component is a number from 1 to 256");
  if (!priority) return Verdict::bad("a candidate's priority is a number of 32 bits");
  if (!plausible_address(candidate.address)) return Verdict::bad("a candidate needs an address or a name");
  if (!port) return Verdict::bad("a candidate's port is a number from 0 to 65535");
  if (typ != "typ") return Verdict::bad("a candidate says 'typ' after its port");
  candidate.component = *component;
  candidate.priority = *priority;
  candidate.port = *port;

  if (same(transport, "udp"))
    candidate.transport = CandidateTransport::udp;
  else if (same(transport, "tcp"))
    candidate.transport = CandidateTransport::tcp;
  else
    return Verdict::unknown(); // RFC 8839: candidates of unknown transports are ignored

  bool known = false;
  for (const auto& [word, value_of_word] : types) {
    if (word != type) continue;
    candidate.type = value_of_word;
    known = true;
  }
  if (!known) return Verdict::unknown();
  return read_extensions(rest, candidate);
}

std::string write_candidate(const Candidate& candidate) {
  std::string text = "candidate:" + candidate.foundation + ' ' + std::to_string(candidate.component);
  text += candidate.transport == CandidateTransport::udp ? " udp " : " tcp ";
  text += std::to_string(candidate.priority) + ' ' + candidate.address + ' ' +
          std::to_string(candidate.port) + " typ ";
  for (const auto& [word, type] : types)
    if (type == candidate.type) text += word;
  if (!candidate.related_address.empty())
    text += " raddr " + candidate.related_address + " rport " + std::to_string(candidate.related_port);
  for (const auto& [word, type] : tcp_types)
    if (type == candidate.tcp_type) text.append(" tcptype ").append(word);
  if (!candidate.extensions.empty()) text += ' ' + candidate.extensions;
  return text;
}

} // namespace viadux::sdp
