// The two engines of SRTP read each other.
#include "bench/client/srtp.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace viadux::bench {
namespace {

using Engine = SrtpPair::Engine;

struct Engines : testing::TestWithParam<std::pair<Engine, Engine>> {
  void SetUp() override {
    SrtpKeys keys{SrtpProfile::aead_aes_128_gcm, {}, {}};
    for (int i = 0; i < 28; ++i) {
      keys.local.push_back(static_cast<std::uint8_t>(7 * i + 1));
      keys.remote.push_back(static_cast<std::uint8_t>(5 * i + 3));
    }
    ASSERT_TRUE(sender.open(keys, GetParam().first));
    std::swap(keys.local, keys.remote);
    ASSERT_TRUE(receiver.open(keys, GetParam().second));
  }
  SrtpPair sender;
  SrtpPair receiver;
  std::mt19937 random{23};
};

std::uint8_t* bytes(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

TEST_P(Engines, RtpAcrossARollover) {
  for (unsigned number = 65'400; number < 65'800; ++number) {
    std::string packet(12, '\0');
    store16(store8(store8(bytes(packet), 0x90), 96), number & 0xffff);
    store32(bytes(packet) + 8, 1000 + number % 2);
    packet += {'\xbe', '\xde', 0, 1, 'e', 'x', 't', '.'};
    packet.append(random() % 1000, static_cast<char>(random()));
    const std::string plain = packet;
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + srtp_trailer);
    ASSERT_TRUE(sender.protect_rtp(bytes(packet), size));
    ASSERT_EQ(size, static_cast<int>(plain.size()) + 16);
    std::string forged = packet;
    forged[static_cast<std::size_t>(16 + random() % (static_cast<unsigned>(size) - 16))] ^= 4;
    int forged_size = size;
    ASSERT_FALSE(receiver.unprotect_rtp(bytes(forged), forged_size));
    ASSERT_TRUE(receiver.unprotect_rtp(bytes(packet), size)) << number;
    packet.resize(static_cast<std::size_t>(size));
    ASSERT_EQ(packet, plain);
  }
}

TEST_P(Engines, Rtcp) {
  for (int i = 0; i < 200; ++i) {
    std::string packet(8, '\0');
    store32(store32(bytes(packet), 0x80c90001), 77);
    packet.append(4 * (random() % 50), static_cast<char>(random()));
    const std::string plain = packet;
    int size = static_cast<int>(packet.size());
    packet.resize(packet.size() + srtp_trailer);
    ASSERT_TRUE(sender.protect_rtcp(bytes(packet), size));
    std::string forged = packet;
    forged[random() % static_cast<unsigned>(size)] ^= 1;
    int forged_size = size;
    ASSERT_FALSE(receiver.unprotect_rtcp(bytes(forged), forged_size));
    ASSERT_TRUE(receiver.unprotect_rtcp(bytes(packet), size)) << i;
    packet.resize(static_cast<std::size_t>(size));
    ASSERT_EQ(packet, plain);
  }
}
INSTANTIATE_TEST_SUITE_P(Gcm, Engines,
                         testing::Values(std::pair{Engine::fastest, Engine::libsrtp},
                                         std::pair{Engine::libsrtp, Engine::fastest},
                                         std::pair{Engine::fastest, Engine::fastest}));

} // namespace
} // namespace viadux::bench
