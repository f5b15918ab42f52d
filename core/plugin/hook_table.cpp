#include "core/plugin/hook_table.hpp"

#include <viadux/documents/policy.hpp>

namespace viadux {
namespace {

// The default answer is the answer document as it is made: the struct's own defaults.
template <Document Question, Document Answer>
DeclaredHook core_hook(std::string name, std::string help) {
  return {std::move(name), write_document(Answer{}), document_schema<Question>().dump(),
          document_schema<Answer>().dump(), std::move(help)};
}

} // namespace

const std::vector<DeclaredHook>& core_hooks() {
  using namespace documents;
  static const std::vector<DeclaredHook> hooks{
      core_hook<ServiceQuestion, ServiceAnswer>("service", "Which room an address leads to."),
      core_hook<AdmitQuestion, AdmitAnswer>("admit",
                                            "Whether somebody who may come in by the room's rules does."),
  };
  return hooks;
}

HookTable::HookTable() {
  for (const DeclaredHook& hook : core_hooks())
    hooks_.emplace(hook.name, KnownHook{"", hook});
}

Result<void> HookTable::add(const Declaration& declaration) {
  for (const DeclaredHook& hook : declaration.hooks) {
    const auto [place, added] = hooks_.emplace(hook.name, KnownHook{declaration.id, hook});
    if (added) continue;
    const std::string& holder = place->second.plugin;
    return make_error(ErrorCode::refused, "hook_taken",
                      "it declares the hook " + hook.name + ", which " +
                          (holder.empty()             ? std::string("the core has")
                           : holder == declaration.id ? std::string("it declares twice")
                                                      : "the plugin " + holder + " declares already"));
  }
  return {};
}

const KnownHook* HookTable::find(std::string_view name) const {
  const auto found = hooks_.find(name);
  return found == hooks_.end() ? nullptr : &found->second;
}

} // namespace viadux
