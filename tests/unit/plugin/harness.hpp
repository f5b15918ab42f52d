// A plugin host in virtual time, with the test's own plugin in it to make calls from: written against the C
// ABI, so that the tests see exactly what crosses.
#pragma once

#include "core/control/manual_loop.hpp"
#include "core/plugin/plugin_host.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <viadux/json.hpp>
#include <viadux/text.hpp>

namespace viadux::plugin_test {

struct Reply {
  viadux_status status = VIADUX_OK;
  std::string document;
  int times = 0;
  std::string field(std::string_view name) const {
    const auto json = Json::parse(document);
    const Json* value = json ? json.value().find(name) : nullptr;
    return !value ? "" : value->text() ? *value->text() : value->dump();
  }
};

class PluginHarness : public testing::Test {
 public:
  static std::string folder(const std::string& name) { return std::string(VIADUX_TEST_PLUGINS) + "/" + name; }

  // Loads the caller and starts all; `config` is TOML.
  void start(const std::string& config = {}) {
    host_.load(caller_descriptor(), "caller");
    ConfigSchema schema;
    host_.declare(schema);
    const ConfigLoad load = parse_configuration(schema, config, "test.toml");
    for (const auto& mistake : load.mistakes)
      ADD_FAILURE() << to_string(mistake);
    ASSERT_TRUE(load.configuration);
    configuration_ = load.configuration;
    bool done = false;
    host_.start(configuration_, [&done] { done = true; });
    loop_.advance(100'000);
    ASSERT_TRUE(done);
  }

  // Calls as the test's own plugin; the reply fills in as virtual time passes; keep it until then.
  [[nodiscard]] std::unique_ptr<Reply> call(std::string_view interface, std::string_view method,
                                            std::string_view document = "{}", std::int64_t deadline_us = 0) {
    auto reply = std::make_unique<Reply>();
    last_call_ = table()->call(table()->context, to_text(interface), to_text(method), to_text(document),
                               deadline_us, &on_done, reply.get());
    EXPECT_NE(last_call_, 0U);
    EXPECT_EQ(reply->times, 0) << "done came from inside call()";
    return reply;
  }
  Reply call_now(std::string_view interface, std::string_view method, std::string_view document = "{}") {
    const auto reply = call(interface, method, document);
    loop_.advance(20'000);
    EXPECT_EQ(reply->times, 1);
    return *reply;
  }
  void stop() {
    stopped_ = true;
    bool done = false;
    host_.stop([&done] { done = true; });
    loop_.advance(60'000'000);
    EXPECT_TRUE(done);
  }

  const viadux_host* table() const { return caller().host_table(); }
  PluginInstance& caller() const { return instance("caller"); }
  PluginInstance& instance(const std::string& id) const {
    for (const auto& plugin : host_.instances()) {
      if (plugin->id() == id) return *plugin;
    }
    throw std::runtime_error("no plugin " + id);
  }
  PluginHost::State state(const std::string& id) const {
    for (const auto& state : host_.plugins()) {
      if (state.id == id) return state;
    }
    throw std::runtime_error("no plugin " + id);
  }
  bool metric(const std::string& line) const {
    return ("\n" + metrics_.serialize()).find("\n" + line + "\n") != std::string::npos;
  }

  PluginOptions options_;
  ManualLoop loop_;
  Metrics metrics_;
  Readiness readiness_;
  PluginHost host_{loop_, metrics_, readiness_, options_};
  std::shared_ptr<const Configuration> configuration_;
  viadux_call last_call_ = 0;
  bool stopped_ = false;

 private:
  static void on_done(void* arg, viadux_call /*call*/, viadux_status status, viadux_text document) {
    auto* reply = static_cast<Reply*>(arg);
    reply->status = status;
    reply->document = to_view(document);
    ++reply->times;
  }
  static viadux_plugin caller_descriptor() {
    viadux_plugin plugin{};
    plugin.struct_size = sizeof plugin;
    plugin.id = to_text("caller");
    plugin.version = to_text("1.0.0");
    plugin.licence = to_text("Apache-2.0");
    plugin.abi_major = VIADUX_ABI_MAJOR;
    plugin.abi_minor = VIADUX_ABI_MINOR;
    plugin.create = [](const viadux_host* /*host*/) -> void* {
      static int self = 0;
      return &self;
    };
    plugin.destroy = [](void* /*self*/) {};
    return plugin;
  }
};

} // namespace viadux::plugin_test
