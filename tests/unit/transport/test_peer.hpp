// A WebRTC peer made of OpenSSL, libsrtp and a socket, apart from the STUN codec without any code of ours.
#pragma once

#include "core/transport/certificate_store.hpp"
#include "core/transport/stun_message.hpp"
#include "core/transport/transport.hpp"
#include "tests/unit/net/peer_socket.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <openssl/ssl.h>
#include <srtp2/srtp.h>
#include <string>
#include <vector>

namespace viadux {

class TestPeer {
 public:
  // `server`: where the worker listens. Over TCP where asked. `profiles` as OpenSSL names them.
  explicit TestPeer(const Endpoint& server, bool tcp = false,
                    const char* profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM");
  ~TestPeer();
  TestPeer(const TestPeer&) = delete;
  TestPeer& operator=(const TestPeer&) = delete;

  Fingerprint fingerprint() const { return fingerprint_; }
  Endpoint endpoint() const { return udp_->endpoint(); }
  // Another socket: the network changed. The DTLS association stays.
  void move() { udp_ = std::make_unique<PeerSocket>(); }
  void send(std::string_view bytes) const;
  // All that has arrived and is not STUN, DTLS or media that decrypt() took.
  std::vector<std::string> receive();

  // A binding request as a full agent in the controlling role sends it.
  struct Check {
    std::string username; // "ours:theirs" from the server's side
    std::string password;
    bool nominate = true;
    bool controlled = false;
  };
  void check(const Check& check) const;
  // The next STUN message that arrives; reads what is there. `code` 0 is success; nullopt where nothing came.
  std::optional<std::uint16_t> answer();
  const std::optional<Endpoint>& mapped() const { return mapped_; }

  // One step of the handshake; true once it is done and the keys are there.
  bool handshake(bool active = true);
  bool handshake_failed() const { return failed_; }
  void say_goodbye(); // close_notify
  bool heard_goodbye() const { return ssl_ && (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }
  const std::string& profile() const { return profile_; }
  std::function<bool()> drop_outgoing_dtls; // asked for each datagram; loses it where it says so

  std::string protect_rtp(std::string packet) const;
  std::string protect_rtcp(std::string packet) const;
  std::optional<std::string> unprotect_rtp(std::string packet) const;
  std::optional<std::string> unprotect_rtcp(std::string packet) const;

 private:
  void read_socket();
  void flush_dtls();
  void derive_keys(bool client);

  Endpoint server_;
  std::unique_ptr<PeerSocket> udp_;
  std::unique_ptr<PeerStream> tcp_;
  std::deque<std::string> stun_;
  std::deque<std::string> dtls_;
  std::vector<std::string> media_;
  std::optional<Endpoint> mapped_;
  SSL_CTX* context_;
  SSL* ssl_;
  Fingerprint fingerprint_;
  bool done_ = false;
  bool failed_ = false;
  std::string profile_;
  srtp_t out_ = nullptr;
  srtp_t in_ = nullptr;
};

// A small RTP packet with the given sequence number; `size` bytes in all.
std::string rtp_packet(std::uint16_t sequence, std::uint32_t ssrc = 0x1234, std::size_t size = 100);
// A receiver report without blocks (RFC 3550 6.4.2).
std::string rtcp_packet(std::uint32_t ssrc = 0x1234);

} // namespace viadux
