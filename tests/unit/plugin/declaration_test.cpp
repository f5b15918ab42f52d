// Descriptors as they should be, and as a careless or an older plugin may hand them over.
#include "core/plugin/declaration.hpp"

#include <gtest/gtest.h>
#include <viadux/text.hpp>

namespace viadux {
namespace {

void* create(const viadux_host* /*host*/) {
  return nullptr;
}
void destroy(void* /*self*/) {}

viadux_plugin minimal() {
  viadux_plugin plugin{};
  plugin.struct_size = sizeof plugin;
  plugin.abi_major = VIADUX_ABI_MAJOR;
  plugin.abi_minor = VIADUX_ABI_MINOR;
  plugin.id = to_text("minimal");
  plugin.version = to_text("1.0.0");
  plugin.licence = to_text("Apache-2.0");
  plugin.create = &create;
  plugin.destroy = &destroy;
  return plugin;
}

std::string reason_of(const viadux_plugin& plugin) {
  const auto declaration = read_declaration(plugin);
  return declaration ? "read" : declaration.error().reason;
}

TEST(Declaration, TakesTheSmallestPlugin) {
  EXPECT_EQ(reason_of(minimal()), "read");
}

TEST(Declaration, FollowsTheVersionRule) {
  viadux_plugin plugin = minimal();
  plugin.abi_minor = VIADUX_ABI_MINOR + 1;
  EXPECT_EQ(reason_of(plugin), "version_mismatch");
  plugin.abi_minor = 0;
  EXPECT_EQ(reason_of(plugin), "read") << "an older minor works for the whole major";
  plugin.abi_major = VIADUX_ABI_MAJOR + 1;
  EXPECT_EQ(reason_of(plugin), "version_mismatch");
  EXPECT_EQ(read_declaration(plugin).error().message,
            "it was built for plugin ABI 1.0, and this server has 0." + std::to_string(VIADUX_ABI_MINOR));
}

TEST(Declaration, RefusesWhatIsMissingOrImpossible) {
  const auto with = [](auto change) {
    viadux_plugin plugin = minimal();
    change(plugin);
    return reason_of(plugin);
  };
  EXPECT_EQ(with([](auto& p) { p.struct_size = 64; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.id = to_text("Big Name"); }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.id = {}; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.id = {nullptr, 5}; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.version = {}; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.licence = to_text("\xff"); }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.create = nullptr; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.keys = {nullptr, 3, sizeof(viadux_key)}; }), "descriptor_malformed");
  static const viadux_key key{};
  EXPECT_EQ(with([](auto& p) { p.keys = {&key, 1'000'000, sizeof key}; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.keys = {&key, 1, 0}; }), "descriptor_malformed");
  EXPECT_EQ(with([](auto& p) { p.keys = {&key, 1, sizeof key}; }), "descriptor_malformed") << "type 0";
  static const viadux_metric metric{to_text("x"), VIADUX_COUNTER, 9, nullptr, nullptr, 0, to_text("x")};
  EXPECT_EQ(with([](auto& p) { p.metrics = {&metric, 1, sizeof metric}; }), "descriptor_malformed");
  static const viadux_method method{to_text("x"), nullptr, {}, {}, {}};
  static const viadux_offer offer{to_text("x.y"), {&method, 1, sizeof method}};
  EXPECT_EQ(with([](auto& p) { p.offers = {&offer, 1, sizeof offer}; }), "descriptor_malformed");
}

TEST(Declaration, ChecksHooks) {
  const auto with = [](const char* name, const char* answer, const char* schema) {
    const viadux_hook hook{to_text(name), to_text(answer), to_text(schema), {}, {}, {}, 0};
    viadux_plugin plugin = minimal();
    plugin.hooks = {&hook, 1, sizeof hook};
    return reason_of(plugin);
  };
  EXPECT_EQ(with("may_ring", "{}", ""), "read");
  EXPECT_EQ(with("may_ring", R"({"allowed":true})", R"({"type":"object"})"), "read");
  EXPECT_EQ(with("may_ring", "[1]", ""), "descriptor_malformed");
  EXPECT_EQ(with("may_ring", "", ""), "descriptor_malformed") << "no default: nobody could answer";
  EXPECT_EQ(with("May ring", "{}", ""), "descriptor_malformed");
  EXPECT_EQ(with("may_ring", "{}", "object"), "descriptor_malformed");
}

TEST(Declaration, ALuaFunctionIsAMethodThatIsOffered) {
  const auto with = [](const char* name, const char* method) {
    const viadux_method offered{to_text("normalise"), [](void*, viadux_text, viadux_request) {}, {}, {}, {}};
    const viadux_offer offer{to_text("viadux.phone"), {&offered, 1, sizeof offered}};
    const viadux_lua_function function{to_text(name), to_text("viadux.phone"), to_text(method), {}, nullptr};
    viadux_plugin plugin = minimal();
    plugin.offers = {&offer, 1, sizeof offer};
    plugin.lua_functions = {&function, 1, sizeof function};
    return reason_of(plugin);
  };
  EXPECT_EQ(with("phone.normalise", "normalise"), "read");
  EXPECT_EQ(with("phone.normalise", "normalize"), "descriptor_malformed") << "nobody offers that";
  EXPECT_EQ(with("normalise", "normalise"), "descriptor_malformed");
  EXPECT_EQ(with("string.normalise", "normalise"), "descriptor_malformed") << "Lua's own";
  EXPECT_EQ(with("phone.a.b", "normalise"), "descriptor_malformed");
}

// A descriptor of a version that ended earlier: what lies behind it in memory is not part of it.
TEST(Declaration, ReadsADescriptorWithAShorterTail) {
  const auto never = [](void*, viadux_text, viadux_request) { FAIL() << "this lies behind the descriptor"; };
  viadux_plugin plugin = minimal();
  plugin.start = [](void*, viadux_text, viadux_request) {};
  plugin.reload = plugin.drain = plugin.stop = never;
  plugin.struct_size = offsetof(viadux_plugin, reload);
  const auto declaration = read_declaration(plugin);
  ASSERT_TRUE(declaration) << declaration.error().message;
  EXPECT_TRUE(declaration->functions.start);
  EXPECT_FALSE(declaration->functions.reload);
  EXPECT_FALSE(declaration->functions.drain);
  EXPECT_FALSE(declaration->functions.stop);
  plugin.struct_size = offsetof(viadux_plugin, destroy);
  EXPECT_EQ(reason_of(plugin), "descriptor_malformed") << "nothing works without create and destroy";
}

// Of a later version within the major, which only ever grows at its end. (Its minor is refused; its size is
// not.)
TEST(Declaration, ReadsADescriptorWithALongerTail) {
  struct Longer {
    viadux_plugin plugin;
    void* more[4];
  };
  Longer longer{minimal(), {}};
  longer.plugin.struct_size = sizeof longer;
  EXPECT_EQ(reason_of(longer.plugin), "read");
}

// A plugin of version 0.1: its hooks end before the schema of the answer.
TEST(Declaration, ReadsHooksOfAnEarlierVersion) {
  struct OldHook {
    viadux_text name, default_answer, arguments, help;
  };
  static const OldHook hooks[] = {{to_text("one"), to_text("{}"), {}, to_text("One.")},
                                  {to_text("two"), to_text(R"({"a":2})"), {}, to_text("Two.")}};
  viadux_plugin plugin = minimal();
  plugin.abi_minor = 1;
  plugin.hooks = {hooks, 2, sizeof hooks[0]};
  const auto declaration = read_declaration(plugin);
  ASSERT_TRUE(declaration);
  EXPECT_EQ(declaration->hooks.at(1).default_answer, R"({"a":2})");
  EXPECT_EQ(declaration->hooks.at(1).help, "Two.");
  EXPECT_EQ(declaration->hooks.at(1).answer_schema, "");
}

// A plugin built before `help` was added to the keys: the tail that it lacks reads as absent.
TEST(Declaration, ReadsShorterItems) {
  struct OldKey {
    viadux_text name;
    viadux_key_type type;
    viadux_reload_class reload;
    viadux_text default_value;
  };
  static const OldKey keys[] = {{to_text("one"), VIADUX_KEY_INTEGER, VIADUX_RELOAD_LIVE, to_text("1")},
                                {to_text("two"), VIADUX_KEY_INTEGER, VIADUX_RELOAD_LIVE, to_text("2")}};
  viadux_plugin plugin = minimal();
  plugin.keys = {keys, 2, sizeof keys[0]};
  const auto declaration = read_declaration(plugin);
  ASSERT_TRUE(declaration);
  EXPECT_EQ(declaration->keys.at(1).name, "two");
  EXPECT_EQ(declaration->keys.at(1).default_value, "2");
  EXPECT_EQ(declaration->keys.at(1).help, "");
}

} // namespace
} // namespace viadux
