#include "core/cli/policy_commands.hpp"

#include "core/log/redaction.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace viadux {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& arguments, std::string_view name) {
  const json::value* value = arguments.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string clock_of(std::int64_t at_ms) {
  const std::time_t seconds = at_ms / 1000;
  std::tm broken{};
  gmtime_r(&seconds, &broken);
  char text[40];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &broken);
  return text;
}

// Names, addresses and numbers of people; what a policy writes for people may hold a name, too.
bool is_personal(std::string_view name) {
  static constexpr std::array<std::string_view, 6> personal{"display_name", "source_address", "search",
                                                            "message",      "number",         "caller"};
  return std::ranges::find(personal, name) != personal.end() || is_redacted_name(name);
}

Json masked(const Json& value, std::string_view name) {
  if (const Json::Object* members = value.object()) {
    Json::Object out;
    for (const auto& [each, member] : *members)
      out.emplace_back(each, masked(member, each));
    return Json(std::move(out));
  }
  if (const Json::Array* items = value.array()) {
    Json::Array out;
    for (const Json& item : *items)
      out.push_back(masked(item, name));
    return Json(std::move(out));
  }
  const std::string* text = value.text();
  if (!text) return value;
  if (is_personal(name)) return Json(text->empty() ? "" : std::string(redacted_text));
  return Json(scrub(*text));
}

} // namespace

json::array policy_states(const PolicyEngine& engine, const MayRead& may) {
  json::array out;
  const auto set = engine.set();
  if (!set) return out;
  for (const auto& [organisation, program] : set->programs) {
    if (!may(organisation)) continue;
    json::object each{{"organisation", organisation}, {"version", program->version}};
    json::array files;
    for (const auto& file : program->files)
      files.push_back(json::string(file->name));
    each["files"] = std::move(files);
    const auto found = engine.organisations().find(organisation);
    const PolicyOrganisationState state =
        found == engine.organisations().end() ? PolicyOrganisationState{} : found->second;
    each["decisions"] = state.decisions;
    each["failures"] = state.failures;
    each["cpu_us"] = state.cpu_us;
    each["slowest_us"] = state.slowest_us;
    each["breaker_open"] = state.breaker_open;
    each["last_failure"] = scrub(state.last_failure);
    each["last_failure_at"] = state.last_failure_ms == 0 ? "" : clock_of(state.last_failure_ms);
    json::object hooks;
    for (const auto& [hook, count] : state.by_hook)
      hooks[hook] = count;
    each["by_hook"] = std::move(hooks);
    out.push_back(std::move(each));
  }
  return out;
}

json::array policy_traces(const PolicyEngine& engine, const MayRead& may, std::string_view hook,
                          std::size_t most) {
  json::array out;
  for (auto trace = engine.traces().rbegin(); trace != engine.traces().rend() && out.size() < most; ++trace) {
    if (!may(trace->organisation) || (!hook.empty() && trace->hook != hook)) continue;
    json::array notes;
    for (const std::string& note : trace->notes)
      notes.push_back(json::string(scrub(note)));
    out.push_back({{"at", clock_of(trace->at_ms)},
                   {"id", trace->id},
                   {"hook", trace->hook},
                   {"organisation", trace->organisation},
                   {"decided_by", *to_json(trace->decided_by).text()},
                   {"decided_in", trace->decided_in},
                   {"version", trace->version},
                   {"failure", scrub(trace->failure)},
                   {"notes", std::move(notes)},
                   {"question", masked(trace->question, "").dump()},
                   {"answer", masked(trace->answer, "").dump()},
                   {"cpu_us", trace->cpu_us},
                   {"took_us", trace->took_us}});
  }
  return out;
}

void register_policy_commands(ControlSocket& socket, ServerPolicies& policies,
                              std::function<std::shared_ptr<const Organisations>()> tree) {
  const MayRead all = [](std::string_view) { return true; };
  socket.register_command("policy.list", [&policies, all](const json::object&) -> Result<json::value> {
    return json::value(policy_states(policies.engine(), all));
  });
  socket.register_command("policy.trace", [&policies](const json::object& arguments) -> Result<json::value> {
    const std::string organisation = text_of(arguments, "organisation");
    const MayRead only = [organisation](std::string_view code) {
      return organisation.empty() || code == organisation;
    };
    return json::value(policy_traces(policies.engine(), only, text_of(arguments, "hook"), 100));
  });
  socket.register_command("policy.reload", [&policies, tree = std::move(tree)](const json::object&,
                                                                               ControlSocket::Answer answer) {
    policies.reload(tree(), [answer = std::move(answer)](const PolicySetLoad& load) {
      json::array refused;
      for (const auto& refusal : load.refusals)
        refused.push_back(json::string(to_string(refusal.fault)));
      answer(json::value(json::object{{"changed", load.changed}, {"refused", std::move(refused)}}));
    });
  });
}

} // namespace viadux
