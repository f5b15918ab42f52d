// Our encryption and decryption against libsrtp2, packet by packet, and what must never be sent or taken.
#include "core/transport/packet_cipher.hpp"
#include "core/transport/rtp_decryptor.hpp"
#include "core/transport/rtp_encryptor.hpp"
#include "core/transport/sdes.hpp"
#include "core/transport/srtp_derivation.hpp"
#include "core/transport/srtp_session.hpp"

#include "test_peer.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace viadux {
namespace {

std::uint8_t* bytes(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

// A packet of any legal shape: CSRCs, an extension, padding to any size.
std::string any_packet(std::mt19937& random, std::uint16_t sequence, std::uint32_t ssrc) {
  std::string packet = rtp_packet(sequence, ssrc, 12);
  const unsigned csrcs = random() % 3;
  const bool extension = random() % 2 == 0;
  packet[0] = static_cast<char>(0x80 | (extension ? 0x10 : 0) | csrcs);
  packet.append(4 * csrcs, 'c');
  if (extension) {
    const unsigned words = random() % 5;
    packet += {'\xbe', '\xde', 0, static_cast<char>(words)};
    packet.append(4 * words, 'e');
  }
  for (std::size_t payload = random() % 1300; payload > 0; --payload)
    packet += static_cast<char>(random());
  return packet;
}

struct EngineTest : testing::TestWithParam<std::pair<SrtpProfile, CipherEngine>> {};

TEST_P(EngineTest, GivesTheBytesThatLibsrtpGives) {
  const auto [profile, engine] = GetParam();
  const SrtpKey key = make_sdes(1, profile).key;
  auto cipher = PacketCipher::create(profile, key, engine);
  if (!cipher) GTEST_SKIP() << "not on this machine";
  RtpEncryptor ours(std::move(cipher), false);
  auto theirs = *SrtpSession::create({profile, key, key}, 8, SrtpEngine::libsrtp);
  std::mt19937 random(11);
  std::uint16_t sequence = 65'000; // through a rollover
  for (int i = 0; i < 3000; ++i) {
    sequence = static_cast<std::uint16_t>(sequence + 1 + (random() % 10 == 0 ? random() % 200 : 0));
    const std::uint32_t ssrc = 100 + random() % 2;
    std::string a = any_packet(random, sequence, ssrc);
    std::string b = a;
    std::size_t b_size = b.size();
    a.resize(a.size() + srtp_max_overhead);
    b.resize(b.size() + srtp_max_overhead);
    const std::size_t a_size = ours.protect(bytes(a), b_size);
    ASSERT_EQ(theirs->protect_rtp(bytes(b), b_size), SrtpStatus::ok);
    a.resize(a_size);
    b.resize(b_size);
    ASSERT_EQ(a, b) << "packet " << i;
  }
}

TEST_P(EngineTest, ReadsWhatLibsrtpSendsAndNothingThatWasTouched) {
  const auto [profile, engine] = GetParam();
  const SrtpKey key = make_sdes(1, profile).key;
  auto cipher = PacketCipher::create(profile, key, engine);
  if (!cipher) GTEST_SKIP() << "not on this machine";
  const std::size_t tag = cipher->tag_size();
  RtpDecryptor ours(std::move(cipher));
  auto theirs = *SrtpSession::create({profile, key, key}, 8, SrtpEngine::libsrtp);
  std::mt19937 random(17);
  std::uint16_t sequence = 65'000; // through a rollover
  for (int i = 0; i < 3000; ++i) {
    sequence = static_cast<std::uint16_t>(sequence + 1 + (random() % 10 == 0 ? random() % 200 : 0));
    const std::string plain = any_packet(random, sequence, 100 + random() % 2);
    std::string wire = plain;
    std::size_t size = wire.size();
    wire.resize(size + srtp_max_overhead);
    ASSERT_EQ(theirs->protect_rtp(bytes(wire), size), SrtpStatus::ok);
    wire.resize(size);
    ASSERT_EQ(size, plain.size() + tag);

    // One bit of what is behind the fixed header: of the rest of the header, the payload or the tag.
    std::string forged = wire;
    forged[16 + random() % (size - 16)] ^= static_cast<char>(1U << random() % 8);
    std::size_t forged_size = size;
    const SrtpStatus refused = ours.unprotect(bytes(forged), forged_size);
    ASSERT_TRUE(refused == SrtpStatus::auth_failed || refused == SrtpStatus::malformed) << "packet " << i;

    ASSERT_EQ(ours.unprotect(bytes(wire), size), SrtpStatus::ok) << "a forged one before it changes nothing";
    wire.resize(size);
    ASSERT_EQ(wire, plain) << "packet " << i;
  }
}
INSTANTIATE_TEST_SUITE_P(All, EngineTest,
                         testing::Values(std::pair{SrtpProfile::aead_aes_128_gcm, CipherEngine::ipsec_mb},
                                         std::pair{SrtpProfile::aead_aes_128_gcm, CipherEngine::openssl},
                                         std::pair{SrtpProfile::aes_cm_128_hmac_sha1_80,
                                                   CipherEngine::openssl}));

// RFC 3711 B.3.
TEST(SrtpDerivation, GivesTheKeysOfRfc3711) {
  const SrtpKey master{
      {0xE1, 0xF9, 0x7A, 0x0D, 0x3E, 0x01, 0x8B, 0xE0, 0xD6, 0x4F, 0xA3, 0x2C, 0x06, 0xDE, 0x41, 0x39},
      {0x0E, 0xC6, 0x75, 0xAD, 0x49, 0x8A, 0xFE, 0xEB, 0xB6, 0x96, 0x0B, 0x3A, 0xAB, 0xE6}};
  const auto keys = derive_srtp_keys(SrtpProfile::aes_cm_128_hmac_sha1_80, master, SrtpLabel::rtp);
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->cipher, (std::array<std::uint8_t, 16>{0xC6, 0x1E, 0x7A, 0x93, 0x74, 0x4F, 0x39, 0xEE, 0x10,
                                                        0x73, 0x4A, 0xFE, 0x3F, 0xF7, 0xA0, 0x87}));
  EXPECT_EQ(keys->salt, (std::array<std::uint8_t, 14>{0x30, 0xCB, 0xBC, 0x08, 0x86, 0x3D, 0x8C, 0x85, 0xD4,
                                                      0x9D, 0xB3, 0x4A, 0x9A, 0xE1}));
  EXPECT_EQ(keys->authentication,
            (std::array<std::uint8_t, 20>{0xCE, 0xBE, 0x32, 0x1F, 0x6F, 0xF7, 0x71, 0x6B, 0x6F, 0xD4,
                                          0xAB, 0x49, 0xAF, 0x25, 0x6A, 0x15, 0x6D, 0x38, 0xBA, 0xA4}));
}

// The sender's rollover counter must be the one that a receiver guesses, whatever the order.
TEST(RtpEncryptor, AReceiverFollowsReorderingAcrossRollovers) {
  const SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  const SrtpKey key = make_sdes(1, profile).key;
  auto sender = *SrtpSession::create({profile, key, key}, 8);
  auto receiver = *SrtpSession::create({profile, key, key}, 8);
  std::mt19937 random(13);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < 140'000; ++i)
    order.push_back(i);
  for (std::size_t i = 50; i + 50 < order.size(); i += 7)
    std::swap(order[i], order[i + random() % 40]);
  for (const std::uint32_t number : order) {
    std::string packet = rtp_packet(static_cast<std::uint16_t>(number), 1, 40);
    std::size_t size = packet.size();
    packet.resize(size + srtp_max_overhead);
    ASSERT_EQ(sender->protect_rtp(bytes(packet), size), SrtpStatus::ok) << number;
    ASSERT_EQ(receiver->unprotect_rtp(bytes(packet), size), SrtpStatus::ok) << number;
  }
}

TEST(RtpEncryptor, WithGcmNoIndexIsUsedTwiceAndNoneBehindTheWindow) {
  const SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  const SrtpKey key = make_sdes(1, profile).key;
  auto session = *SrtpSession::create({profile, key, key}, 8);
  const auto send = [&](std::uint16_t sequence) {
    std::string packet = rtp_packet(sequence, 1, 40);
    std::size_t size = packet.size();
    packet.resize(size + srtp_max_overhead);
    return session->protect_rtp(bytes(packet), size);
  };
  EXPECT_EQ(send(5000), SrtpStatus::ok);
  EXPECT_EQ(send(5000), SrtpStatus::refused);
  EXPECT_EQ(send(6000), SrtpStatus::ok);
  EXPECT_EQ(send(5000), SrtpStatus::refused);
  EXPECT_EQ(send(5001), SrtpStatus::ok) << "late, but within the window";
  EXPECT_EQ(send(5001), SrtpStatus::refused);
  EXPECT_EQ(send(6024), SrtpStatus::ok);
  EXPECT_EQ(send(5000), SrtpStatus::refused) << "behind the window nobody knows";
  EXPECT_EQ(send(6000), SrtpStatus::refused);
}

TEST(RtpEncryptor, AesCmMayRepeatAPacket) {
  const SrtpProfile profile = SrtpProfile::aes_cm_128_hmac_sha1_80;
  const SrtpKey key = make_sdes(1, profile).key;
  auto session = *SrtpSession::create({profile, key, key}, 8);
  std::string first;
  for (int i = 0; i < 2; ++i) {
    std::string packet = rtp_packet(9, 1, 40);
    std::size_t size = packet.size();
    packet.resize(size + srtp_max_overhead);
    ASSERT_EQ(session->protect_rtp(bytes(packet), size), SrtpStatus::ok);
    packet.resize(size);
    if (i == 1) EXPECT_EQ(packet, first);
    first = packet;
  }
}

// The network loses, repeats and reorders, by more than the window and across rollovers.
TEST(RtpDecryptor, JudgesReplayAndRolloverAsLibsrtpDoes) {
  const SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  const SrtpKey key = make_sdes(1, profile).key;
  auto sender = *SrtpSession::create({profile, key, key}, 8);
  auto ours = *SrtpSession::create({profile, key, key}, 8);
  auto theirs = *SrtpSession::create({profile, key, key}, 8, SrtpEngine::libsrtp);
  std::mt19937 random(19);
  std::vector<std::string> sent;
  std::map<SrtpStatus, int> seen;
  const auto take = [&](std::string packet) {
    std::string copy = packet;
    std::size_t size = packet.size();
    std::size_t copy_size = size;
    const SrtpStatus status = ours->unprotect_rtp(bytes(packet), size);
    ASSERT_EQ(status, theirs->unprotect_rtp(bytes(copy), copy_size)) << "after " << sent.size();
    ++seen[status];
    if (status != SrtpStatus::ok) return;
    packet.resize(size);
    copy.resize(copy_size);
    ASSERT_EQ(packet, copy);
  };
  for (std::uint32_t number = 65'000; number < 65'000 + 140'000; ++number) {
    std::string packet = rtp_packet(static_cast<std::uint16_t>(number), 1, 40);
    std::size_t size = packet.size();
    packet.resize(size + srtp_max_overhead);
    ASSERT_EQ(sender->protect_rtp(bytes(packet), size), SrtpStatus::ok);
    packet.resize(size);
    sent.push_back(packet);
    if (random() % 8 != 0) take(packet);
    // A loss that comes late, or what has been before: up to twice the window back.
    if (random() % 4 == 0) take(sent[sent.size() - 1 - random() % std::min<std::size_t>(sent.size(), 2048)]);
  }
  EXPECT_GT(seen[SrtpStatus::ok], 110'000);
  EXPECT_GT(seen[SrtpStatus::replayed], 10'000);
  EXPECT_EQ(seen.size(), 2U);
}

TEST(RtpDecryptor, TakesNothingThatIsShorterThanItsTag) {
  const SrtpKey key = make_sdes(1, SrtpProfile::aead_aes_128_gcm).key;
  for (const SrtpEngine engine : {SrtpEngine::fast, SrtpEngine::libsrtp}) {
    auto session = *SrtpSession::create({SrtpProfile::aead_aes_128_gcm, key, key}, 8, engine);
    for (std::size_t size = 12; size < 28; ++size) {
      std::string packet = rtp_packet(1, 1, size);
      EXPECT_EQ(session->unprotect_rtp(bytes(packet), size), SrtpStatus::malformed) << size;
    }
    std::string packet = rtp_packet(1, 1, 28);
    std::size_t size = packet.size();
    EXPECT_EQ(session->unprotect_rtp(bytes(packet), size), SrtpStatus::auth_failed);
  }
}

TEST(RtcpGcm, GivesAndReadsTheBytesOfLibsrtp) {
  const SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  const SrtpKey key = make_sdes(1, profile).key;
  auto ours = *SrtpSession::create({profile, key, key}, 8);
  auto theirs = *SrtpSession::create({profile, key, key}, 8, SrtpEngine::libsrtp);
  std::mt19937 random(29);
  for (int i = 0; i < 1000; ++i) {
    std::string plain = "\x80\xc9";
    plain += {0, 1, 0, 0, 0, 7};
    for (unsigned words = random() % 300; words > 0; --words)
      plain.append(4, static_cast<char>(random()));
    std::string a = plain + std::string(srtp_max_overhead + 4, '\0');
    std::string b = a;
    std::size_t a_size = plain.size();
    std::size_t b_size = plain.size();
    ASSERT_EQ(ours->protect_rtcp(bytes(a), a_size), SrtpStatus::ok);
    ASSERT_EQ(theirs->protect_rtcp(bytes(b), b_size), SrtpStatus::ok);
    a.resize(a_size);
    b.resize(b_size);
    ASSERT_EQ(a, b) << "packet " << i;

    std::string forged = b;
    forged[random() % forged.size()] ^= static_cast<char>(1U << random() % 8);
    std::size_t forged_size = forged.size();
    const SrtpStatus refused = ours->unprotect_rtcp(bytes(forged), forged_size);
    ASSERT_TRUE(refused == SrtpStatus::auth_failed || refused == SrtpStatus::malformed ||
                refused == SrtpStatus::replayed);
    std::string again = b;
    ASSERT_EQ(ours->unprotect_rtcp(bytes(b), b_size), SrtpStatus::ok) << "packet " << i;
    b.resize(b_size);
    ASSERT_EQ(b, plain);
    ASSERT_EQ(ours->unprotect_rtcp(bytes(again), a_size), SrtpStatus::replayed);
  }
}

TEST(RtcpGcm, RefusesWhatIsNotEncryptedOrTooShort) {
  const SrtpKey key = make_sdes(1, SrtpProfile::aead_aes_128_gcm).key;
  auto session = *SrtpSession::create({SrtpProfile::aead_aes_128_gcm, key, key}, 8);
  for (std::size_t length = 8; length < 28; ++length) {
    std::string packet(length, '\xff');
    EXPECT_EQ(session->unprotect_rtcp(bytes(packet), length), SrtpStatus::malformed) << length;
  }
  std::string packet(60, '\x01'); // E is not set
  std::size_t size = packet.size();
  EXPECT_EQ(session->unprotect_rtcp(bytes(packet), size), SrtpStatus::malformed);
}

TEST(SrtpSession, MalformedPacketsAreNotTouched) {
  const SrtpProfile profile = SrtpProfile::aead_aes_128_gcm;
  const SrtpKey key = make_sdes(1, profile).key;
  auto session = *SrtpSession::create({profile, key, key}, 8);
  std::string packet = rtp_packet(1, 1, 20);
  packet[0] = static_cast<char>(0x9f); // 15 CSRCs and an extension in 20 bytes
  packet.resize(20 + srtp_max_overhead);
  const std::string before = packet;
  std::size_t size = 20;
  EXPECT_EQ(session->protect_rtp(bytes(packet), size), SrtpStatus::refused);
  EXPECT_EQ(packet, before);
  size = 5;
  EXPECT_EQ(session->unprotect_rtp(bytes(packet), size), SrtpStatus::malformed);
  EXPECT_EQ(session->unprotect_rtcp(bytes(packet), size), SrtpStatus::malformed);
}

} // namespace
} // namespace viadux
