#include "../token.hpp"

#include <gtest/gtest.h>

namespace client {
namespace {

Claims some_claims() {
  Claims claims;
  claims.uuid = "0a1b2c3d-0000-4000-8000-000000000001";
  claims.address = "demo";
  claims.display_name = "Åse";
  claims.role = viadux::documents::Role::host;
  claims.expires_ms = 1000;
  return claims;
}

Tokens with_key() {
  Tokens tokens;
  tokens.ring().add(KeyRing::make(1));
  return tokens;
}

TEST(Seal, Base64UrlGoesBothWaysAndHasOneSpelling) {
  for (const std::string bytes : {"", "a", "ab", "abc", "abcd", "\xff\xfe\x00z"})
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(from_base64url("-_8="), "\xfb\xff") << "padding is tolerated";
  EXPECT_FALSE(from_base64url("-_9")) << "left-over bits";
  EXPECT_FALSE(from_base64url("YWJjA")) << "a letter too many";
  EXPECT_FALSE(from_base64url("+/8"));
  EXPECT_FALSE(from_base64url("a b"));
}

TEST(Token, SaysWhatWasSaidUntilItExpires) {
  const Tokens tokens = with_key();
  const std::string token = tokens.issue(some_claims());
  const auto read = tokens.open(token, TokenKind::session, 999);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->display_name, "Åse");
  EXPECT_EQ(read->role, viadux::documents::Role::host);
  EXPECT_FALSE(tokens.open(token, TokenKind::session, 1000)) << "expired";
  EXPECT_FALSE(tokens.open(token, TokenKind::ticket, 999)) << "a session is no ticket";
  EXPECT_EQ(token.find("demo"), std::string::npos);
}

TEST(Token, NeedsNoEncodingInAnUrlAndIsNeverTheSameTwice) {
  const Tokens tokens = with_key();
  const std::string token = tokens.issue(some_claims());
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(token, tokens.issue(some_claims()));
}

TEST(Token, AnyChangedLetterIsAForgery) {
  const Tokens tokens = with_key();
  const std::string token = tokens.issue(some_claims());
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.open(forged, TokenKind::session, 1)) << "letter " << i;
  }
  for (std::size_t size = 0; size < token.size(); size += 7)
    EXPECT_FALSE(tokens.open(token.substr(0, size), TokenKind::session, 1));
  EXPECT_FALSE(tokens.open(std::string(100000, 'A'), TokenKind::session, 1));
}

TEST(Token, AnotherServersKeyOpensNothing) {
  EXPECT_FALSE(with_key().open(with_key().issue(some_claims()), TokenKind::session, 1));
  EXPECT_EQ(Tokens().issue(some_claims()), "") << "no key, no token";
}

TEST(Token, AKeyThatCouldNotBeMadeIsNoKey) {
  Tokens tokens;
  tokens.ring().add(SealKey());
  EXPECT_TRUE(tokens.ring().empty());
  EXPECT_EQ(tokens.issue(some_claims()), "");
}

TEST(Token, AnOldKeyOpensWhatItSealedAndTheNewOneSeals) {
  Tokens tokens = with_key();
  const std::string old = tokens.issue(some_claims());
  tokens.ring().add(KeyRing::make(2));
  EXPECT_TRUE(tokens.open(old, TokenKind::session, 1));
  const std::string fresh = tokens.issue(some_claims());
  for (int i = 0; i < 6; ++i)
    tokens.ring().add(KeyRing::make(3 + i));
  EXPECT_TRUE(tokens.open(fresh, TokenKind::session, 1));
  tokens.ring().add(KeyRing::make(20));
  EXPECT_FALSE(tokens.open(old, TokenKind::session, 1)) << "its key has gone";
  EXPECT_EQ(tokens.ring().keys().size(), KeyRing::most_keys);
}

TEST(Token, AKeyComesBackFromTheStore) {
  const SealKey key = KeyRing::make(7);
  Tokens before, after;
  before.ring().add(key);
  const auto read = Tokens::from_json(Tokens::to_json(key));
  ASSERT_TRUE(read);
  after.ring().add(*read);
  EXPECT_TRUE(after.open(before.issue(some_claims()), TokenKind::session, 1));
  EXPECT_FALSE(Tokens::from_json(viadux::Json("nonsense")));
}

} // namespace
} // namespace client
