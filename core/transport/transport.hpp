// One media connection: ICE-lite, DTLS and SRTP over UDP or TCP; or, for peers without ICE, a latched port
// with SDES keys or plain RTP. Lives whole on one worker: every call and every callback is [worker], its end
// too.
//
// A session owns it and hears from it by TransportListener:
//
//   Transport transport(worker, directory, config, listener);   // config.ice, .certificate,
//   .remote_fingerprints auto room = transport.reserve();                            // on_connected() was
//   called: write a packet ... transport.send_rtp(write_packet(room));                     // ... and it
//   leaves at the end of this turn
#pragma once

#include "core/net/worker.hpp"
#include "core/transport/certificate_store.hpp"
#include "core/transport/ice_directory.hpp"
#include "core/transport/srtp_keys.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace viadux {

enum class CloseReason : std::uint8_t {
  ice_timeout = 1,    // no valid check for too long (without ICE never: the session watches for silence)
  dtls_failed = 2,    // see TransportStats::dtls_failure
  closed_by_peer = 3, // close_notify
};
std::string_view to_string(CloseReason reason); // "ice_timeout", ...

enum class DtlsFailure : std::uint8_t { none, handshake, fingerprint, no_srtp_profile, timeout, internal };
std::string_view to_string(DtlsFailure failure);

enum class DtlsRole : std::uint8_t { passive = 1, active = 2 }; // a=setup; be passive where there is a choice

// One decrypted RTP packet. Its header is complete (12 bytes, CSRCs, extension) and lies within `size`; the
// payload is hostile still.
struct ReceivedPacket {
  std::uint8_t* data = nullptr;
  std::uint16_t size = 0;
  std::int64_t arrival_us = 0; // Worker::now_us() of its turn
};

class TransportListener {
 public:
  virtual ~TransportListener() = default;
  // Once: packets can be sent from now on (ICE has a pair, SRTP has keys). Without ICE and
  // DTLS it comes in the first turn after construction.
  virtual void on_connected() = 0;
  // One call per received batch, in order of arrival, 1 to max_batch packets; never before on_connected().
  // The bytes may be changed; they are gone when this returns.
  virtual void on_rtp(std::span<ReceivedPacket> batch) = 0;
  // One compound RTCP packet, decrypted; its first header is complete. Comes before the RTP of the same
  // batch.
  virtual void on_rtcp(std::span<const std::uint8_t> packet) = 0;
  // Once at most, not after close(): nothing is sent or received any more. The transport may be destroyed
  // later (post it to the worker), never from inside a callback.
  virtual void on_closed(CloseReason reason) = 0;
};

// How the peer's address is found.
struct IceConfig {
  IceCredentials local;  // ours: as in our description
  IceCredentials remote; // the peer's; a lite agent only checks the ufrag, and only if it is not empty
};
// Without ICE (design section 3, end): a port pair of its own.
struct LatchConfig {
  RtpPort port;            // opened with any sink; the transport takes it over and closes it
  Endpoint rtp;            // as signalled; unset is "not known yet"
  Endpoint rtcp;           // as signalled, else rtp's port + 1
  bool rtcp_mux = false;   // RFC 5761, as negotiated
  bool any_source = false; // sip.nat: plain RTP also latches to a source that was not signalled
};
// What protects the packets.
struct DtlsConfig {
  DtlsRole role = DtlsRole::passive;
  std::shared_ptr<const Certificate> certificate;
  std::vector<Fingerprint> remote_fingerprints; // one of them must match (RFC 8122 5)
};

struct TransportConfig {
  std::optional<IceConfig> ice; // exactly one of `ice` and `latch`
  std::optional<LatchConfig> latch;
  std::optional<DtlsConfig> dtls;            // at most one of `dtls` and `keys`; neither is plain RTP
  std::optional<SrtpKeys> keys;              // from SDES
  std::int64_t ice_timeout_us = 30'000'000;  // consent (RFC 7675 5.1): this long without a valid check closes
  std::int64_t dtls_timeout_us = 15'000'000; // from the first valid check to the keys
  std::uint16_t mtu = 1200;                  // of DTLS flights
};

struct TransportStats {
  std::uint64_t rtp_packets_in = 0, rtp_bytes_in = 0;   // decrypted, headers included
  std::uint64_t rtp_packets_out = 0, rtp_bytes_out = 0; // before encryption
  std::uint64_t rtcp_packets_in = 0, rtcp_packets_out = 0;
  std::uint64_t auth_failures = 0; // SRTP and SRTCP whose tag was wrong
  std::uint64_t replays = 0;       // seen before, or too old
  std::uint64_t malformed = 0;     // neither STUN, DTLS, RTP nor RTCP; or cut short
  std::uint64_t early_drops =
      0; // before ICE or the keys allowed it, or from an address that did not pass a check
  std::uint64_t ssrc_limit_drops = 0; // more SSRCs than max_receive_ssrcs
  std::uint64_t protect_failures = 0; // ours; a packet that repeats a sequence number with GCM is refused
  std::uint64_t ice_checks = 0;       // valid ones
  std::uint64_t ice_refused = 0;      // wrong password, malformed, or in the wrong role
  std::uint64_t pair_switches = 0;    // times the selected pair moved
  DtlsFailure dtls_failure = DtlsFailure::none;
};

class Transport final {
 public:
  static constexpr std::size_t max_receive_ssrcs = 128;
  static constexpr std::size_t max_paths = 8;

  // `directory` is the worker's; both outlive the transport, and so does the listener.
  Transport(Worker& worker, IceDirectory& directory, TransportConfig config, TransportListener& listener);
  ~Transport(); // close()s
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Room for one RTP packet and its tag: write up to max_packet_size - srtp_max_overhead bytes, then
  // send_rtp() before anything else is sent on this worker.
  std::span<std::uint8_t> reserve();
  // Protects the first `size` bytes of reserve() in place and queues them. False: not writable, or refused by
  // SRTP (a sequence number was used before with GCM, where that would give the key away); the packet is
  // dropped, counted. `dscp`: as SendRing::commit().
  bool send_rtp(std::size_t size, std::uint8_t dscp = 0);
  // Copies, protects and queues one compound RTCP packet of at most 1400 bytes. False as above.
  bool send_rtcp(std::span<const std::uint8_t> packet);
  // Connected, not closed, and (TCP) the peer reads fast enough.
  bool is_writable() const;
  bool is_connected() const;

  // New credentials on both sides (RFC 8445 9): the old ones and the old pair stay until a check with the new
  // ones nominates. False: no ICE here, or the local ufrag is taken.
  bool restart_ice(const IceCredentials& local, const IceCredentials& remote);
  // SDES: keys that an offer or answer brought later, or a re-offer changed.
  bool set_keys(const SrtpKeys& keys);
  // Without ICE: the peer signalled another address (re-INVITE): latches anew.
  void set_remote(const Endpoint& rtp, const Endpoint& rtcp);

  // Says close_notify, forgets ufrag and paths; no callback comes afterwards.
  void close();

  std::optional<Endpoint> selected_endpoint() const; // where we send to
  bool selected_is_tcp() const;
  std::optional<SrtpProfile> srtp_profile() const;
  TransportStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace viadux
