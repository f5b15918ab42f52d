#include "core/cli/policy_tools.hpp"

#include "core/cli/server.hpp"
#include "core/cli/server_policies.hpp"
#include "core/cli/server_settings.hpp"
#include "core/config/schema.hpp"
#include "core/plugin/policy_world.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace viadux {
namespace {

std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

PolicyTools::PolicyTools(const Options& options) {
  const Result<ConfigSchema> schema = server_schema(options);
  if (!schema) return;
  loaded_ = load_all(*schema, options);
  if (!loaded_.configuration) {
    print_mistakes(loaded_.mistakes);
    return;
  }
  plugins_ =
      std::make_unique<PluginHost>(loop_, metrics_, readiness_, plugin_options(*loaded_.configuration));
  plugins_->load(plugin_folder(*loaded_.configuration));
  world_ = make_policy_world(*plugins_);
  limits_ = policy_options(*loaded_.configuration).lanes.limits;
}

const std::string& PolicyTools::folder() const {
  return loaded_.configuration->get_string("organisations.path");
}

Result<std::shared_ptr<const PolicyProgram>> PolicyTools::program(const std::string& organisation,
                                                                  const std::string& file) const {
  namespace fs = std::filesystem;
  if (!file.empty()) {
    std::error_code error;
    const fs::path path = fs::absolute(file, error).lexically_normal();
    if (!fs::is_regular_file(path, error))
      return make_error(ErrorCode::not_found, "file_missing", "there is no file " + file);
    // In an organisation's folder it has that one's parents.
    const Organisation* its = nullptr;
    for (const Organisation* each : organisations().all())
      if (fs::equivalent(each->folder, path.parent_path(), error)) its = each;
    std::vector<std::shared_ptr<const PolicyFile>> chain;
    if (its && !its->parent.empty()) {
      auto above = read_program(organisations(), its->parent);
      if (!above) return above.error();
      chain = (*above)->files;
    } else {
      chain.push_back(shipped_default());
    }
    fs::path tests = path;
    tests.replace_extension(".test.lua");
    const std::string code = its ? its->code : path.parent_path().filename().string();
    chain.push_back(std::make_shared<PolicyFile>(
        PolicyFile{code, file, read_text(path), read_text(tests), tests.filename().string()}));
    return make_program(code, std::move(chain));
  }
  const std::string code = organisation.empty() ? organisations().default_code() : organisation;
  if (!organisations().find(code)) {
    std::vector<std::string> codes;
    for (const Organisation* each : organisations().all())
      codes.push_back(each->code);
    return make_error(ErrorCode::not_found, "organisation_unknown",
                      "there is no organisation \"" + code + "\"", "organisation", meant(code, codes));
  }
  return read_program(organisations(), code);
}

} // namespace viadux
