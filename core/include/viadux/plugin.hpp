// viadux/plugin.hpp - a plugin in C++20: the one header to begin from.
//
//   class Hello final : public viadux::Plugin {
//   public:
//     static constexpr viadux::About about{.id = "hello", .version = "0.1.0", .licence = "Apache-2.0",
//                                          .help = "Says hello over HTTP."};
//     using Plugin::Plugin;
//     viadux::Task<viadux::Result<void>> start() override { co_return viadux::Result<void>(); }
//   };
//   VIADUX_PLUGIN(Hello)
//
// A plugin may also have, each found by its name:
//   struct Settings {...}; Settings settings;    its section of the configuration (<viadux/declare.hpp>)
//   struct Metrics {...};  Metrics metrics;      its metrics
//   static constexpr auto offers()               interfaces that other plugins may call
//   static constexpr std::array<std::string_view, N> required, wanted;   interfaces it needs, or uses where
//   they exist
//   static constexpr auto hooks()                questions to policies
//   static constexpr std::array<viadux::LuaFunction, N> lua_functions;   functions for policies
//
// Everything runs on the control thread, one call at a time. Exceptions never leave the plugin: the wrapper
// logs them and answers `internal`. Needs nothing but the C++20 standard library (clang 16 or g++ 12 and
// later).
#pragma once

#include <viadux/declare.hpp>

namespace viadux {

enum class Maturity : std::uint32_t { work_in_progress = 1, alpha = 2, beta = 3, stable = 4 };

struct About {
  std::string_view
      id; // [a-z][a-z0-9_]{0,31}: also the configuration's section, the metrics' prefix, the file's name
  std::string_view version;
  std::string_view licence; // SPDX
  std::string_view help;    // one sentence
  Maturity status = Maturity::alpha;
};

class Plugin {
 public:
  explicit Plugin(Host host) : host_(host) {}
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;
  virtual ~Plugin() = default;

  // `settings` are filled in before; a failure keeps the plugin from starting.
  virtual Task<Result<void>> configure() { co_return Result<void>(); }
  // Make routes and subscriptions here.
  virtual Task<Result<void>> start() { co_return Result<void>(); }
  // `settings` are the new ones; a failure puts the old ones back.
  virtual Task<Result<void>> reload() { co_return Result<void>(); }
  // Take nothing new, end when what runs has ended or at the deadline (clock of now_us()).
  virtual Task<Result<void>> drain(std::int64_t /*deadline_us*/) { co_return Result<void>(); }
  // End what is left. Open calls are cancelled and handles closed after it.
  virtual Task<Result<void>> stop() { co_return Result<void>(); }

  const Host& host() const { return host_; }

 private:
  Host host_;
};

} // namespace viadux

#include <viadux/detail/descriptor.hpp>

#define VIADUX_PLUGIN(PluginClass)                                                                           \
  extern "C" __attribute__((visibility("default"))) const viadux_plugin* viadux_plugin_entry(void);          \
  extern "C" const viadux_plugin* viadux_plugin_entry(void) {                                                \
    return viadux::detail::descriptor_of<PluginClass>();                                                     \
  }
