// Built for an ABI that does not exist yet: nothing of it but the version may be read.
#include <viadux/abi.h>

namespace {

const viadux_plugin descriptor = [] {
  viadux_plugin plugin{};
  plugin.struct_size = 8; // all else may lie elsewhere in that version
  plugin.abi_major = 7;
  plugin.abi_minor = 3;
  return plugin;
}();

} // namespace

extern "C" __attribute__((visibility("default"))) const viadux_plugin* viadux_plugin_entry(void);
extern "C" const viadux_plugin* viadux_plugin_entry(void) {
  return &descriptor;
}
