// Offers an interface, asks a policy before it acts, and offers its method to policies.
#include "chime.hpp"

#include <viadux/plugin.hpp>
#include <viadux/policy.hpp>

struct MayRing {
  bool allowed = true; // the default where no policy answers
  static constexpr auto fields() {
    return viadux::field_table(viadux::field("allowed", &MayRing::allowed, "It may ring."));
  }
};

class Chime final : public viadux::Plugin {
 public:
  static constexpr viadux::About about{
      .id = "chime", .version = "0.1.0", .licence = "MIT", .help = "Chimes for others."};
  static constexpr auto hooks() {
    return viadux::hook_table(viadux::hook<Ring, MayRing>("chime_may_ring", "Whether a door may ring."));
  }
  static constexpr auto offers() {
    return viadux::interface_table(
        viadux::interface("com.example.chime", viadux::method("ring", &Chime::ring, "Rings.")));
  }
  static constexpr std::array<viadux::LuaFunction, 1> lua_functions{
      {{"chime.ring", "com.example.chime", "ring", "Rings."}}};
  using Plugin::Plugin;

 private:
  viadux::Task<viadux::Result<Rung>> ring(Ring asked) {
    const auto decision = co_await viadux::ask_policy<MayRing>(host(), "chime_may_ring", "test", asked);
    if (!decision) co_return decision.error();
    if (!decision->answer.allowed)
      co_return viadux::make_error(viadux::ErrorCode::refused, "quiet_hours", "it may not ring now");
    Rung rung;
    rung.sound = "ding at " + asked.door;
    rung.decided_by = decision->decided_by == viadux::documents::DecidedBy::policy ? "policy" : "default";
    co_return rung;
  }
};

VIADUX_PLUGIN(Chime)
