#include "core/cli/room_commands.hpp"

#include "core/meeting/reasons.hpp"
#include "core/meeting/room_row.hpp"

#include <algorithm>
#include <map>

namespace viadux {
namespace {

namespace json = boost::json;
using Answer = ControlSocket::Answer;

constexpr std::int64_t page = 1000; // rooms read from the store at a time

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Error wrong(std::string reason, std::string message, std::string field, std::string hint = {}) {
  return make_error(ErrorCode::bad_argument, std::move(reason), std::move(message), std::move(field),
                    std::move(hint));
}

std::string meant(std::string_view name, const std::vector<std::string>& known) {
  const auto near = nearest_name(name, known);
  return near ? "did you mean " + *near + "?" : "";
}

json::object describe(const Room& room, std::size_t participants) {
  json::object out;
  out["organisation"] = room.organisation;
  out["alias"] = room.alias;
  out["name"] = room.settings.name;
  out["host_pin"] = !room.pins.host.empty(); // whether there is one; what it is nobody is told here
  out["guest_pin"] = !room.pins.guest.empty();
  out["guests_without_pin"] = room.settings.guests_without_pin;
  out["guests_allowed"] = room.settings.guests_allowed;
  out["wait_for_host"] = room.settings.wait_for_host;
  out["participants_max"] = room.settings.participants_max;
  out["video_codec"] = room.settings.video_codec == VideoCodec::h264 ? "h264" : "vp8";
  out["expires_ms"] = room.expires_ms;
  out["on_demand"] = room.on_demand;
  out["participants"] = participants;
  return out;
}

// ---- settings, as they come

Result<void> read_flag(const json::value& value, const char* name, bool& out) {
  if (!value.is_bool()) return wrong("room_malformed", std::string(name) + " must be true or false", name);
  out = value.get_bool();
  return {};
}

Result<void> read_text(const json::value& value, const char* name, std::string& out) {
  if (!value.is_string() || value.get_string().size() > 200)
    return wrong("room_malformed", std::string(name) + " must be a text of at most 200 bytes", name);
  out = std::string(value.get_string());
  return {};
}

Result<void> read_codec(const json::value& value, VideoCodec& out) {
  const std::string name = value.is_string() ? std::string(value.get_string()) : "";
  if (name != "vp8" && name != "h264")
    return wrong("room_malformed", "there is no video codec \"" + name + "\"", "video_codec", "vp8 or h264");
  out = name == "h264" ? VideoCodec::h264 : VideoCodec::vp8;
  return {};
}

Result<void> read_setting(const std::string& name, const json::value& value, NewRoom& room) {
  RoomSettings& settings = room.settings;
  if (name == "name") return read_text(value, "name", settings.name);
  if (name == "host_pin") return read_text(value, "host_pin", room.pins.host);
  if (name == "guest_pin") return read_text(value, "guest_pin", room.pins.guest);
  if (name == "guests_without_pin")
    return read_flag(value, "guests_without_pin", settings.guests_without_pin);
  if (name == "guests_allowed") return read_flag(value, "guests_allowed", settings.guests_allowed);
  if (name == "wait_for_host") return read_flag(value, "wait_for_host", settings.wait_for_host);
  if (name == "video_codec") return read_codec(value, settings.video_codec);
  if (name == "participants_max") {
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > 100'000)
      return wrong("room_malformed", "participants_max must be from 0 to 100000", name);
    settings.participants_max = static_cast<std::uint32_t>(value.get_int64());
    return {};
  }
  return wrong("room_malformed", "a room has no setting \"" + name + "\"", name,
               meant(name, {"name", "host_pin", "guest_pin", "guests_without_pin", "guests_allowed",
                            "wait_for_host", "participants_max", "video_codec"}));
}

Result<void> read_settings(const json::object& arguments, NewRoom& room) {
  if (const json::value* settings = arguments.if_contains("settings"); settings && settings->is_object())
    for (const auto& [name, value] : settings->get_object())
      if (auto read = read_setting(std::string(name), value, room); !read) return read;
  if (const json::value* expires = arguments.if_contains("expires_ms"); expires && expires->is_int64())
    room.expires_ms = expires->get_int64();
  return {};
}

// Lives as long as the last answer that is still awaited.
class RoomCommands : public std::enable_shared_from_this<RoomCommands> {
 public:
  explicit RoomCommands(RoomCommandParts parts) : parts_(std::move(parts)) {}

  void list(const json::object& arguments, Answer answer) const;
  void add(const json::object& arguments, Answer answer) const;
  void set(const json::object& arguments, Answer answer) const;
  void remove(const json::object& arguments, Answer answer) const;

 private:
  struct Named {
    std::string organisation, alias;
  };
  Result<std::string> organisation(const json::object& arguments) const;
  // The room that is meant; refused where it is a file's.
  Result<Named> named(const json::object& arguments) const;
  // The same refusal, with the alias that was perhaps meant.
  void refuse_unknown(const Named& room, const Error& error, Answer answer) const;
  std::size_t participants(const Room& room) const;

  RoomCommandParts parts_;
};

Result<std::string> RoomCommands::organisation(const json::object& arguments) const {
  const auto all = parts_.organisations();
  std::string code = text_of(arguments, "organisation");
  if (code.empty()) code = all->default_code();
  if (all->find(code) != nullptr) return code;
  std::vector<std::string> codes;
  for (const Organisation* each : all->all())
    codes.push_back(each->code);
  return wrong("organisation_unknown",
               code.empty() ? "which organisation? There is no default one"
                            : "there is no organisation \"" + code + "\"",
               "organisation", code.empty() ? "say --organisation CODE" : meant(code, codes));
}

Result<RoomCommands::Named> RoomCommands::named(const json::object& arguments) const {
  auto code = organisation(arguments);
  if (!code) return code.error();
  Named room{*code, text_of(arguments, "alias")};
  const auto all = parts_.organisations();
  const auto& defined = all->find(room.organisation)->rooms;
  if (std::ranges::find(defined, room.alias, &RoomDefinition::alias) != defined.end())
    return make_error(ErrorCode::refused, "room_defined",
                      "the room " + room.alias + " is defined in the file of the organisation " +
                          room.organisation,
                      "alias", "change its organisation.toml and reload the server");
  return room;
}

std::size_t RoomCommands::participants(const Room& room) const {
  for (const RoomId id : parts_.rooms.meetings()) {
    const Meeting* meeting = parts_.rooms.meeting(id);
    if (meeting->breakout()) continue; // has its parent's address, but is not what is dialled
    if (meeting->room().organisation == room.organisation && meeting->room().alias == room.alias)
      return meeting->members().size();
  }
  return 0;
}

void RoomCommands::refuse_unknown(const Named& room, const Error& error, Answer answer) const {
  if (error.reason != word_of(Reason::room_unknown)) return answer(error);
  parts_.store.list(
      room.organisation, "", page,
      [room, answer = std::move(answer)](const Result<std::vector<store::RoomRow>>& rows) {
        std::vector<std::string> aliases;
        if (rows)
          for (const store::RoomRow& row : *rows)
            aliases.push_back(row.alias);
        answer(make_error(ErrorCode::not_found, "room_unknown",
                          "the organisation " + room.organisation + " has no room \"" + room.alias + "\"",
                          "alias", meant(room.alias, aliases)));
      });
}

// ---- the commands

// One organisation after the other, each by pages.
struct Listing : std::enable_shared_from_this<Listing> {
  store::RoomRepository& store;
  std::vector<std::string> organisations; // the last one is being read
  std::function<std::size_t(const Room&)> participants;
  Answer answer;
  json::array rooms;

  Listing(store::RoomRepository& store_, std::vector<std::string> organisations_,
          std::function<std::size_t(const Room&)> participants_, Answer answer_)
      : store(store_), organisations(std::move(organisations_)), participants(std::move(participants_)),
        answer(std::move(answer_)) {}

  void read(const std::string& after) {
    if (organisations.empty()) return answer(json::value(std::move(rooms)));
    store.list(organisations.back(), after, page,
               [self = shared_from_this()](const Result<std::vector<store::RoomRow>>& rows) {
                 if (!rows) return self->answer(rows.error());
                 for (const store::RoomRow& row : *rows)
                   self->add(row);
                 const bool more = rows->size() == static_cast<std::size_t>(page);
                 if (!more) self->organisations.pop_back();
                 self->read(more ? rows->back().alias : "");
               });
  }
  void add(const store::RoomRow& row) {
    const Result<Room> room = to_room(row);
    if (room) return (void)rooms.emplace_back(describe(*room, participants(*room)));
    rooms.emplace_back(json::object{
        {"organisation", row.organisation}, {"alias", row.alias}, {"damaged", room.error().message}});
  }
};

void RoomCommands::list(const json::object& arguments, Answer answer) const {
  std::vector<std::string> codes;
  if (text_of(arguments, "organisation").empty()) {
    for (const Organisation* each : parts_.organisations()->all())
      codes.push_back(each->code);
    std::ranges::reverse(codes);
  } else {
    auto code = organisation(arguments);
    if (!code) return answer(code.error());
    codes.push_back(*code);
  }
  std::make_shared<Listing>(
      parts_.store, std::move(codes),
      [self = shared_from_this()](const Room& room) { return self->participants(room); }, std::move(answer))
      ->read("");
}

void RoomCommands::add(const json::object& arguments, Answer answer) const {
  const auto wanted = named(arguments);
  if (!wanted) return answer(wanted.error());
  NewRoom room;
  room.organisation = wanted->organisation;
  room.alias = wanted->alias;
  if (const auto read = read_settings(arguments, room); !read) return answer(read.error());
  parts_.rooms.create(std::move(room), [answer = std::move(answer)](const Result<RoomInfo>& made) {
    if (!made) return answer(made.error());
    answer(json::value(describe(made->room, 0)));
  });
}

void RoomCommands::set(const json::object& arguments, Answer answer) const {
  const auto wanted = named(arguments);
  if (!wanted) return answer(wanted.error());
  parts_.rooms.find(wanted->organisation, wanted->alias,
                    [self = shared_from_this(), arguments, wanted = *wanted,
                     answer = std::move(answer)](const Result<RoomInfo>& found) {
                      if (!found) return self->refuse_unknown(wanted, found.error(), answer);
                      Room room = found->room;
                      // Who gives a room settings means to keep it.
                      NewRoom changed{room.organisation, room.alias,    room.settings,
                                      room.pins,         room.opens_ms, room.on_demand ? 0 : room.expires_ms};
                      if (const auto read = read_settings(arguments, changed); !read)
                        return answer(read.error());
                      room.settings = changed.settings;
                      room.pins = changed.pins;
                      room.expires_ms = changed.expires_ms;
                      room.on_demand = false;
                      const std::size_t participants = found->participants;
                      self->parts_.rooms.redefine(changed,
                                                  [room, participants, answer](const Result<void>& done) {
                                                    if (!done) return answer(done.error());
                                                    answer(json::value(describe(room, participants)));
                                                  });
                    });
}

void RoomCommands::remove(const json::object& arguments, Answer answer) const {
  const auto wanted = named(arguments);
  if (!wanted) return answer(wanted.error());
  parts_.rooms.remove(
      wanted->organisation, wanted->alias,
      [self = shared_from_this(), wanted = *wanted, answer = std::move(answer)](const Result<void>& removed) {
        if (!removed) return self->refuse_unknown(wanted, removed.error(), answer);
        answer(json::value(json::object()));
      });
}

} // namespace

void register_room_commands(ControlSocket& socket, const RoomCommandParts& parts) {
  const auto commands = std::make_shared<RoomCommands>(parts);
  const auto bind = [&](const char* name, void (RoomCommands::*command)(const json::object&, Answer) const) {
    socket.register_command(name, [commands, command](const json::object& arguments, Answer answer) {
      (*commands.*command)(arguments, std::move(answer));
    });
  };
  bind("room.list", &RoomCommands::list);
  bind("room.add", &RoomCommands::add);
  bind("room.set", &RoomCommands::set);
  bind("room.remove", &RoomCommands::remove);
}

} // namespace viadux
