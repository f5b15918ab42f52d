#include "core/meeting/room_settings.hpp"

#include "core/meeting/participant.hpp"
#include "core/meeting/reasons.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <limits>

namespace viadux {
namespace json = boost::json;
namespace {

constexpr std::string_view host_leaves_words[] = {"stay", "end", "lobby"};

json::object rights_to_json(const MediaRights& rights) {
  return {{"send_audio", rights.send_audio},
          {"send_video", rights.send_video},
          {"send_presentation", rights.send_presentation},
          {"receive_audio", rights.receive_audio},
          {"receive_video", rights.receive_video},
          {"receive_presentation", rights.receive_presentation}};
}

// Reads the fields it is asked for; the first that is of the wrong type is remembered.
class Reader {
 public:
  Reader(const json::object& object, std::string prefix, std::string& wrong)
      : object_(object), prefix_(std::move(prefix)), wrong_(wrong) {}

  void read(std::string_view name, bool& to) {
    if (const json::value* value = field(name)) {
      if (const bool* found = value->if_bool())
        to = *found;
      else
        note(name);
    }
  }
  void read(std::string_view name, std::uint32_t& to) {
    if (const json::value* value = field(name)) {
      boost::system::error_code failed;
      const auto number = value->to_number<std::uint32_t>(failed);
      if (failed)
        note(name);
      else
        to = number;
    }
  }
  void read(std::string_view name, std::int64_t& to) {
    if (const json::value* value = field(name)) {
      boost::system::error_code failed;
      const auto number = value->to_number<std::int64_t>(failed);
      if (failed || number < 0)
        note(name);
      else
        to = number;
    }
  }
  void read(std::string_view name, std::string& to, std::size_t most) {
    if (const json::value* value = field(name)) {
      const json::string* found = value->if_string();
      if (found && found->size() <= most)
        to.assign(found->data(), found->size());
      else
        note(name);
    }
  }
  void read(std::string_view name, MediaRights& to) {
    const json::value* value = field(name);
    if (!value) return;
    const json::object* found = value->if_object();
    if (!found) return note(name);
    Reader inner(*found, prefix_ + std::string(name) + ".", wrong_);
    inner.read("send_audio", to.send_audio);
    inner.read("send_video", to.send_video);
    inner.read("send_presentation", to.send_presentation);
    inner.read("receive_audio", to.receive_audio);
    inner.read("receive_video", to.receive_video);
    inner.read("receive_presentation", to.receive_presentation);
  }
  void note(std::string_view name) {
    if (wrong_.empty()) wrong_ = prefix_ + std::string(name);
  }

 private:
  const json::value* field(std::string_view name) const { return object_.if_contains(name); }

  const json::object& object_;
  std::string prefix_;
  std::string& wrong_;
};

} // namespace

std::string to_json(const RoomSettings& settings) {
  const json::object object{
      {"name", settings.name},
      {"guests_without_pin", settings.guests_without_pin},
      {"guests_allowed", settings.guests_allowed},
      {"wait_for_host", settings.wait_for_host},
      {"lobby_when_locked", settings.lobby_when_locked},
      {"participants_max", settings.participants_max},
      {"video_codec", settings.video_codec == VideoCodec::h264 ? "h264" : "vp8"},
      {"layout", to_word(settings.layout)},
      {"host_rights", rights_to_json(settings.host_rights)},
      {"guest_rights", rights_to_json(settings.guest_rights)},
      {"one_way", settings.one_way},
      {"mute_guests", settings.mute_guests},
      {"guests_can_unmute", settings.guests_can_unmute},
      {"guests_can_present", settings.guests_can_present},
      {"chat", settings.chat},
      {"lock_at", settings.lock_at},
      {"lobby_s", settings.lobby_s},
      {"empty_s", settings.empty_s},
      {"warn_s", settings.warn_s},
      {"host_leaves", to_word(settings.host_leaves)},
      {"host_leaves_s", settings.host_leaves_s},
      {"starts_ms", settings.starts_ms},
  };
  return json::serialize(object);
}

Result<RoomSettings> room_settings_from_json(std::string_view text) {
  constexpr std::size_t most_bytes = 256 * 1024; // a document's limit at the plugin border
  if (text.size() > most_bytes) return refusal(Reason::room_malformed, "", "at most 256 KiB");
  json::error_code failed;
  json::parse_options options;
  options.max_depth = 8;
  const json::value value = json::parse(text, failed, {}, options);
  const json::object* object = value.if_object();
  if (failed || !object) return refusal(Reason::room_malformed, "", "a JSON object is expected");

  RoomSettings settings;
  std::string wrong;
  std::string codec = "vp8";
  std::string layout(to_word(settings.layout));
  std::string leaves = "stay";
  Reader reader(*object, "", wrong);
  reader.read("name", settings.name, 256);
  reader.read("guests_without_pin", settings.guests_without_pin);
  reader.read("guests_allowed", settings.guests_allowed);
  reader.read("wait_for_host", settings.wait_for_host);
  reader.read("lobby_when_locked", settings.lobby_when_locked);
  reader.read("participants_max", settings.participants_max);
  reader.read("video_codec", codec, 16);
  reader.read("layout", layout, 16);
  reader.read("host_rights", settings.host_rights);
  reader.read("guest_rights", settings.guest_rights);
  reader.read("one_way", settings.one_way);
  reader.read("mute_guests", settings.mute_guests);
  reader.read("guests_can_unmute", settings.guests_can_unmute);
  reader.read("guests_can_present", settings.guests_can_present);
  reader.read("chat", settings.chat);
  reader.read("lock_at", settings.lock_at);
  reader.read("lobby_s", settings.lobby_s);
  reader.read("empty_s", settings.empty_s);
  reader.read("warn_s", settings.warn_s);
  reader.read("host_leaves", leaves, 16);
  reader.read("host_leaves_s", settings.host_leaves_s);
  reader.read("starts_ms", settings.starts_ms);
  if (codec == "h264")
    settings.video_codec = VideoCodec::h264;
  else if (codec != "vp8")
    reader.note("video_codec");
  if (const auto known = layout_from(layout))
    settings.layout = *known;
  else
    reader.note("layout");
  if (const auto known = host_leaves_from(leaves))
    settings.host_leaves = *known;
  else
    reader.note("host_leaves");
  if (!wrong.empty())
    return refusal(Reason::room_malformed, wrong, "the value is of the wrong type or too large");
  return settings;
}

std::string_view to_word(HostLeaves leaves) {
  return host_leaves_words[static_cast<std::size_t>(leaves) - 1];
}

std::optional<HostLeaves> host_leaves_from(std::string_view word) {
  const auto* const found = std::ranges::find(host_leaves_words, word);
  if (found == std::end(host_leaves_words)) return std::nullopt;
  return static_cast<HostLeaves>(found - std::begin(host_leaves_words) + 1);
}

MediaRights rights_of_role(const RoomSettings& settings, bool host) {
  // Nobody would hear a guest, so its sound is dropped where it comes in.
  constexpr MediaRights watching{.send_audio = false,
                                 .send_video = false,
                                 .send_presentation = false,
                                 .receive_audio = false,
                                 .receive_video = true,
                                 .receive_presentation = true};
  constexpr MediaRights watched{.send_audio = false,
                                .send_video = true,
                                .send_presentation = true,
                                .receive_audio = false,
                                .receive_video = false,
                                .receive_presentation = false};
  const MediaRights& rights = host ? settings.host_rights : settings.guest_rights;
  if (!settings.one_way) return rights;
  return both(rights, host ? watching : watched);
}

bool alias_ok(std::string_view alias) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  };
  return !alias.empty() && alias.size() <= 64 && alias.front() != '.' && std::ranges::all_of(alias, allowed);
}

bool pin_ok(std::string_view pin) {
  return pin.size() >= 4 && pin.size() <= 20 &&
         std::ranges::all_of(pin, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace viadux
