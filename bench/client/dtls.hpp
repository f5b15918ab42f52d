// DTLS 1.2 with the use_srtp extension (RFC 5764), by OpenSSL. One certificate for the whole process.
#pragma once

#include "bench/client/bytes.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace viadux::bench {

enum class SrtpProfile { none, aead_aes_128_gcm, aes128_cm_sha1_80 };

struct SrtpKeys {
  SrtpProfile profile = SrtpProfile::none;
  std::vector<std::uint8_t> local;  // master key and salt of what we send
  std::vector<std::uint8_t> remote; // of what we receive
};

class DtlsContext {
 public:
  // `profiles` in OpenSSL's notation, the preferred one first:
  // "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80".
  explicit DtlsContext(const std::string& profiles);
  ~DtlsContext();
  DtlsContext(const DtlsContext&) = delete;
  DtlsContext& operator=(const DtlsContext&) = delete;
  const std::string& fingerprint() const { return fingerprint_; } // "AB:CD:…", SHA-256

 private:
  friend class DtlsConnection;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string fingerprint_;
};

class DtlsConnection {
 public:
  using Send = std::function<void(Bytes)>;
  enum class State { running, connected, failed, closed };

  DtlsConnection(DtlsContext& context, bool client, std::string remote_fingerprint, Send send);
  ~DtlsConnection();
  DtlsConnection(const DtlsConnection&) = delete;
  DtlsConnection& operator=(const DtlsConnection&) = delete;

  void start();
  void receive(Bytes datagram);
  void tick(); // retransmits when it is time; call it every 50 ms while running
  void close();

  State state() const { return state_; }
  const std::string& failure() const { return failure_; }
  const SrtpKeys& keys() const { return keys_; }

 private:
  void advance();
  void fail(std::string why);
  void finish();

  struct Impl;
  std::unique_ptr<Impl> impl_;
  bool client_;
  std::string remote_fingerprint_;
  State state_ = State::running;
  std::string failure_;
  SrtpKeys keys_;
};

} // namespace viadux::bench
