#include "core/plugin/hook_table.hpp"

#include "core/policy/hook.hpp"

namespace viadux {

const std::vector<DeclaredHook>& core_hooks() {
  static const std::vector<DeclaredHook> hooks = [] {
    std::vector<DeclaredHook> all;
    for (const HookText& text : core_hook_texts())
      all.push_back({text.name, text.default_answer, text.question_schema, text.answer_schema, text.help,
                     text.closed_answer, text.cache_ms});
    return all;
  }();
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
