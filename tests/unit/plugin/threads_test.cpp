// A plugin's own threads against a running control thread: what is [any] must be safe from all of them. For
// tsan.
#include "core/control/asio_loop.hpp"
#include "core/log/capture.hpp"
#include "core/plugin/plugin_host.hpp"

#include <future>
#include <gtest/gtest.h>
#include <thread>
#include <viadux/text.hpp>

namespace viadux::plugin_test {
namespace {

TEST(PluginThreads, FloodWhileTheControlThreadWorksAndThePluginStops) {
  LogCapture log;
  AsioLoop loop;
  Metrics metrics;
  Readiness readiness;
  PluginOptions options;
  options.enabled = {"unruly"};
  options.post_limit = 64;
  PluginHost host(loop, metrics, readiness, options);
  host.load(std::string(VIADUX_TEST_PLUGINS) + "/broken");
  ConfigSchema schema;
  host.declare(schema);
  const auto configuration = parse_configuration(schema, "", "test").configuration;

  PluginInstance& unruly = *host.instances().at(0);
  static std::promise<void> flooding;
  flooding = {};
  host.start(configuration, [&unruly] {
    const viadux_host* table = unruly.host_table();
    table->call(
        table->context, to_text("test.unruly"), to_text("floods_on"), to_text("{}"), 0,
        [](void*, viadux_call, viadux_status, viadux_text) { flooding.set_value(); }, nullptr);
  });
  std::thread control([&loop] { loop.run(); });
  flooding.get_future().get();
  while (unruly.counters().callbacks < 20'000)
    std::this_thread::yield(); // posts that ran
  loop.post([&] { host.stop([&loop] { loop.stop(); }); });
  control.join();

  EXPECT_EQ(unruly.phase(), PluginPhase::stopped);
  EXPECT_FALSE(unruly.alive());
  EXPECT_EQ(unruly.posts_waiting(), 0U);
  EXPECT_GT(unruly.counters().posts_refused, 0U) << "two threads against a limit of 64";
  EXPECT_NE(metrics.serialize().find("viadux_unruly_floods_total{kind=\"x\"}"), std::string::npos);
}

} // namespace
} // namespace viadux::plugin_test
