// Any text as a policy: read, loaded, each hook asked once, under small limits; nothing but an answer or a
// fault.
#include "core/policy/check.hpp"
#include "core/policy/policy_tests.hpp"

#include <cstdlib>

using namespace viadux;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const PolicyWorld& world = *[] {
    auto* made = new PolicyWorld; // for as long as the process lives
    made->hooks = core_hooks();
    return made;
  }();
  PolicyLimits limits;
  limits.instructions = 20'000;
  limits.memory_bytes = std::size_t{1} << 20U;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // The second half of what is behind a NUL is a test file.
  const std::size_t cut = text.find('\0');
  const auto file = std::make_shared<PolicyFile>(
      PolicyFile{"fuzz", "fuzz/policy.lua", text.substr(0, cut),
                 cut == std::string::npos ? "" : text.substr(cut + 1), "fuzz/policy.test.lua"});
  const auto program = make_program("fuzz", {shipped_default(), file});
  (void)check_policy(world, *program, limits);
  return 0;
}
