#include "core/plugin/start_order.hpp"

#include <gtest/gtest.h>

namespace viadux {
namespace {

std::string order_of(const std::vector<OrderedPlugin>& plugins) {
  const StartOrder result = start_order(plugins, {"viadux.rooms"});
  std::string text;
  for (const std::size_t place : result.order)
    text += plugins[place].id + " ";
  for (const auto& [place, why] : result.refused)
    text += "-" + plugins[place].id + " ";
  return text;
}

TEST(StartOrder, StaysAsGivenWithoutRequirements) {
  EXPECT_EQ(order_of({{"a", {}, {}, {}}, {"b", {}, {"viadux.rooms"}, {}}, {"c", {}, {}, {}}}), "a b c ");
}

TEST(StartOrder, PutsProvidersFirst) {
  EXPECT_EQ(order_of({{"a", {}, {"x.c"}, {}}, {"b", {"x.b"}, {}, {}}, {"c", {"x.c"}, {}, {"x.b"}}}),
            "b c a ");
}

TEST(StartOrder, RefusesWhatNobodyOffersAndAllThatNeedIt) {
  const std::vector<OrderedPlugin> plugins{
      {"a", {}, {"x.b"}, {}}, {"b", {"x.b"}, {"x.nowhere"}, {}}, {"c", {}, {}, {}}};
  EXPECT_EQ(order_of(plugins), "c -b -a ");
  const StartOrder result = start_order(plugins, {});
  EXPECT_EQ(result.refused.at(0).second, "it requires the interface x.nowhere, which nobody offers");
  EXPECT_EQ(result.refused.at(1).second,
            "it requires the interface x.b of the plugin b, which does not start");
}

TEST(StartOrder, RefusesARing) {
  EXPECT_EQ(order_of({{"a", {"x.a"}, {"x.b"}, {}}, {"b", {"x.b"}, {"x.a"}, {}}, {"c", {}, {}, {}}}),
            "c -b -a ");
}

TEST(StartOrder, OpensARingThatAWantCloses) {
  EXPECT_EQ(order_of({{"a", {"x.a"}, {}, {"x.b"}}, {"b", {"x.b"}, {}, {"x.a"}}}), "b a ");
  EXPECT_EQ(order_of({{"a", {"x.a"}, {}, {"x.none"}}}), "a ");
}

} // namespace
} // namespace viadux
