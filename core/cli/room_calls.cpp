#include "core/cli/room_calls.hpp"

#include "core/cli/ask_server.hpp"
#include "core/config/value.hpp"

#include <chrono>
#include <cstdio>

namespace viadux {
namespace {

namespace json = boost::json;

struct Setting {
  const char* option;
  ConfigKey key; // its name is the setting's
};

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all{
      {"name", {.name = "name", .type = ConfigType::string, .max = 200}},
      {"host-pin", {.name = "host_pin", .type = ConfigType::pin}},
      {"guest-pin", {.name = "guest_pin", .type = ConfigType::pin}},
      {"guests", {.name = "guests_allowed", .type = ConfigType::boolean}},
      {"guests-without-pin", {.name = "guests_without_pin", .type = ConfigType::boolean}},
      {"wait-for-host", {.name = "wait_for_host", .type = ConfigType::boolean}},
      {"participants-max",
       {.name = "participants_max", .type = ConfigType::integer, .min = 0, .max = 100'000}},
      {"video-codec", {.name = "video_codec", .type = ConfigType::enumeration, .choices = {"vp8", "h264"}}},
  };
  return all;
}

const std::vector<CommandOption>& setting_options() {
  static const std::vector<CommandOption> all{
      {"organisation", "CODE", "whose room (organisations.default)"},
      {"name", "TEXT", "what people read (the alias)"},
      {"host-pin", "PIN", "4 to 20 digits, env:NAME or file:/path; \"\" is none: everybody is host"},
      {"guest-pin", "PIN", "likewise; needs a host PIN"},
      {"guests", "true|false", "whether guests may come in (true)"},
      {"guests-without-pin", "true|false", "with a host PIN and no guest PIN: may guests come in (true)"},
      {"wait-for-host", "true|false", "whether guests wait in the lobby for a host (false)"},
      {"participants-max", "NUMBER", "0 is the organisation's (0)"},
      {"video-codec", "vp8|h264", "the room's forwarding codec (vp8)"},
      {"expires", "TIME", "removed after so long, such as 8h; 0 is never (0)"},
  };
  return all;
}

json::value value_of(const ConfigValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* secret = std::get_if<Secret>(&value)) return json::value(secret->reveal());
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? json::value(*text) : json::value();
}

Result<ConfigValue> read_option(const char* option, const ConfigKey& key, const std::string& text) {
  Result<ConfigValue> value = read_config_text(key, text);
  if (value) return value;
  return make_error(ErrorCode::bad_argument, "command_line",
                    "--" + std::string(option) + " " + value.error().message, option, value.error().hint);
}

void print(const json::object& room) {
  const auto pin = [&](const char* name) { return text_of(room, name) == "true" ? "yes" : "no"; };
  if (room.contains("damaged")) {
    std::printf("%-18s%-20sdamaged: %s\n", text_of(room, "organisation").c_str(),
                text_of(room, "alias").c_str(), text_of(room, "damaged").c_str());
    return;
  }
  const std::string most = text_of(room, "participants_max");
  const std::string there = text_of(room, "participants") + (most == "0" ? "" : " of " + most);
  std::printf("%-18s%-20s%-10s%-11s%-8s%-14s%-18s%s%s\n", text_of(room, "organisation").c_str(),
              text_of(room, "alias").c_str(), pin("host_pin"), pin("guest_pin"),
              text_of(room, "video_codec").c_str(), there.c_str(), day_of(room, "expires_ms").c_str(),
              text_of(room, "name").c_str(), text_of(room, "on_demand") == "true" ? " (made on demand)" : "");
}

void print_heading() {
  std::printf("%-18s%-20s%-10s%-11s%-8s%-14s%-18s%s\n", "organisation", "alias", "host PIN", "guest PIN",
              "codec", "participants", "expires (UTC)", "name");
}

int room_list(const Invocation& call) {
  const Result<json::value> rooms =
      ask_server(call.options, "room.list", {{"organisation", call.named_or("organisation", "")}});
  if (!rooms) return fail(rooms.error());
  if (!rooms->is_array()) return 1;
  print_heading();
  for (const json::value& room : rooms->get_array())
    if (room.is_object()) print(room.get_object());
  return 0;
}

int change(const Invocation& call, const char* command) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto arguments =
      room_arguments(call, std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  if (!arguments) return fail(arguments.error());
  const Result<json::value> room = ask_server(call.options, command, *arguments);
  if (!room) return fail(room.error());
  if (!room->is_object()) return 1;
  print_heading();
  print(room->get_object());
  return 0;
}

int room_add(const Invocation& call) {
  return change(call, "room.add");
}

int room_set(const Invocation& call) {
  return change(call, "room.set");
}

int room_remove(const Invocation& call) {
  const Result<json::value> removed =
      ask_server(call.options, "room.remove",
                 {{"organisation", call.named_or("organisation", "")}, {"alias", call.arguments.at(0)}});
  if (!removed) return fail(removed.error());
  std::printf("room %s is removed\n", call.arguments.at(0).c_str());
  return 0;
}

} // namespace

Result<json::object> room_arguments(const Invocation& call, std::int64_t now_ms) {
  json::object arguments, given;
  arguments["organisation"] = call.named_or("organisation", "");
  arguments["alias"] = call.arguments.at(0);
  for (const Setting& setting : settings()) {
    const auto text = call.named.find(setting.option);
    if (text == call.named.end()) continue;
    const auto value = read_option(setting.option, setting.key, text->second);
    if (!value) return value.error();
    given[setting.key.name] = value_of(*value);
  }
  arguments["settings"] = std::move(given);
  if (const auto text = call.named.find("expires"); text != call.named.end()) {
    const ConfigKey key{.name = "expires", .type = ConfigType::duration, .min = 0};
    const auto lifetime = read_option("expires", key, text->second);
    if (!lifetime) return lifetime.error();
    const std::int64_t lifetime_ms = std::get<std::int64_t>(*lifetime);
    arguments["expires_ms"] = lifetime_ms == 0 ? 0 : now_ms + lifetime_ms;
  }
  return arguments;
}

std::vector<Command> room_calls() {
  return {
      {.name = "room list",
       .summary = "lists the rooms in the store, and how many are in them now",
       .options = {{"organisation", "CODE", "only this one's"}},
       .run = room_list},
      {.name = "room add",
       .arguments = "ALIAS",
       .argument_count = 1,
       .summary = "makes a room; it can be used at once",
       .help =
           "PINs typed here can be read by others in the list of processes: file:/path or env:NAME keeps\n"
           "them out of it.",
       .options = setting_options(),
       .run = room_add},
      {.name = "room set",
       .arguments = "ALIAS",
       .argument_count = 1,
       .summary = "changes what is given, from the room's next meeting on",
       .help =
           "A room that was made on demand stays from then on. Rooms of an organisation's file are changed\n"
           "in that file.",
       .options = setting_options(),
       .run = room_set},
      {.name = "room remove",
       .arguments = "ALIAS",
       .argument_count = 1,
       .summary = "removes a room; a meeting in it ends",
       .options = {{"organisation", "CODE", "whose room (organisations.default)"}},
       .run = room_remove},
  };
}

} // namespace viadux
