#include "core/cli/ask_server.hpp"
#include "core/cli/cli.hpp"
#include "core/cli/loading.hpp"
#include "core/cli/policy_calls.hpp"
#include "core/cli/room_calls.hpp"
#include "core/cli/server.hpp"
#include "core/config/value.hpp"
#include "core/plugin/new_project.hpp"

#include <cstdio>

namespace viadux {
namespace {

namespace json = boost::json;

int run(const Invocation& call) {
  return run_server(call.options);
}

int check(const Invocation& call) {
  const Result<ConfigSchema> schema = server_schema(call.options);
  if (!schema) return fail(schema.error());
  const Loaded loaded = load_all(*schema, call.options);
  if (!loaded.configuration) {
    print_mistakes(loaded.mistakes);
    const std::size_t count = loaded.mistakes.size();
    std::fprintf(stderr, "viadux: %zu %s\n", count, count == 1 ? "mistake" : "mistakes");
    return 1;
  }
  const Configuration& all = *loaded.configuration;
  std::size_t rooms = 0;
  for (const Organisation* each : loaded.organisations->all())
    rooms += each->rooms.size();
  std::printf(
      "%s: all is well\n  http  port %lld, TLS port %lld\n  media from port %lld, without ICE %s\n"
      "  store %s\n  %zu organisations with %zu rooms; %s answers what no other does\n",
      all.file().empty() ? "no file, defaults" : all.file().c_str(),
      static_cast<long long>(all.get_int("http.port")), static_cast<long long>(all.get_int("http.tls_port")),
      static_cast<long long>(all.get_int("media.port")), all.get_string("media.rtp_ports").c_str(),
      all.get_string("store.url").c_str(), loaded.organisations->all().size(), rooms,
      all.get_string("organisations.default").empty() ? "nobody"
                                                      : all.get_string("organisations.default").c_str());
  return 0;
}

int version(const Invocation& /*call*/) {
  std::fputs(version_line().c_str(), stdout);
  return 0;
}

int config(const Invocation& call) {
  const Result<ConfigSchema> schema = server_schema(call.options);
  if (!schema) return fail(schema.error());
  std::fputs(render_server_configuration(*schema).c_str(), stdout);
  return 0;
}

int token_new(const Invocation& call) {
  const ConfigKey lifetime{"expires",         ConfigType::duration,   "0", 0, {}, {},
                           ReloadClass::live, "How long it is valid."};
  const Result<ConfigValue> lifetime_ms = read_config_text(lifetime, call.named_or("expires", "0"));
  if (!lifetime_ms) {
    return fail(make_error(ErrorCode::bad_argument, "lifetime", "--expires " + lifetime_ms.error().message));
  }
  json::object arguments;
  arguments["role"] = call.named_or("role", "");
  arguments["organisation"] = call.named_or("organisation", "");
  arguments["label"] = call.named_or("label", "");
  arguments["lifetime_ms"] = std::get<std::int64_t>(*lifetime_ms);
  const Result<json::value> made = ask_server(call.options, "token.new", arguments);
  if (!made) return fail(made.error());
  if (!made->is_object()) return 1;
  const json::object& token = made->get_object();
  std::fprintf(stderr, "token %s, valid until: %s. It is shown this once:\n", text_of(token, "id").c_str(),
               day_of(token, "expires_ms").c_str());
  std::printf("%s\n", text_of(token, "token").c_str());
  return 0;
}

int token_list(const Invocation& call) {
  json::object arguments;
  arguments["organisation"] = call.named_or("organisation", "");
  const Result<json::value> tokens = ask_server(call.options, "token.list", arguments);
  if (!tokens) return fail(tokens.error());
  std::printf("%-14s%-15s%-20s%-18s%-18s%-18s%s\n", "id", "role", "organisation", "made (UTC)", "expires",
              "revoked", "label");
  if (!tokens->is_array()) return 1;
  for (const json::value& each : tokens->get_array()) {
    if (!each.is_object()) continue;
    const json::object& token = each.get_object();
    const std::string organisation = text_of(token, "organisation");
    std::printf("%-14s%-15s%-20s%-18s%-18s%-18s%s\n", text_of(token, "id").c_str(),
                text_of(token, "role").c_str(),
                organisation.empty() ? "(whole server)" : organisation.c_str(),
                day_of(token, "created_ms").c_str(), day_of(token, "expires_ms").c_str(),
                day_of(token, "revoked_ms").c_str(), text_of(token, "label").c_str());
  }
  return 0;
}

int token_revoke(const Invocation& call) {
  json::object arguments;
  arguments["id"] = call.arguments.at(0);
  const Result<json::value> revoked = ask_server(call.options, "token.revoke", arguments);
  if (!revoked) return fail(revoked.error());
  std::printf("token %s is revoked\n", call.arguments.at(0).c_str());
  return 0;
}

int plugin_new(const Invocation& call) {
  const Result<std::vector<std::string>> written = write_plugin_project(".", call.arguments.front());
  if (!written) return fail(written.error());
  for (const std::string& file : *written)
    std::printf("%s\n", file.c_str());
  return 0;
}

// "                offers: viadux.sms"; nothing where there are none.
void print_names(const json::object& plugin, std::string_view member, const char* what) {
  const json::value* names = plugin.if_contains(member);
  if (names == nullptr || !names->is_array() || names->get_array().empty()) return;
  std::printf("%-16s%s:", "", what);
  for (const json::value& name : names->get_array())
    std::printf(" %s", name.is_string() ? name.get_string().c_str() : "");
  std::printf("\n");
}

int plugin_list(const Invocation& call) {
  const Result<json::value> plugins = ask_server(call.options, "plugin.list", {});
  if (!plugins) return fail(plugins.error());
  std::printf("%-16s%-10s%-12s%s\n", "name", "version", "state", "message");
  if (!plugins->is_array()) return 1;
  for (const json::value& each : plugins->get_array()) {
    if (!each.is_object()) continue;
    const json::object& plugin = each.get_object();
    std::printf("%-16s%-10s%-12s%s\n", text_of(plugin, "name").c_str(), text_of(plugin, "version").c_str(),
                text_of(plugin, "state").c_str(), text_of(plugin, "message").c_str());
    print_names(plugin, "offers", "offers");
    print_names(plugin, "hooks", "asks policies");
    print_names(plugin, "lua_functions", "functions for policies");
  }
  return 0;
}

} // namespace

std::string version_line() {
  return "viadux " VIADUX_VERSION "\n";
}

const std::vector<Command>& commands() {
  static const std::vector<Command> plain{
      {.name = "run",
       .summary = "runs the server until it is told to stop",
       .help = "SIGHUP loads the configuration anew. SIGTERM or Ctrl-C lets running meetings end within\n"
               "control.drain_timeout; a second one stops at once.",
       .run = run},
      {.name = "check",
       .summary = "looks for mistakes in the configuration and the organisations",
       .help =
           "Prints each with its file, line and the nearest right name; the exit code is 1 if there are any.",
       .run = check},
      {.name = "config",
       .summary = "prints a complete configuration with help and defaults",
       .help = "This is how conf/viadux.toml is made.",
       .run = config},
      {.name = "version", .summary = "prints the version", .run = version},
      {.name = "token new",
       .summary = "makes a token for an API and prints it, this once",
       .help = "Roles: viewer reads; operator runs meetings; policy_writer changes policies and themes; "
               "integrator\n"
               "makes rooms and bookings; admin may all. The token is all that standard output gets.",
       .options = {{"role", "ROLE", "viewer, operator, policy_writer, integrator or admin", true},
                   {"organisation", "CODE", "for this one and those below it (the whole server)"},
                   {"label", "TEXT", "what it is for"},
                   {"expires", "TIME", "for how long it is valid, such as 90d (for ever)"}},
       .run = token_new},
      {.name = "token list",
       .summary = "lists tokens, without the secret itself",
       .options = {{"organisation", "CODE", "only this one's and those below it"}},
       .run = token_list},
      {.name = "token revoke",
       .arguments = "ID",
       .argument_count = 1,
       .summary = "takes a token back, at once",
       .run = token_revoke},
      {.name = "plugin new",
       .arguments = "NAME",
       .argument_count = 1,
       .summary = "writes a plugin project into the folder NAME: it builds, tests and loads as it is",
       .help =
           "Build it against the installed package: cmake -S NAME -B NAME/build -DCMAKE_PREFIX_PATH=PREFIX.\n"
           "docs/plugins.md says what a plugin may do.",
       .run = plugin_new},
      {.name = "plugin list",
       .summary = "lists the running server's plugins and how they are",
       .run = plugin_list},
  };
  static const std::vector<Command> all = [] {
    std::vector<Command> commands = plain;
    for (Command& command : room_calls())
      commands.push_back(std::move(command));
    for (Command& command : policy_calls())
      commands.push_back(std::move(command));
    return commands;
  }();
  return all;
}

} // namespace viadux
