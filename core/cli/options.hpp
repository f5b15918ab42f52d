// What stands on the command line.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <viadux/result.hpp>

namespace viadux {

// What every command takes.
struct Options {
  std::string config_file;            // "" when there is none at the usual places: defaults only
  std::vector<std::string> overrides; // --set section.key=value
};

// A command as it was called.
struct Invocation {
  Options options;
  std::map<std::string, std::string, std::less<>> named; // its own options: "role" for --role viewer
  std::vector<std::string> arguments;                    // the rest, in order
  std::string named_or(std::string_view name, std::string_view otherwise) const;
};

struct CommandOption {
  std::string name;       // without the dashes
  std::string value_name; // "ROLE", for the help
  std::string help;
  bool required = false;
};

struct Command {
  std::string name;      // one or two words: "run", "token new"
  std::string arguments; // for the help: "NAME"
  std::size_t argument_count = 0;
  std::string summary; // one line
  std::string help;    // more lines, may be empty
  std::vector<CommandOption> options;
  int (*run)(const Invocation& invocation) = nullptr; // gives the exit code
};

struct ParsedLine {
  const Command* command = nullptr; // null: print `help_for`'s help, or all
  bool help = false;
  bool version = false;
  std::string help_for;
  Invocation invocation;
};

// Takes the words after the program's name apart. Errors (bad_argument) say what was not understood, and in
// the hint what was meant.
Result<ParsedLine> parse_command_line(std::span<const std::string> words,
                                      const std::vector<Command>& commands);

std::string help_overview(const std::vector<Command>& commands);
std::string help_for(const Command& command);

// "viadux: there is no command tokn (did you mean token?)"
std::string error_line(const Error& error);

// conf/viadux.toml here, else /etc/viadux/viadux.toml, else "".
std::string default_config_file();

} // namespace viadux
