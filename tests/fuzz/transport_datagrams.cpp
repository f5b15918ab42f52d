// A transport fed with datagrams: one connected by SDES keys that are known to the corpus, one in the middle
// of ICE and DTLS. Input: a byte that chooses, then datagrams, each after two bytes of length.
#include "core/control/clock.hpp"
#include "core/transport/stun_message.hpp"
#include "core/transport/transport.hpp"
#include "tests/unit/net/peer_socket.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace {

using namespace viadux;

struct Listener final : TransportListener {
  void on_connected() override {}
  void on_rtp(std::span<ReceivedPacket> batch) override {
    for (const auto& packet : batch)
      if (packet.size < 12) std::abort();
  }
  void on_rtcp(std::span<const std::uint8_t> packet) override {
    if (packet.size() < 8) std::abort();
  }
  void on_closed(CloseReason) override {}
};

struct FixedClock final : Clock {
  std::int64_t time_us = 1'000'000;
  std::int64_t now_us() const override { return time_us; }
  std::int64_t wall_ms() const override { return 1'700'000'000'000; }
};

// Made once: sockets and certificates are dear.
struct Bench {
  FixedClock clock;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<IceDirectory> directory;
  std::shared_ptr<const Certificate> certificate;
  PeerSocket peer;

  Bench() {
    WorkerConfig config;
    config.base_port = 0;
    config.tcp = false;
    config.addresses = {IpAddress::v4({127, 0, 0, 1})};
    // Nobody listens to the answers.
    config.send_many = [](int, mmsghdr*, unsigned count, int) { return static_cast<int>(count); };
    worker = std::move(*Worker::create(config, clock));
    directory = std::make_unique<IceDirectory>(*worker);
    certificate = *Certificate::make(clock.wall_ms());
  }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Bench bench;
  if (size < 1) return 0;
  Listener listener;
  TransportConfig config;
  config.ice = IceConfig{{"evtj", "VOkJxbRl1RmTxUk/WvJxBt"}, {"h6vY", ""}};
  const unsigned mode = data[0] & 3;
  if (mode == 1) config.keys = SrtpKeys{}; // all zero: a fuzzer may yet guess them
  if (mode >= 2) {
    const Fingerprint any{"sha-256", std::vector<std::uint8_t>(32)};
    config.dtls = DtlsConfig{mode == 2 ? DtlsRole::active : DtlsRole::passive, bench.certificate, {any}};
  }
  Transport transport(*bench.worker, *bench.directory, config, listener);
  // A valid check, so that everything behind ICE can be reached.
  std::array<std::uint8_t, 256> check;
  StunWriter writer(check, StunClass::request, stun_binding, {});
  writer.add_username("evtj:h6vY");
  writer.add_use_candidate();
  writer.add_integrity("VOkJxbRl1RmTxUk/WvJxBt");
  writer.add_fingerprint();
  const Endpoint server{IpAddress::v4({127, 0, 0, 1}), bench.worker->port()};
  const auto feed = [&](std::span<const std::uint8_t> packet) {
    bench.peer.send(server, {reinterpret_cast<const char*>(packet.data()), packet.size()});
    bench.worker->turn();
  };
  feed(writer.message());
  for (std::size_t at = 1; at + 2 <= size;) {
    const std::size_t length =
        std::min<std::size_t>(static_cast<std::size_t>(data[at] << 8 | data[at + 1]) % 2048, size - at - 2);
    feed({data + at + 2, length});
    at += 2 + length;
  }
  return 0;
}
