// What the tests of sdp share: recordings, and the capabilities of a typical session of ours.
#pragma once

#include "core/sdp/negotiate.hpp"
#include "core/sdp/parser.hpp"
#include "core/sdp/writer.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

namespace viadux::sdp {

// A file of tests/unit/sdp/data; tests run in the tree's top folder. data/README.md says where each comes
// from.
inline std::string recorded(const std::string& name) {
  std::ifstream file("tests/unit/sdp/data/" + name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << "tests/unit/sdp/data/" << name
                                   << " is missing; run from the top folder";
  return text.str();
}

inline SessionDescription parsed(const std::string& text, Profile profile = Profile::webrtc) {
  auto description = parse(text, profile);
  EXPECT_TRUE(description) << description.error().message;
  return description ? *description : SessionDescription{};
}

inline SessionDescription recorded_offer(const std::string& name) {
  return parsed(recorded(name));
}

inline Candidate host_candidate(std::string address, std::uint16_t port) {
  Candidate candidate;
  candidate.foundation = "1";
  candidate.priority = 2130706431;
  candidate.address = std::move(address);
  candidate.port = port;
  return candidate;
}

inline Fingerprint our_fingerprint() {
  std::string value = "AB";
  for (int i = 1; i < 32; ++i)
    value += ":CD";
  return {"sha-256", value};
}

// A WebRTC session of ours: ICE-lite, DTLS server, VP8 and Opus.
inline LocalCapabilities webrtc_side() {
  LocalCapabilities local;
  local.session_id = 4711;
  local.ice_ufrag = "ours";
  local.ice_pwd = "0123456789abcdefghijklmn";
  local.candidates = {host_candidate("192.0.2.1", 40000)};
  local.fingerprints = {our_fingerprint()};
  return local;
}

// A session with SIP units: no ICE, SDES keys, a pair of ports for each line.
inline LocalCapabilities sip_side(std::size_t lines) {
  LocalCapabilities local;
  local.profile = Profile::sip;
  local.address = "192.0.2.2";
  local.crypto = {{1, "AEAD_AES_128_GCM", "GxoZGBcWFRQTEhEQDw4NDAsKCQgHBgUEAwIBAA==", "", ""},
                  {1, "AES_CM_128_HMAC_SHA1_80", "HRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA", "", ""}};
  local.audio = {CodecId::opus, CodecId::g722, CodecId::pcma, CodecId::pcmu, CodecId::telephone_event};
  local.video = {CodecId::h264};
  local.lines.resize(lines);
  for (std::size_t i = 0; i < lines; ++i) {
    local.lines[i].port = static_cast<std::uint16_t>(30000 + 2 * i);
    local.lines[i].rtcp_port = static_cast<std::uint16_t>(30001 + 2 * i);
  }
  return local;
}

inline Negotiated negotiated(const SessionDescription& offer, const LocalCapabilities& local,
                             const std::optional<Negotiated>& previous = std::nullopt) {
  auto result = negotiate(offer, local, previous);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : Negotiated{};
}

inline const std::vector<std::string>& webrtc_recordings() {
  static const std::vector<std::string> names{
      "chromium_sendrecv.sdp",    "chromium_simulcast.sdp",          "chromium_recvonly_many.sdp",
      "chromium_recvonly.sdp",    "chromium_slides_datachannel.sdp", "chromium_max_compat.sdp",
      "chromium_ice_restart.sdp", "firefox_style_bundle_only.sdp"};
  return names;
}

inline const std::vector<std::string>& sip_recordings() {
  static const std::vector<std::string> names{"sip_room_system.sdp", "sip_untidy.sdp", "sip_dtls.sdp"};
  return names;
}

} // namespace viadux::sdp
