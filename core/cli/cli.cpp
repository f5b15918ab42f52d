#include "core/cli/cli.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace viadux {
namespace {

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error_line(error).c_str());
  return 2;
}

int print_help(const std::string& name) {
  std::vector<Command> group;
  for (const Command& command : commands()) {
    if (command.name == name) return print(help_for(command));
    if (command.name.starts_with(name + " ")) group.push_back(command);
  }
  if (name.empty()) return print(help_overview(commands()));
  if (!group.empty()) return print(help_overview(group));
  const std::string words[] = {name};
  const Result<ParsedLine> unknown = parse_command_line(words, commands());
  return unknown ? print(help_overview(commands())) : fail(unknown.error());
}

} // namespace

int cli_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN); // a reader that goes away is an error of that write, not of the process
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const Result<ParsedLine> line = parse_command_line(words, commands());
  if (!line) return fail(line.error());
  if (line->version) return print(version_line());
  if (line->help) return print_help(line->command != nullptr ? line->command->name : line->help_for);
  if (line->command == nullptr) {
    std::fputs(help_overview(commands()).c_str(), stderr);
    return 2;
  }
  return line->command->run(line->invocation);
}

} // namespace viadux
