#include "core/transport/candidates.hpp"

#include <gtest/gtest.h>

namespace viadux {
namespace {

const IpAddress four = *IpAddress::parse("192.0.2.1");
const IpAddress six = *IpAddress::parse("2001:db8::1");

TEST(Candidates, HaveTheFormulaOfRfc8445) {
  EXPECT_EQ(candidate_priority(65535), 2130706431U);
}

TEST(Candidates, UdpComesBeforeTcpAndIpv6BeforeIpv4ByAHair) {
  CandidateConfig config;
  config.addresses = {four, six};
  config.port = 40000;
  const auto all = local_candidates(config);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].to_string().substr(0, 8), "1 1 udp ");
  EXPECT_NE(all[0].to_string().find(" 192.0.2.1 40000 typ host"), std::string::npos);
  EXPECT_NE(all[3].to_string().find(" 2001:db8::1 40000 typ host tcptype passive"), std::string::npos);
  EXPECT_GT(all[1].priority, all[0].priority);
  EXPECT_GT(all[0].priority, all[3].priority);
  EXPECT_GT(all[3].priority, all[2].priority);
  for (std::size_t i = 0; i < 4; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(all[i].foundation, all[j].foundation);
      EXPECT_NE(all[i].priority, all[j].priority);
    }
}

TEST(Candidates, LoopbackIsUsedWhereItIsNamedOnly) {
  CandidateConfig config;
  config.addresses = {*IpAddress::parse("127.0.0.1")};
  config.tcp = false;
  ASSERT_EQ(local_candidates(config).size(), 1U);
  EXPECT_TRUE(local_candidates(config)[0].endpoint.address.is_loopback());
  for (const IpAddress& address : interface_addresses()) {
    EXPECT_FALSE(address.is_loopback());
    EXPECT_FALSE(address.is_link_local());
  }
}

TEST(Candidates, APublicAddressStandsForOursOfItsFamily) {
  CandidateConfig config;
  config.addresses = {four, *IpAddress::parse("192.0.2.2"), six};
  config.public_addresses = {*IpAddress::parse("198.51.100.9")};
  config.tcp = false;
  const auto all = local_candidates(config);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].endpoint.address.to_string(), "198.51.100.9");
  EXPECT_EQ(all[1].endpoint.address, six);
}

TEST(Candidates, AWildcardStandsForTheInterfaces) {
  CandidateConfig config;
  config.addresses = {*IpAddress::parse("0.0.0.0")};
  config.tcp = false;
  EXPECT_EQ(local_candidates(config).size(), interface_addresses().size());
}

} // namespace
} // namespace viadux
