#include "core/cli/options.hpp"

#include "core/config/schema.hpp"

#include <algorithm>
#include <filesystem>

namespace viadux {
namespace {

Error wrong(std::string message, std::string hint = {}) {
  return make_error(ErrorCode::bad_argument, "command_line", std::move(message), "", std::move(hint));
}

std::string meant(const std::optional<std::string>& near) {
  return near ? "did you mean " + *near + "?" : "";
}

std::string first_word(const std::string& name) {
  return name.substr(0, name.find(' '));
}

const Command* find_command(const std::vector<Command>& commands, const std::string& name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

Error unknown_command(const std::vector<Command>& commands, const std::string& first,
                      const std::string& second) {
  std::vector<std::string> names;
  bool is_group = false;
  for (const Command& command : commands) {
    is_group |= command.name.starts_with(first + " ");
    names.push_back(command.name);
    names.push_back(first_word(command.name));
  }
  if (is_group) {
    std::string all;
    std::vector<std::string> within;
    for (const Command& command : commands) {
      if (!command.name.starts_with(first + " ")) continue;
      within.push_back(command.name);
      all += (all.empty() ? "" : ", ") + command.name;
    }
    const auto near = second.empty() ? std::nullopt : nearest_name(first + " " + second, within);
    if (second.empty()) return wrong(first + " needs one more word", "one of: " + all);
    return wrong("there is no command " + first + " " + second, near ? meant(near) : "one of: " + all);
  }
  return wrong("there is no command " + first, meant(nearest_name(first, names)));
}

// An option that every command has, or one of the command's own.
struct KnownOption {
  std::string name;
  bool takes_value = true;
};

std::vector<KnownOption> known_options(const Command* command) {
  std::vector<KnownOption> known{{"config"}, {"set"}, {"help", false}, {"version", false}};
  if (command != nullptr) {
    for (const CommandOption& option : command->options)
      known.push_back({option.name});
  }
  return known;
}

class LineParser {
 public:
  LineParser(std::span<const std::string> words, const std::vector<Command>& commands)
      : words_(words), commands_(commands) {}

  Result<ParsedLine> parse() {
    if (auto found = find_the_command(); !found) return found.error();
    for (at_ = 0; at_ < words_.size(); ++at_) {
      if (auto taken = take_word(words_[at_]); !taken) return taken.error();
    }
    if (line_.command != nullptr && !line_.help && !line_.version) {
      if (auto complete = check_complete(*line_.command); !complete) return complete.error();
    }
    if (line_.invocation.options.config_file.empty())
      line_.invocation.options.config_file = default_config_file();
    return std::move(line_);
  }

 private:
  // The command's words come first but for the options that all commands have, and these take one value each.
  Result<void> find_the_command() {
    std::vector<std::pair<std::size_t, std::string>> plain;
    for (std::size_t i = 0; i < words_.size() && plain.size() < 2; ++i) {
      if (words_[i] == "--config" || words_[i] == "--set") {
        ++i;
      } else if (!words_[i].starts_with("-")) {
        plain.emplace_back(i, words_[i]);
      }
    }
    if (plain.empty()) return {};
    const bool asks_help = plain[0].second == "help";
    if (asks_help) {
      line_.help = true;
      command_words_ = words_.size();
      std::string name;
      for (std::size_t i = plain[0].first + 1; i < words_.size(); ++i)
        name += (name.empty() ? "" : " ") + words_[i];
      line_.help_for = name;
      words_ = words_.first(0);
      return {};
    }
    if (plain.size() == 2) line_.command = find_command(commands_, plain[0].second + " " + plain[1].second);
    command_words_ = line_.command != nullptr ? 2 : 1;
    if (line_.command == nullptr) line_.command = find_command(commands_, plain[0].second);
    if (line_.command != nullptr) return {};
    line_.help_for = plain[0].second;
    const bool wants_help =
        std::ranges::any_of(words_, [](const auto& word) { return word == "--help" || word == "-h"; });
    const bool is_group = std::ranges::any_of(
        commands_, [&](const Command& command) { return command.name.starts_with(plain[0].second + " "); });
    if (wants_help && is_group && plain.size() == 1) return {};
    return unknown_command(commands_, plain[0].second, plain.size() == 2 ? plain[1].second : "");
  }

  Result<void> take_word(const std::string& word) {
    if (word == "-h") return line_.help = true, Result<void>();
    if (word.starts_with("--") && word.size() > 2) return take_option(word.substr(2));
    if (word.starts_with("-") && word.size() > 1)
      return wrong("there is no option " + word, "viadux help lists them");
    if (command_words_ > 0) {
      --command_words_;
    } else {
      line_.invocation.arguments.push_back(word);
    }
    return {};
  }

  Result<void> take_option(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::vector<KnownOption> known = known_options(line_.command);
    const auto option = std::ranges::find(known, name, &KnownOption::name);
    if (option == known.end()) {
      std::vector<std::string> names;
      names.reserve(known.size());
      for (const KnownOption& each : known)
        names.push_back("--" + each.name);
      return wrong("there is no option --" + name, meant(nearest_name("--" + name, names)));
    }
    if (!option->takes_value) {
      if (equals != std::string::npos) return wrong("--" + name + " takes no value");
      (name == "help" ? line_.help : line_.version) = true;
      return {};
    }
    if (equals == std::string::npos && at_ + 1 == words_.size()) return wrong("--" + name + " needs a value");
    std::string value = equals == std::string::npos ? words_[++at_] : text.substr(equals + 1);
    if (name == "set") {
      line_.invocation.options.overrides.push_back(std::move(value));
    } else if (name == "config") {
      if (value.empty()) return wrong("--config needs a file's name");
      line_.invocation.options.config_file = std::move(value);
    } else {
      line_.invocation.named.insert_or_assign(name, std::move(value));
    }
    return {};
  }

  Result<void> check_complete(const Command& command) const {
    const std::size_t given = line_.invocation.arguments.size();
    if (given < command.argument_count) return wrong(command.name + " needs " + command.arguments);
    if (given > command.argument_count) {
      return wrong("\"" + line_.invocation.arguments[command.argument_count] +
                   "\" is one word too many for " + command.name);
    }
    for (const CommandOption& option : command.options) {
      if (!option.required || line_.invocation.named.contains(option.name)) continue;
      return wrong(command.name + " needs --" + option.name + " " + option.value_name);
    }
    return {};
  }

  std::span<const std::string> words_;
  const std::vector<Command>& commands_;
  std::size_t at_ = 0;
  std::size_t command_words_ = 0;
  ParsedLine line_;
};

std::string padded(std::string text, std::size_t width) {
  text.append(text.size() < width ? width - text.size() : 1, ' ');
  return text;
}

constexpr std::string_view common_options =
    "  --config FILE            the configuration (conf/viadux.toml, else /etc/viadux/viadux.toml)\n"
    "  --set section.key=value  sets one key, over what the file says; any number of times\n"
    "  --help                   says more about a command\n";

} // namespace

std::string Invocation::named_or(std::string_view name, std::string_view otherwise) const {
  const auto found = named.find(name);
  return found == named.end() ? std::string(otherwise) : found->second;
}

Result<ParsedLine> parse_command_line(std::span<const std::string> words,
                                      const std::vector<Command>& commands) {
  return LineParser(words, commands).parse();
}

std::string help_overview(const std::vector<Command>& commands) {
  std::string out =
      "viadux, a media server whose protocols are plugins\n\nusage: viadux COMMAND [options]\n\ncommands:\n";
  for (const Command& command : commands) {
    const std::string call = command.name + (command.arguments.empty() ? "" : " " + command.arguments);
    out += "  " + padded(call, 25) + command.summary + "\n";
  }
  return out + "\noptions of all commands:\n" + std::string(common_options);
}

std::string help_for(const Command& command) {
  std::string out = "usage: viadux " + command.name;
  for (const CommandOption& option : command.options) {
    const std::string call = "--" + option.name + " " + option.value_name;
    out += option.required ? " " + call : " [" + call + "]";
  }
  if (!command.arguments.empty()) out += " " + command.arguments;
  out += "\n\n" + command.summary + "\n";
  if (!command.help.empty()) out += "\n" + command.help + "\n";
  out += "\noptions:\n";
  for (const CommandOption& option : command.options) {
    out += "  " + padded("--" + option.name + " " + option.value_name, 25) + option.help + "\n";
  }
  return out + std::string(common_options);
}

std::string error_line(const Error& error) {
  return "viadux: " + error.message + (error.hint.empty() ? "" : " (" + error.hint + ")");
}

std::string default_config_file() {
  for (const char* place : {"conf/viadux.toml", "/etc/viadux/viadux.toml"}) {
    std::error_code ignored;
    if (std::filesystem::exists(place, ignored)) return place;
  }
  return "";
}

} // namespace viadux
