#include "core/policy/policy_set.hpp"

#include "core/policy/policy_tests.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace viadux {
namespace {

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::string();
  std::string text(longest_policy + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > longest_policy)
    return make_error(ErrorCode::bad_argument, "policy_too_large", path + " is larger than 256 KiB");
  return text;
}

Result<std::shared_ptr<const PolicyFile>> read_policy(const Organisation& organisation) {
  auto text = read_file(organisation.folder + "/policy.lua");
  if (!text) return text.error();
  std::error_code ignored;
  if (text->empty() && !std::filesystem::exists(organisation.folder + "/policy.lua", ignored))
    return std::shared_ptr<const PolicyFile>();
  auto tests = read_file(organisation.folder + "/policy.test.lua");
  if (!tests) return tests.error();
  return std::shared_ptr<const PolicyFile>(std::make_shared<PolicyFile>(
      PolicyFile{organisation.code, organisation.code + "/policy.lua", std::move(*text), std::move(*tests),
                 organisation.code + "/policy.test.lua"}));
}

using Files = std::map<std::string, Result<std::shared_ptr<const PolicyFile>>>;

Result<std::shared_ptr<const PolicyProgram>> chain_of(const Organisations& organisations,
                                                      const std::string& code, Files& files) {
  std::vector<std::shared_ptr<const PolicyFile>> chain;
  for (const Organisation* at = organisations.find(code); at != nullptr;
       at = organisations.find(at->parent)) {
    const auto [place, fresh] = files.try_emplace(at->code, std::shared_ptr<const PolicyFile>());
    if (fresh) place->second = read_policy(*at);
    if (!place->second) return place->second.error();
    if (*place->second) chain.push_back(*place->second);
  }
  chain.push_back(shipped_default());
  std::ranges::reverse(chain);
  return make_program(code, std::move(chain));
}

} // namespace

const PolicyProgram* PolicySet::find(std::string_view organisation) const {
  const auto found = programs.find(organisation);
  return found == programs.end() ? nullptr : found->second.get();
}

Result<std::shared_ptr<const PolicyProgram>> read_program(const Organisations& organisations,
                                                          const std::string& organisation) {
  Files files;
  return chain_of(organisations, organisation, files);
}

std::optional<PolicyFault> try_program(const PolicyProgram& program, const PolicyWorld& world,
                                       const PolicyLimits& limits) {
  PolicyEnvironment environment(world, limits);
  if (auto fault = environment.load(program)) return fault;
  return first_failing_test(program, environment);
}

PolicySetLoad load_policies(const Organisations& organisations, const PolicyWorld& world,
                            const PolicyLimits& limits, const std::shared_ptr<const PolicySet>& before) {
  PolicySetLoad load;
  auto set = std::make_shared<PolicySet>();
  Files files;
  std::map<std::string, std::optional<PolicyFault>> tried; // by version: many share their parent's chain
  for (const Organisation* organisation : organisations.all()) {
    const std::string& code = organisation->code;
    const auto old = before ? before->programs.find(code) : decltype(before->programs.find(code))();
    const bool has_old = before && old != before->programs.end();
    auto program = chain_of(organisations, code, files);
    std::optional<PolicyFault> fault;
    if (!program) {
      fault = PolicyFault{StoppedBy::error, program.error().message, code + "/policy.lua", 0, 0};
    } else if (has_old && old->second->version == (*program)->version) {
      set->programs[code] = old->second;
      continue;
    } else {
      const bool own = (*program)->files.back()->organisation == code; // then its tests are run, too
      const auto [place, fresh] = tried.try_emplace((*program)->version + (own ? "" : " inherited"));
      if (fresh) place->second = try_program(**program, world, limits);
      fault = place->second;
    }
    if (!fault) {
      set->programs[code] = *program;
      ++load.changed;
      continue;
    }
    load.refusals.push_back({code, *fault, has_old});
    if (has_old)
      set->programs[code] = old->second;
    else if (program)
      set->programs[code] = *program; // it fails whenever it is asked, and that is what counts
  }
  load.set = std::move(set);
  return load;
}

} // namespace viadux
