#include "phone.hpp"

#include <gtest/gtest.h>
#include <map>
#include <openssl/evp.h>
#include <sstream>

namespace viadux {
namespace {

std::vector<std::uint8_t> base64(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  bytes.resize(30); // AES-CM: 16 of key, 14 of salt
  return bytes;
}

} // namespace

std::string Phone::media_line(const std::string& direction) const {
  std::ostringstream out;
  const bool audio = kind_ == "audio";
  const std::map<int, std::string> names{{0, "PCMU/8000"},
                                         {8, "PCMA/8000"},
                                         {9, "G722/8000"},
                                         {100, "opus/48000/2"},
                                         {101, "telephone-event/8000"}};
  std::string numbers, maps;
  for (const int sound : sounds_) {
    numbers += (numbers.empty() ? "" : " ") + std::to_string(sound);
    maps += "a=rtpmap:" + std::to_string(sound) + " " + names.at(sound) + "\r\n";
  }
  out << "m=" << kind_ << ' ' << rtp_.endpoint().port << (key_.empty() ? " RTP/AVP " : " RTP/SAVP ")
      << (audio ? numbers : "97") << "\r\nc=IN IP4 127.0.0.1\r\na=rtcp:" << rtcp_.endpoint().port << "\r\n";
  if (audio)
    out << maps;
  else
    out << "a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42801f;packetization-mode=1\r\n"
           "a=rtcp-fb:* nack pli\r\na=rtcp-fb:* ccm tmmbr\r\n";
  if (!key_.empty()) out << "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" << key_ << "\r\n";
  out << "a=" << direction << "\r\n";
  return out.str();
}

bool Phone::accept(const std::string& answer, std::size_t index) {
  std::istringstream in(answer);
  std::string row, remote_key;
  std::size_t lines = 0;
  unsigned port = 0;
  while (std::getline(in, row)) {
    if (!row.empty() && row.back() == '\r') row.pop_back();
    if (row.starts_with("m=") && lines++ == index) {
      std::string kind;
      std::istringstream(row.substr(2)) >> kind >> port;
      if (kind != kind_) return false;
    }
    if (lines == index + 1 && row.starts_with("a=crypto:") && row.find("AES_CM_128_HMAC_SHA1_80") != row.npos)
      remote_key = row.substr(row.find("inline:") + 7, 40);
  }
  server_ = {IpAddress::v4({127, 0, 0, 1}), static_cast<std::uint16_t>(port)};
  if (port == 0 || key_.empty() != remote_key.empty()) return false;
  if (key_.empty()) return true;
  return srtp_.open({bench::SrtpProfile::aes128_cm_sha1_80, base64(key_), base64(remote_key)});
}

void Phone::send_from(const PeerSocket& socket, std::uint8_t payload_type, std::uint32_t ssrc,
                      std::uint16_t sequence, const Payload& payload) {
  Payload buffer(bench::max_datagram + bench::srtp_trailer);
  bench::RtpBuilder builder(buffer.data(), {payload_type, false, sequence, sequence * 160U, ssrc});
  int size = static_cast<int>(builder.finish(payload));
  if (srtp_.is_open()) {
    ASSERT_TRUE(srtp_.protect_rtp(buffer.data(), size));
  }
  socket.send(server_, {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(size)});
}

void Phone::send_rtcp(const Payload& packet) const {
  rtcp_.send({server_.address, static_cast<std::uint16_t>(server_.port + 1)},
             {reinterpret_cast<const char*>(packet.data()), packet.size()});
}

void Phone::pump() {
  for (std::string datagram = rtp_.receive(); !datagram.empty(); datagram = rtp_.receive()) {
    auto* data = reinterpret_cast<std::uint8_t*>(datagram.data());
    int size = static_cast<int>(datagram.size());
    if (srtp_.is_open() && !srtp_.unprotect_rtp(data, size)) {
      ++not_authentic;
      continue;
    }
    const auto packet = bench::parse_rtp({data, static_cast<std::size_t>(size)});
    ASSERT_TRUE(packet);
    arrived.push_back({packet->header, {}, {packet->payload.begin(), packet->payload.end()}, false});
  }
  for (std::string datagram = rtcp_.receive(); !datagram.empty(); datagram = rtcp_.receive())
    reports.emplace_back(datagram.begin(), datagram.end());
}

std::string sip_offer(const std::vector<std::string>& media_lines) {
  std::string text = "v=0\r\no=unit 1 1 IN IP4 127.0.0.1\r\ns=call\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
  for (const std::string& line : media_lines)
    text += line;
  return text;
}

} // namespace viadux
