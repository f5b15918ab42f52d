#include "core/cli/policy_calls.hpp"

#include "core/cli/ask_server.hpp"
#include "core/cli/policy_tools.hpp"
#include "core/policy/check.hpp"
#include "core/policy/folder_watch.hpp"
#include "core/policy/policy_tests.hpp"
#include "core/policy/reference.hpp"
#include "core/policy/shipped.hpp"

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

namespace viadux {
namespace {

namespace json = boost::json;

constexpr const char* first_policy =
    R"lua(-- The rules of this organisation. `viadux policy check` looks for mistakes, `viadux policy test` tries the cases in
-- policy.test.lua, and docs/policies.md has recipes. Lines that begin with two hyphens are for people only.

-- Who may come in. Here: as the organisation above says, and it begins with `true` for everybody.
function hooks.admit(person)
  return parent.admit(person)
end
)lua";

constexpr const char* first_tests =
    R"lua(-- What the rules should say: `viadux policy test` asks each question and compares. The server refuses to take a policy
-- over while one of these fails.
return {
  {
    name = "somebody without a PIN comes in",
    hook = "admit",
    input = { room = "example", authenticated = "none", role = "guest" },
    expect = { admitted = true },
  },
}
)lua";

Result<void> write_new(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  if (std::filesystem::exists(path, error))
    return make_error(ErrorCode::refused, "file_exists",
                      path.string() + " is there already; it is left as it is");
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush())
    return make_error(ErrorCode::internal, "file_unwritable", path.string() + " cannot be written");
  std::printf("%s\n", path.c_str());
  return {};
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const ShippedLua& file : all_shipped_lua())
    if (file.name.starts_with("presets/") && !file.name.ends_with(".test.lua"))
      names.emplace_back(file.name.substr(8, file.name.size() - 12));
  return names;
}

int policy_new(const Invocation& call) {
  const PolicyTools tools(call.options);
  if (!tools.ready()) return 1;
  const std::string& code = call.arguments.front();
  const Organisation* organisation = tools.organisations().find(code);
  if (!organisation) return fail(tools.program(code, "").error());
  const std::string preset = call.named_or("preset", "");
  const std::string_view text = preset.empty() ? first_policy : shipped_lua("presets/" + preset + ".lua");
  if (text.empty()) {
    std::string all;
    for (const std::string& each : preset_names())
      all += (all.empty() ? "" : ", ") + each;
    const std::string near = meant(preset, preset_names());
    return fail(make_error(ErrorCode::not_found, "preset_unknown", "there is no preset \"" + preset + "\"",
                           "preset", near.empty() ? "there are: " + all : near));
  }
  const std::string_view tests =
      preset.empty() ? first_tests : shipped_lua("presets/" + preset + ".test.lua");
  const std::filesystem::path folder = organisation->folder;
  if (const auto written = write_new(folder / "policy.lua", text); !written) return fail(written.error());
  if (const auto written = write_new(folder / "policy.test.lua", tests); !written)
    return fail(written.error());
  std::ofstream(folder / "viadux.lua", std::ios::binary)
      << render_editor_stubs(tools.world()); // always the newest
  std::printf("%s\n", (folder / "viadux.lua").c_str());
  return 0;
}

// Of one file, one organisation, or all that have a policy of their own.
std::vector<Result<std::shared_ptr<const PolicyProgram>>> chosen(const PolicyTools& tools,
                                                                 const Invocation& call) {
  const std::string organisation = call.named_or("organisation", "");
  const std::string file = call.named_or("file", "");
  std::vector<Result<std::shared_ptr<const PolicyProgram>>> all;
  if (!organisation.empty() || !file.empty()) {
    all.push_back(tools.program(organisation, file));
    return all;
  }
  for (const Organisation* each : tools.organisations().all()) {
    auto program = tools.program(each->code, "");
    if (!program || (*program)->files.back()->organisation == each->code) all.push_back(std::move(program));
  }
  return all;
}

int check_once(const PolicyTools& tools, const Invocation& call) {
  std::size_t files = 0;
  std::size_t mistakes = 0;
  for (const auto& program : chosen(tools, call)) {
    if (!program) {
      (void)fail(program.error());
      ++mistakes;
      continue;
    }
    ++files;
    for (const PolicyFinding& finding : check_policy(tools.world(), **program, tools.limits())) {
      std::fprintf(stderr, "%s\n", to_string(finding).c_str());
      ++mistakes;
    }
  }
  if (mistakes == 0)
    std::printf("%zu %s: no mistakes found\n", files, files == 1 ? "policy" : "policies");
  else
    std::fprintf(stderr, "%zu %s\n", mistakes, mistakes == 1 ? "mistake" : "mistakes");
  return mistakes == 0 ? 0 : 1;
}

int policy_check(const Invocation& call) {
  const PolicyTools tools(call.options);
  return tools.ready() ? check_once(tools, call) : 1;
}

int test_once(const PolicyTools& tools, const Invocation& call) {
  std::size_t passed = 0;
  std::size_t failed = 0;
  for (const auto& program : chosen(tools, call)) {
    if (!program) {
      (void)fail(program.error());
      ++failed;
      continue;
    }
    const PolicyFile& file = *(*program)->files.back();
    PolicyEnvironment environment(tools.world(), tools.limits());
    if (const auto fault = environment.load(**program)) {
      std::fprintf(stderr, "%s\n", to_string(*fault).c_str());
      ++failed;
      continue;
    }
    if (file.tests.empty()) {
      std::printf("%s has no cases (%s)\n", file.name.c_str(), file.tests_name.c_str());
      continue;
    }
    const PolicyTestRun run = run_policy_tests(file.tests_name, file.tests, environment);
    if (run.fault) {
      std::fprintf(stderr, "%s\n", to_string(*run.fault).c_str());
      ++failed;
    }
    if (!run.results.empty()) std::printf("%s\n", file.name.c_str());
    for (const PolicyTestResult& result : run.results) {
      std::printf("  %s  %-14s%s\n", result.passed ? "well " : "WRONG", result.hook.c_str(),
                  result.name.c_str());
      if (!result.passed) std::printf("         %s\n", result.message.c_str());
      ++(result.passed ? passed : failed);
    }
  }
  std::printf("%zu well, %zu wrong\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

int policy_test(const Invocation& call) {
  const PolicyTools tools(call.options);
  return tools.ready() ? test_once(tools, call) : 1;
}

int policy_run(const Invocation& call) {
  const PolicyTools tools(call.options);
  if (!tools.ready()) return 1;
  const std::string& name = call.arguments.front();
  const PolicyHook* hook = tools.world().hooks.find(name);
  if (!hook)
    return fail(make_error(ErrorCode::not_found, "hook_unknown", "there is no hook \"" + name + "\"", "",
                           meant(name, tools.world().hooks.names())));
  const auto program = tools.program(call.named_or("organisation", ""), call.named_or("file", ""));
  if (!program) return fail(program.error());
  Json question = sample_question(*hook);
  if (const std::string input = call.named_or("input", ""); !input.empty()) {
    std::ifstream file(input, std::ios::binary);
    if (!file) return fail(make_error(ErrorCode::not_found, "file_missing", "there is no file " + input));
    const auto given = Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!given)
      return fail(make_error(ErrorCode::bad_argument, "input", input + ": " + given.error().message));
    if (const auto fault = fault_in(*given, hook->question))
      return fail(make_error(ErrorCode::bad_argument, "input", input + ": " + *fault));
    question = complete_question(*hook, *given);
  } else {
    std::printf("asked     %s (an example; give your own with --input)\n", question.dump().c_str());
  }
  PolicyEnvironment environment(tools.world(), tools.limits());
  if (const auto fault = environment.load(**program))
    return std::fprintf(stderr, "%s\n", to_string(*fault).c_str()), 1;
  const PolicyVerdict verdict = environment.decide(*hook, question);
  for (const std::string& note : verdict.notes)
    std::printf("note      %s\n", note.c_str());
  if (verdict.fault) {
    std::printf("failed    %s\n", in_plain_words(to_string(*verdict.fault)).c_str());
    std::printf("answer    %s (the careful answer, because the policy failed)\n",
                hook->failure_answer(environment.closed_on_failure(name)).dump().c_str());
    return 1;
  }
  std::printf("answer    %s\n", (verdict.answer ? *verdict.answer : hook->default_answer).dump().c_str());
  if (verdict.decided_in.empty())
    std::printf("why       no file of the chain has this hook: the default\n");
  else
    std::printf("why       %s%s\n", verdict.decided_in.c_str(),
                verdict.answer ? "" : " gave nothing: the default");
  std::printf("took      %llu steps, %lld us\n", static_cast<unsigned long long>(verdict.instructions),
              static_cast<long long>(verdict.cpu_us));
  return 0;
}

int policy_watch(const Invocation& call) {
  std::mutex mutex;
  std::condition_variable wake;
  bool changed = true;
  std::vector<std::string> folders;
  {
    const PolicyTools tools(call.options);
    if (!tools.ready()) return 1;
    for (const Organisation* each : tools.organisations().all())
      folders.push_back(each->folder);
    if (const std::string file = call.named_or("file", ""); !file.empty())
      folders.push_back(std::filesystem::absolute(file).parent_path().string());
  }
  const FolderWatch watch(folders, ".lua", [&] {
    const std::lock_guard lock(mutex);
    changed = true;
    wake.notify_one();
  });
  for (;;) { // until Ctrl-C
    std::unique_lock lock(mutex);
    wake.wait(lock, [&] { return changed; });
    changed = false;
    lock.unlock();
    const PolicyTools tools(call.options);
    if (tools.ready() && check_once(tools, call) == 0) (void)test_once(tools, call);
    std::printf("-- waiting for a change (Ctrl-C ends)\n");
    std::fflush(stdout);
  }
}

int policy_print(const Invocation& call, std::string (*render)(const PolicyWorld&)) {
  const PolicyTools tools(call.options);
  if (!tools.ready()) return 1;
  std::fputs(render(tools.world()).c_str(), stdout);
  return 0;
}

int policy_reference(const Invocation& call) {
  return policy_print(call, render_policy_reference);
}

int policy_stubs(const Invocation& call) {
  return policy_print(call, render_editor_stubs);
}

int policy_show(const Invocation& call) {
  const std::string& name = call.arguments.front();
  std::string_view text = shipped_lua(name == "default" ? "default.lua" : "presets/" + name + ".lua");
  if (text.empty()) {
    std::string all = "default";
    for (const std::string& each : preset_names())
      all += ", " + each;
    return fail(make_error(ErrorCode::not_found, "preset_unknown", "there is no preset \"" + name + "\"", "",
                           "there are: " + all));
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

int policy_trace(const Invocation& call) {
  const Result<json::value> traces =
      ask_server(call.options, "policy.trace",
                 {{"organisation", call.named_or("organisation", "")}, {"hook", call.named_or("hook", "")}});
  if (!traces) return fail(traces.error());
  if (!traces->is_array()) return 1;
  for (const json::value& each : traces->get_array()) {
    if (!each.is_object()) continue;
    const json::object& trace = each.get_object();
    std::printf("%s  %-12s%-18s%-9s%6s us  %s\n", text_of(trace, "at").c_str(),
                text_of(trace, "hook").c_str(), text_of(trace, "organisation").c_str(),
                text_of(trace, "decided_by").c_str(), text_of(trace, "cpu_us").c_str(),
                text_of(trace, "decided_in").c_str());
    std::printf("    asked  %s\n    answer %s\n", text_of(trace, "question").c_str(),
                text_of(trace, "answer").c_str());
    if (const std::string failure = text_of(trace, "failure"); !failure.empty())
      std::printf("    failed %s\n", failure.c_str());
    if (const json::value* notes = trace.if_contains("notes"); notes && notes->is_array())
      for (const json::value& note : notes->get_array())
        std::printf("    note   %s\n", note.is_string() ? note.get_string().c_str() : "");
  }
  return 0;
}

int policy_list(const Invocation& call) {
  const Result<json::value> states = ask_server(call.options, "policy.list", {});
  if (!states) return fail(states.error());
  if (!states->is_array()) return 1;
  std::printf("%-20s%-14s%-11s%-10s%-12s%s\n", "organisation", "version", "decisions", "failures",
              "slowest us", "last failure");
  for (const json::value& each : states->get_array()) {
    if (!each.is_object()) continue;
    const json::object& state = each.get_object();
    std::printf("%-20s%-14s%-11s%-10s%-12s%s%s\n", text_of(state, "organisation").c_str(),
                text_of(state, "version").c_str(), text_of(state, "decisions").c_str(),
                text_of(state, "failures").c_str(), text_of(state, "slowest_us").c_str(),
                text_of(state, "breaker_open") == "true" ? "(not asked just now) " : "",
                text_of(state, "last_failure").c_str());
  }
  return 0;
}

int policy_reload(const Invocation& call) {
  const Result<json::value> done = ask_server(call.options, "policy.reload", {});
  if (!done) return fail(done.error());
  if (!done->is_object()) return 1;
  const json::value* refused = done->get_object().if_contains("refused");
  std::printf("%s changed\n", text_of(done->get_object(), "changed").c_str());
  if (!refused || !refused->is_array()) return 0;
  for (const json::value& each : refused->get_array())
    std::fprintf(stderr, "refused: %s\n", each.is_string() ? each.get_string().c_str() : "");
  return refused->get_array().empty() ? 0 : 1;
}

} // namespace

std::vector<Command> policy_calls() {
  const CommandOption organisation{"organisation", "CODE", "whose policy"};
  const CommandOption file{"file", "FILE", "this file, with the parents of its folder's organisation"};
  return {
      {.name = "policy new",
       .arguments = "CODE",
       .argument_count = 1,
       .summary = "writes a first policy, cases to try it with, and help for editors, for an organisation",
       .help = "With --preset it is a ready one: " +
               [] {
                 std::string all;
                 for (const std::string& each : preset_names())
                   all += (all.empty() ? "" : ", ") + each;
                 return all;
               }() +
               ".\nviadux policy show NAME prints one.",
       .options = {{"preset", "NAME", "begin with a ready one"}},
       .run = policy_new},
      {.name = "policy check",
       .summary = "looks for mistakes in policies: all, one organisation's, or a file",
       .help =
           "Each with file, line, column and the nearest right name; the exit code is 1 if there are any.",
       .options = {organisation, file},
       .run = policy_check},
      {.name = "policy test",
       .summary = "tries the cases of policy.test.lua",
       .options = {organisation, file},
       .run = policy_test},
      {.name = "policy run",
       .arguments = "HOOK",
       .argument_count = 1,
       .summary = "asks a policy once and shows the answer, and why",
       .options = {organisation,
                   file,
                   {"input", "FILE.json", "the question; without it an example is asked"}},
       .run = policy_run},
      {.name = "policy watch",
       .summary = "checks and tests again whenever a file is saved",
       .options = {organisation, file},
       .run = policy_watch},
      {.name = "policy show",
       .arguments = "NAME",
       .argument_count = 1,
       .summary = "prints a preset, or \"default\": what holds where no organisation says otherwise",
       .run = policy_show},
      {.name = "policy reference",
       .summary = "prints all hooks and functions: docs/policy-reference.md",
       .run = policy_reference},
      {.name = "policy stubs",
       .summary = "prints annotations for editors with the Lua language server",
       .run = policy_stubs},
      {.name = "policy list",
       .summary = "lists the running server's policies: versions, decisions, failures",
       .run = policy_list},
      {.name = "policy trace",
       .summary = "shows the running server's last decisions, with what is personal masked",
       .options = {{"organisation", "CODE", "only this one's"}, {"hook", "NAME", "only of this hook"}},
       .run = policy_trace},
      {.name = "policy reload",
       .summary = "has the running server take changed policies over now",
       .run = policy_reload},
  };
}

} // namespace viadux
