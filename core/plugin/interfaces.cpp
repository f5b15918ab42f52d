#include "core/plugin/interfaces.hpp"

#include "core/plugin/instance.hpp"

namespace viadux {

Result<void> Interfaces::add_offer(PluginInstance& plugin, const DeclaredOffer& offer) {
  const PluginOffer* other = find_offer(offer.name);
  if (find_own(offer.name) || other) {
    const std::string holder = other ? "the plugin " + other->plugin->id() : std::string("the server itself");
    return make_error(ErrorCode::refused, "interface_taken",
                      "it offers the interface " + offer.name + ", which " + holder + " offers already");
  }
  offers_.emplace(offer.name, PluginOffer{&plugin, &offer});
  return {};
}

} // namespace viadux
