// One DTLS association (RFC 6347, RFC 5764): a handshake that ends in SRTP keys. [worker]
#pragma once

#include "core/transport/transport.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

struct ssl_st;
struct bio_st;
struct bio_method_st;
struct x509_store_ctx_st;

namespace viadux {

class DtlsOutput {
 public:
  virtual ~DtlsOutput() = default;
  virtual void send_dtls(std::span<const std::uint8_t> datagram) = 0; // [worker]
};

class DtlsSession {
 public:
  enum class State : std::uint8_t { handshaking, connected, closed_by_peer, failed };

  DtlsSession(DtlsConfig config, std::uint16_t mtu, DtlsOutput& output);
  ~DtlsSession();
  DtlsSession(const DtlsSession&) = delete;
  DtlsSession& operator=(const DtlsSession&) = delete;

  // Keeps a datagram for the next step(); a bounded number, the rest is dropped as the network might have
  // done.
  void receive(std::span<const std::uint8_t> datagram);
  // The dear part: goes on with the handshake (as the active side it also begins it). Sends by `output`.
  void step();
  // Sends the last flight again if its time has come.
  void on_timer();
  // Microseconds until on_timer() should be called; nullopt: not at all.
  std::optional<std::int64_t> timer_us() const;
  // Says close_notify where there is someone to hear it.
  void close();

  State state() const { return state_; }
  DtlsFailure failure() const { return failure_; }
  const std::optional<SrtpKeys>& keys() const { return keys_; } // once connected

 private:
  static constexpr std::size_t max_pending = 16;

  friend int verify_dtls_peer(x509_store_ctx_st* store, void* argument);
  friend bio_method_st* dtls_bio_method();
  static int read_bio(bio_st* bio, char* buffer, int size);
  static int write_bio(bio_st* bio, const char* buffer, int size);
  static long control_bio(bio_st* bio, int command, long argument, void* pointer);
  bool fingerprint_matches(x509_store_ctx_st* store) const;
  void advance();
  void finish();
  void fail(DtlsFailure failure);

  DtlsConfig config_;
  std::uint16_t mtu_;
  DtlsOutput& output_;
  ssl_st* ssl_ = nullptr;
  State state_ = State::handshaking;
  DtlsFailure failure_ = DtlsFailure::none;
  std::optional<SrtpKeys> keys_;
  std::deque<std::vector<std::uint8_t>> pending_;
  std::span<const std::uint8_t> current_; // what OpenSSL may read now
  bool wrong_fingerprint_ = false;
};

} // namespace viadux
