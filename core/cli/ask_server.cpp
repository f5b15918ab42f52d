#include "core/cli/ask_server.hpp"

#include "core/cli/loading.hpp"

#include <cstdio>
#include <ctime>

namespace viadux {

namespace json = boost::json;

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error_line(error).c_str());
  return 1;
}

Result<json::value> ask_server(const Options& options, std::string_view command,
                               const json::object& arguments) {
  ConfigSource source = source_of(options);
  source.unknown_sections_pass = true; // the plugins' keys are none of our business here
  const ConfigLoad load = load_configuration(core_schema(), source);
  if (!load.configuration) {
    print_mistakes(load.mistakes);
    return make_error(ErrorCode::bad_argument, "configuration", "the configuration has mistakes", "",
                      "it says where the server listens");
  }
  return call_control_socket(load.configuration->get_string("control.socket"), command, arguments);
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return "";
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

std::string day_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() == 0) return "never";
  const std::time_t seconds = value->get_int64() / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[32];
  return {buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M", &parts)};
}

} // namespace viadux
