// Its start() is refused by itself, with a sentence for the administrator.
#include <viadux/plugin.hpp>

class FailsInStart final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{
      .id = "fails_in_start", .version = "1.0.0", .licence = "Apache-2.0", .help = "Fails in its start."};
  using Plugin::Plugin;

  viadux::Task<viadux::Result<void>> start() override {
    co_await host().sleep(1000);
    co_return viadux::make_error(viadux::ErrorCode::refused, "no_gateway", "the gateway does not answer",
                                 "fails_in_start.gateway");
  }
};

VIADUX_PLUGIN(FailsInStart)
