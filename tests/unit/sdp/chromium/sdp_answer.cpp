// sdp_answer [h264] [active] [refuse-first]: reads an offer, writes our answer. For check_answers.mjs.
#include "core/sdp/negotiate.hpp"
#include "core/sdp/parser.hpp"
#include "core/sdp/writer.hpp"

#include <iostream>
#include <iterator>
#include <string>

using namespace viadux::sdp;

int main(int count, char** arguments) {
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const auto offer = parse(text, Profile::webrtc);
  if (!offer) return std::cerr << offer.error().message << '\n', 1;

  LocalCapabilities local;
  local.session_id = 1;
  local.ice_ufrag = "ours";
  local.ice_pwd = "0123456789abcdefghijklmn";
  Candidate udp{"1", 1, CandidateTransport::udp, 2130706431, "127.0.0.1", 9, CandidateType::host,
                {},  0, TcpType::none,           {}};
  Candidate tcp = udp;
  tcp.transport = CandidateTransport::tcp;
  tcp.tcp_type = TcpType::passive;
  local.candidates = {udp, tcp};
  std::string digest = "AB";
  for (int i = 1; i < 32; ++i)
    digest += ":CD";
  local.fingerprints = {{"sha-256", digest}};
  local.lines.resize(offer->media.size());
  for (std::uint32_t i = 0; i < local.lines.size(); ++i) {
    const auto n = std::to_string(i);
    local.lines[i].source = LocalSource{1000 + i, 2000 + i, "viadux", "stream" + n, "track" + n};
    local.lines[i].max_receive_bps = 900'000;
  }
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "h264") local.video = {CodecId::h264};
    if (argument == "refuse-first") local.lines.front().refuse = true;
    if (argument == "active") local.setup = Setup::active;
  }
  const auto agreed = negotiate(*offer, local, std::nullopt);
  if (!agreed) return std::cerr << agreed.error().message << '\n', 1;
  std::cout << write(agreed->answer);
  return 0;
}
