// A worker, a transport on it and a peer, all on loopback and driven by hand.
#pragma once

#include "core/transport/transport.hpp"
#include "test_peer.hpp"
#include "tests/unit/net/test_clock.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

namespace viadux {

struct RecordingListener final : TransportListener {
  int connected = 0;
  std::vector<std::string> rtp;
  std::vector<std::size_t> batches;
  std::vector<std::string> rtcp;
  std::optional<CloseReason> closed;

  void on_connected() override { ++connected; }
  void on_rtp(std::span<ReceivedPacket> batch) override {
    batches.push_back(batch.size());
    for (const auto& packet : batch)
      rtp.emplace_back(reinterpret_cast<const char*>(packet.data), packet.size);
  }
  void on_rtcp(std::span<const std::uint8_t> packet) override {
    rtcp.emplace_back(reinterpret_cast<const char*>(packet.data()), packet.size());
  }
  void on_closed(CloseReason reason) override { closed = reason; }
};

struct TransportTest : testing::Test {
  TestClock clock;
  WorkerConfig worker_config;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<IceDirectory> directory;
  std::shared_ptr<const Certificate> certificate;
  TransportConfig config;
  RecordingListener listener;
  std::unique_ptr<Transport> transport;
  std::unique_ptr<TestPeer> peer;
  IceCredentials local = make_ice_credentials();
  IceCredentials remote = make_ice_credentials();

  TransportTest() {
    worker_config.base_port = 0;
    worker_config.addresses = {IpAddress::v4({127, 0, 0, 1})};
    worker = std::move(*Worker::create(worker_config, clock));
    directory = std::make_unique<IceDirectory>(*worker);
    certificate = *Certificate::make(1'700'000'000'000);
  }
  ~TransportTest() override {
    transport.reset();
    directory.reset();
  }
  Endpoint server() const { return {worker->addresses()[0], worker->port()}; }
  void make_peer(bool tcp = false, const char* profiles = "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM") {
    peer = std::make_unique<TestPeer>(server(), tcp, profiles);
  }
  // ICE and DTLS as a browser would have them, with `peer`.
  void make_transport(DtlsRole role = DtlsRole::passive) {
    if (!peer) make_peer();
    config.ice = IceConfig{local, remote};
    config.dtls = DtlsConfig{role, certificate, {peer->fingerprint()}};
    open();
  }
  void open() { transport = std::make_unique<Transport>(*worker, *directory, config, listener); }
  TestPeer::Check good_check() const { return {local.ufrag + ':' + remote.ufrag, local.pwd}; }
  void turn(int times = 1) const {
    for (int i = 0; i < times; ++i)
      worker->turn(1000);
  }
  // One valid check, answered.
  void do_ice() {
    peer->check(good_check());
    turn(3);
    ASSERT_EQ(peer->answer(), 0);
  }
  void do_dtls(bool peer_is_active = true) const {
    for (int i = 0; i < 200 && !(listener.connected && peer->handshake(peer_is_active)) && !listener.closed;
         ++i) {
      peer->handshake(peer_is_active);
      turn();
    }
  }
  void connect() {
    make_transport();
    do_ice();
    do_dtls();
    ASSERT_EQ(listener.connected, 1);
  }
  bool send_rtp(std::string_view packet) const {
    const auto room = transport->reserve();
    std::copy(packet.begin(), packet.end(), room.begin());
    return transport->send_rtp(packet.size());
  }
  bool send_rtcp(std::string_view packet) const {
    return transport->send_rtcp({reinterpret_cast<const std::uint8_t*>(packet.data()), packet.size()});
  }
};

} // namespace viadux
