#include "core/auth/auth.hpp"

#include "core/auth/constant_time.hpp"
#include "core/auth/digest.hpp"
#include "core/auth/memory_tokens.hpp"
#include "core/control/manual_loop.hpp"
#include "core/log/capture.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace viadux {
namespace {

using testing::HasSubstr;
using testing::Not;

std::shared_ptr<const Organisations> tree() {
  const std::string folder = testing::TempDir() + "viadux_auth_" + std::to_string(::getpid());
  for (const auto& [code, parent] :
       {std::pair("region", ""), std::pair("hospital", "region"), std::pair("other", "")}) {
    std::filesystem::create_directories(folder + "/" + code);
    std::ofstream(folder + "/" + code + "/organisation.toml") << "parent = \"" << parent << "\"\n";
  }
  auto load = load_organisations(folder, "");
  std::filesystem::remove_all(folder);
  return load.organisations;
}

class AuthTest : public testing::Test {
 protected:
  void SetUp() override { start(auth_); }

  void start(Auth& auth) {
    bool started = false;
    auth.start([&](const Result<void>& result) { started = result.has_value(); });
    EXPECT_FALSE(started); // never from inside the call
    loop_.run();
    EXPECT_TRUE(started);
  }
  CreatedToken make(const NewToken& wanted) {
    std::optional<CreatedToken> made;
    auth_.create(wanted, [&](Result<CreatedToken> result) {
      if (result) made = std::move(*result);
    });
    loop_.run();
    EXPECT_TRUE(made);
    return made.value_or(CreatedToken{});
  }
  std::string refusal(const NewToken& wanted) {
    std::string field;
    auth_.create(wanted,
                 [&](const Result<CreatedToken>& result) { field = result ? "" : result.error().field; });
    loop_.run();
    return field;
  }
  std::string check(Auth& auth, std::string_view token, std::string_view source = "192.0.2.1") {
    const Result<Principal> who = auth.check(token, source);
    return who ? "ok" : who.error().reason;
  }

  ManualLoop loop_;
  MemoryTokens tokens_{loop_};
  std::shared_ptr<const Organisations> organisations_ = tree();
  Auth auth_{loop_, tokens_, organisations_};
};

TEST_F(AuthTest, ATokenIsShownOnceAndOnlyItsHashIsKept) {
  LogCapture log;
  const CreatedToken made = make({PrincipalRole::operator_, "region", "journal system", 0});
  const std::string& token = made.token.reveal();
  EXPECT_EQ(token.size(), 4U + 43U);
  EXPECT_THAT(token, testing::StartsWith("vdx_"));
  EXPECT_EQ(made.record.hash, to_hex(sha256(token).data(), 32));
  const Result<Principal> who = auth_.check(token, "192.0.2.1");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->id, made.record.id);
  EXPECT_EQ(who->label, "journal system");
  EXPECT_TRUE(who->may(PrincipalRole::operator_, "hospital"));
  EXPECT_NE(make({}).token, made.token);
  EXPECT_EQ(check(auth_, token.substr(0, 46)), "token_unknown");
  const std::string lines = log.text();
  EXPECT_THAT(lines, HasSubstr(made.record.id));
  EXPECT_THAT(lines, Not(HasSubstr(token)));
}

TEST_F(AuthTest, WhatEachRoleMay) {
  using enum PrincipalRole;
  const auto principal = [&](PrincipalRole role, const char* organisation) {
    return Principal{"x", role, organisation, "", organisations_};
  };
  for (const PrincipalRole role : {viewer, operator_, policy_writer, integrator, admin}) {
    EXPECT_EQ(principal_role_from(to_string(role)), role);
    EXPECT_TRUE(principal(role, "region").may(viewer, "region"));
    EXPECT_TRUE(principal(role, "region").may(role, "hospital"));  // below it
    EXPECT_FALSE(principal(role, "hospital").may(role, "region")); // not above it
    EXPECT_FALSE(principal(role, "region").may(role, "other"));
    EXPECT_FALSE(principal(role, "region").may(role, "nobody"));
    EXPECT_FALSE(principal(role, "region").may(role, ""));
    EXPECT_TRUE(principal(role, "").may(role, "other"));
    EXPECT_TRUE(principal(role, "").may(role, ""));
    EXPECT_TRUE(principal(admin, "region").may(role, "region"));
    EXPECT_EQ(principal(role, "region").may(admin, "region"), role == admin);
  }
  EXPECT_FALSE(principal(operator_, "region").may(integrator, "region"));
  EXPECT_FALSE(principal(policy_writer, "region").may(operator_, "region"));
  EXPECT_EQ(principal_role_from("root"), std::nullopt);
}

TEST_F(AuthTest, ExpiryIsExact) {
  const CreatedToken made = make({PrincipalRole::viewer, "", "", 60'000});
  loop_.advance(59'999'000);
  EXPECT_EQ(check(auth_, made.token.reveal()), "ok");
  loop_.advance(1'000);
  EXPECT_EQ(check(auth_, made.token.reveal()), "token_expired");
}

TEST_F(AuthTest, RevokingWorksAtOnce) {
  const CreatedToken made = make({});
  bool done = false;
  auth_.revoke(made.record.id, [&](const Result<void>& result) { done = result.has_value(); });
  EXPECT_EQ(check(auth_, made.token.reveal()), "token_revoked");
  loop_.run();
  EXPECT_TRUE(done);
  loop_.advance(31'000'000); // read again
  EXPECT_EQ(check(auth_, made.token.reveal()), "token_revoked");
  std::string reason;
  auth_.revoke("nobody", [&](const Result<void>& result) { reason = result ? "" : result.error().reason; });
  loop_.run();
  EXPECT_EQ(reason, "token_unknown");
}

TEST_F(AuthTest, OtherNodesHearOfTokensWithin30Seconds) {
  Auth other(loop_, tokens_, organisations_);
  start(other);
  const CreatedToken made = make({});
  EXPECT_EQ(check(other, made.token.reveal()), "token_unknown");
  loop_.advance(30'000'000);
  EXPECT_EQ(check(other, made.token.reveal()), "ok");
  auth_.revoke(made.record.id, [](const Result<void>&) {});
  loop_.advance(30'000'000);
  EXPECT_EQ(check(other, made.token.reveal()), "token_revoked");
}

TEST_F(AuthTest, ATokenMadeWhileTokensAreReadIsNotForgotten) {
  std::string reason;
  loop_.after(29'999'999, [&] { // just before the next reading
    auth_.create({}, [&](Result<CreatedToken> made) { reason = check(auth_, made->token.reveal()); });
  });
  loop_.advance(30'000'000);
  EXPECT_EQ(reason, "ok");
  EXPECT_EQ(auth_.list("").size(), 1U);
}

TEST_F(AuthTest, GuessersAreSlowedAndOthersAreNot) {
  const CreatedToken made = make({});
  for (int i = 0; i < 11; ++i)
    EXPECT_EQ(check(auth_, "vdx_guess"), "token_unknown");
  EXPECT_EQ(check(auth_, "vdx_guess"), "auth_slowed");
  EXPECT_EQ(check(auth_, made.token.reveal()), "ok");
  EXPECT_EQ(check(auth_, "vdx_guess", "192.0.2.2"), "token_unknown");
  loop_.advance(1'000'000);
  EXPECT_EQ(check(auth_, "vdx_guess"), "token_unknown"); // twice as long from here
  loop_.advance(1'000'000);
  EXPECT_EQ(check(auth_, "vdx_guess"), "auth_slowed");
  EXPECT_EQ(auth_.failed(), 15U);
  EXPECT_EQ(auth_.slowed(), 2U);
  EXPECT_EQ(check(auth_, ""), "token_missing");
  EXPECT_EQ(check(auth_, std::string(1'000'000, 'x'), "192.0.2.3"), "token_unknown");
}

TEST_F(AuthTest, WrongWishesAreRefused) {
  EXPECT_EQ(refusal({PrincipalRole::viewer, "regoin", "", 0}), "organisation");
  EXPECT_EQ(refusal({PrincipalRole::viewer, "", std::string(201, 'x'), 0}), "label");
  EXPECT_EQ(refusal({PrincipalRole::viewer, "", "", -1}), "lifetime");
}

TEST_F(AuthTest, ListsAnOrganisationAndThoseBelow) {
  make({PrincipalRole::viewer, "region", "one", 0});
  make({PrincipalRole::viewer, "hospital", "two", 0});
  make({PrincipalRole::viewer, "", "three", 0});
  EXPECT_EQ(auth_.list("").size(), 3U);
  EXPECT_EQ(auth_.list("region").size(), 2U);
  EXPECT_EQ(auth_.list("other").size(), 0U);
  EXPECT_TRUE(auth_.list("").at(0).hash.empty());
}

TEST(BearerToken, TakesTheHeaderApart) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER   abc "), "abc");
  for (const char* header : {"", "Bearer", "Bearer ", "Basic abc", "Bearerabc"})
    EXPECT_EQ(bearer_token(header), "");
}

TEST(ConstantTime, ComparesTextsOfAnyLength) {
  EXPECT_TRUE(constant_time_equal("1234", "1234"));
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_FALSE(constant_time_equal("1234", "1235"));
  EXPECT_FALSE(constant_time_equal("1234", "12345"));
  EXPECT_FALSE(constant_time_equal("1234", ""));
  EXPECT_FALSE(constant_time_equal(std::string_view("12\0", 3), "12"));
}

TEST(Digest, KnownAnswers) {
  // FIPS 180-4, "abc"; RFC 4648 section 10.
  EXPECT_EQ(to_hex(sha256("abc").data(), 32),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64url("foob"), "Zm9vYg");
  EXPECT_EQ(base64url("fooba"), "Zm9vYmE");
  EXPECT_EQ(base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url("\xFF\xEF\xFE"), "_-_-");
}

TEST(FailuresTable, IsBoundedAndForgets) {
  Failures failures({.free = 1, .sources = 3});
  for (int i = 0; i < 100; ++i)
    failures.add("source " + std::to_string(i), 0);
  EXPECT_EQ(failures.size(), 3U);
  EXPECT_EQ(failures.add("source 99", 1), 1'000'000);
  EXPECT_EQ(failures.add("source 99", 2), 2'000'000);
  for (int i = 0; i < 100; ++i)
    EXPECT_LE(failures.add("source 99", 3), 60'000'000);
  EXPECT_EQ(failures.add("source 99", 600'000'004 + 3), 0);
}

} // namespace
} // namespace viadux
