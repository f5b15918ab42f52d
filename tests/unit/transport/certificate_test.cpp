#include "core/transport/certificate_store.hpp"

#include <gtest/gtest.h>

namespace viadux {
namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;

TEST(Fingerprint, ReadsAndWritesTheSdpForm) {
  const auto certificate = *Certificate::make(now_ms);
  const std::string text = certificate->fingerprint().to_string();
  EXPECT_EQ(text.size(), 8 + 32 * 3 - 1U);
  const auto read = Fingerprint::parse(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->digest, certificate->fingerprint().digest);
  EXPECT_TRUE(Fingerprint::parse("SHA-256" + text.substr(7))) << "hash names are case-insensitive";
}

TEST(Fingerprint, RefusesWhatIsWeakOrMalformed) {
  const std::string text = (*Certificate::make(now_ms))->fingerprint().to_string();
  EXPECT_FALSE(Fingerprint::parse("sha-1 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33"));
  EXPECT_FALSE(Fingerprint::parse(""));
  EXPECT_FALSE(Fingerprint::parse("sha-256"));
  EXPECT_FALSE(Fingerprint::parse(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(Fingerprint::parse(text + ":00"));
  EXPECT_FALSE(Fingerprint::parse("sha-512" + text.substr(7)));
  std::string wrong = text;
  wrong[10] = '-';
  EXPECT_FALSE(Fingerprint::parse(wrong));
  wrong = text;
  wrong[8] = 'G';
  EXPECT_FALSE(Fingerprint::parse(wrong));
}

TEST(CertificateStore, RotatesAfterADayAndTheOldOneLivesOnWithItsUsers) {
  auto store = *CertificateStore::create(now_ms);
  const auto first = store.current(now_ms);
  EXPECT_EQ(store.current(now_ms + CertificateStore::rotate_after_ms - 1), first);
  const auto second = store.current(now_ms + CertificateStore::rotate_after_ms);
  EXPECT_NE(second, first);
  EXPECT_NE(second->fingerprint().digest, first->fingerprint().digest);
  EXPECT_NE(first->context(), nullptr);
}

} // namespace
} // namespace viadux
