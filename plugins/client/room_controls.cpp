#include "room_controls.hpp"

#include "refusal.hpp"
#include "requests.hpp"
#include "rules.hpp"

#include <algorithm>
#include <array>
#include <viadux/documents/dial.hpp>
#include <viadux/documents/steering.hpp>

namespace client {
namespace {

// A layout as an icon shows it: cells of a grid, of which the first so many rows and columns are one, twice
// in "2:21".
struct Grid {
  std::string_view word;
  int columns, large;
};
constexpr std::array layouts_offered{Grid{"1:7", 4, 3},  Grid{"1:0", 1, 1},  Grid{"1:21", 5, 2},
                                     Grid{"1:33", 7, 4}, Grid{"2:21", 7, 3}, Grid{"2x2", 2, 0},
                                     Grid{"3x3", 3, 0},  Grid{"4x4", 4, 0},  Grid{"5x5", 5, 0}};

bool is_layout(std::string_view word) {
  return std::ranges::count(layouts_offered, word, &Grid::word) != 0;
}

std::string picture_of(const Grid& layout) {
  std::string svg = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9">)"
                    R"(<g fill="none" stroke="currentColor" stroke-width="0.2">)";
  const auto rectangle = [&](double x, double y, double size) { // of the whole
    svg += "<rect x=\"" + std::to_string(16 * x) + "\" y=\"" + std::to_string(9 * y) + "\" width=\"" +
           std::to_string(16 * size) + "\" height=\"" + std::to_string(9 * size) + "\"/>";
  };
  const bool two = layout.word.starts_with("2:");
  const double cell = 1.0 / layout.columns, large = two ? 0.5 : layout.large * cell;
  if (layout.large > 0) rectangle(0, 0, large);
  if (two) rectangle(0.5, 0, 0.5);
  for (int row = 0; row < layout.columns; ++row)
    for (int column = 0; column < layout.columns; ++column) {
      if (row < layout.large && (two || column < layout.large)) continue;
      if (two && row > 5) continue;
      rectangle(column * cell, two ? 0.5 + (row - 3) * cell : row * cell, cell);
    }
  return svg + "</g></svg>";
}

// A list of texts, as the API has it, in one line; nothing where it is something else, or too long.
std::optional<std::string> one_line(const viadux::Json& lines) {
  std::string out;
  if (!lines.array()) return std::nullopt;
  for (const viadux::Json& line : *lines.array()) {
    if (!line.text()) return std::nullopt;
    out += (out.empty() || line.text()->empty() ? "" : " \u2013 ") + *line.text();
  }
  return out.size() <= 256 ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace

namespace documents = viadux::documents;
using viadux::HttpResponse;
using viadux::Json;
using viadux::Nothing;

void RoomControls::add_to(Actions& actions) {
  const auto add = [&](std::string_view method, std::string_view name, Rule rule,
                       Response (RoomControls::*handler)(Asked)) {
    actions.add(method, Scope::room, name, rule, *this, handler);
  };
  add("POST", "lock", Rule::host, &RoomControls::lock);
  add("POST", "unlock", Rule::host, &RoomControls::unlock);
  add("POST", "muteguests", Rule::host, &RoomControls::mute_guests);
  add("POST", "unmuteguests", Rule::host, &RoomControls::unmute_guests);
  add("POST", "set_guests_can_unmute", Rule::host, &RoomControls::set_guests_can_unmute);
  add("POST", "disconnect", Rule::host, &RoomControls::disconnect);
  add("POST", "start_conference", Rule::host, &RoomControls::start_conference);
  add("POST", "clearallbuzz", Rule::host, &RoomControls::clear_all_hands);
  add("POST", "dial", Rule::host, &RoomControls::dial);
  add("POST", "transform_layout", Rule::host, &RoomControls::transform_layout);
  add("POST", "silent_video_detection", Rule::host, &RoomControls::accepted);
  add("GET", "conference_status", Rule::waiting_too, &RoomControls::status);
  add("GET", "participants", Rule::waiting_too, &RoomControls::participants);
  add("GET", "available_layouts", Rule::anyone, &RoomControls::layouts);
  add("GET", "layout_svgs", Rule::anyone, &RoomControls::layout_pictures);
}

RoomControls::Response RoomControls::set(documents::SetRunning wanted) {
  const auto set = co_await state_.host.call<Nothing>("viadux.rooms", "set_running", wanted);
  if (!set) co_return refuse(set.error());
  co_return done();
}

RoomControls::Response RoomControls::lock(Asked asked) {
  documents::SetRunning wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.locked = true;
  return set(std::move(wanted));
}

RoomControls::Response RoomControls::unlock(Asked asked) {
  documents::SetRunning wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.locked = false;
  return set(std::move(wanted));
}

RoomControls::Response RoomControls::steer(Asked asked, std::string_view method) {
  documents::SteerRoom which;
  which.room = asked.room;
  which.by = asked.me->participant;
  const auto steered = co_await state_.host.call<Nothing>("viadux.rooms", method, which);
  if (!steered) co_return refuse(steered.error());
  co_return done();
}

RoomControls::Response RoomControls::mute_guests(Asked asked) {
  return steer(std::move(asked), "mute_guests");
}

RoomControls::Response RoomControls::unmute_guests(Asked asked) {
  return steer(std::move(asked), "unmute_guests");
}

RoomControls::Response RoomControls::set_guests_can_unmute(Asked asked) {
  const auto body = viadux::read_document<SettingRequest>(asked.request.body);
  if (!body) co_return failed(403, "The setting cannot be read");
  documents::SetRunning wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.guests_can_unmute = body->setting;
  co_return co_await set(std::move(wanted));
}

RoomControls::Response RoomControls::disconnect(Asked asked) {
  // A break-out's people come back or leave, as it was made.
  const bool all = asked.target.breakout.empty();
  return steer(std::move(asked), all ? "end" : "close_breakout");
}

// Whoever waits comes in, unless the meeting is locked: then each of them has to be admitted.
RoomControls::Response RoomControls::start_conference(Asked asked) {
  return steer(std::move(asked), "start");
}

RoomControls::Response RoomControls::clear_all_hands(Asked asked) {
  return steer(std::move(asked), "lower_all_hands");
}

// Through whichever plugin can.
RoomControls::Response RoomControls::dial(Asked asked) {
  const auto body = viadux::read_document<DialRequest>(asked.request.body);
  if (!body || body->destination.empty()) co_return failed(403, "The request cannot be read");
  documents::DialOut wanted;
  wanted.room = asked.room;
  wanted.by = asked.me->participant;
  wanted.destination = body->destination;
  wanted.protocol = body->protocol == "auto" ? "" : body->protocol;
  wanted.role =
      body->role == "HOST" || body->role == "chair" ? documents::Role::host : documents::Role::guest;
  wanted.display_name = body->remote_display_name;
  wanted.source_display_name = body->source_display_name;
  wanted.dtmf_sequence = body->dtmf_sequence;
  const auto called = co_await state_.host.call<documents::Dialling>("viadux.dial", "dial", wanted);
  if (!called && called.error().reason == "interface_unknown")
    co_return failed(403, "This server has no way to call out");
  if (!called) co_return refuse(called.error());
  const Room* room = state_.find_room(asked.room);
  Json::Array uuids;
  if (room)
    for (const auto& [order, person] : room->people)
      if (person.is.id == called->participant) uuids.emplace_back(person.uuid());
  co_return success(std::move(uuids));
}

RoomControls::Response RoomControls::transform_layout(Asked asked) {
  const auto body = Json::parse(asked.request.body);
  const Json* transforms = body ? body->find("transforms") : nullptr;
  if (transforms == nullptr || !transforms->object())
    co_return failed(400, "transform_layout needs an object \"transforms\"");
  // Hosts and guests see the same picture here: the last word given counts.
  documents::SetRunning change;
  change.room = asked.room;
  change.by = asked.me->participant;
  for (const std::string_view name : {"guest_layout", "host_layout", "layout"}) {
    const Json* layout = transforms->find(name);
    if (layout == nullptr) continue;
    if (!layout->text() || !is_layout(*layout->text()))
      co_return failed(400, "There is no such layout; available_layouts names them");
    change.layout = *layout->text();
  }
  if (const Json* lines = transforms->find("free_form_overlay_text")) {
    change.text = one_line(*lines);
    if (!change.text) co_return failed(400, "free_form_overlay_text is a list of texts, 256 bytes in all");
  }
  if (!change.layout && !change.text) co_return done();
  if (!change.layout) co_return co_await set(std::move(change));
  std::string wanted = *change.layout;
  const documents::LayoutAnswer says =
      co_await layout_rules(state_, asked.me, asked.room, documents::LayoutChange::layout, std::move(wanted));
  if (!says.allowed) co_return failed(403, words::policy_refuses);
  if (says.layout && is_layout(*says.layout)) change.layout = says.layout;
  co_return co_await set(std::move(change));
}

RoomControls::Response RoomControls::status(Asked asked) {
  const Room* room = state_.find_room(asked.room);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  co_return success(conference_json(*room));
}

RoomControls::Response RoomControls::participants(Asked asked) {
  Room* room = state_.find_room(asked.room);
  if (room == nullptr) co_return failed(403, "Call disconnected");
  Json::Array people;
  const std::string presenter = presenter_of(*room);
  for (const auto& [order, person] : room->people)
    if (sees(*asked.me, person))
      people.push_back(participant_json(*room, presenter, person, state_.members.find(person.uuid()).get()));
  co_return success(std::move(people));
}

RoomControls::Response RoomControls::layouts(Asked) {
  Json::Array words;
  for (const Grid& layout : layouts_offered)
    words.emplace_back(std::string(layout.word));
  co_return success(std::move(words));
}

RoomControls::Response RoomControls::layout_pictures(Asked) {
  Json pictures;
  for (const Grid& layout : layouts_offered)
    pictures.set(std::string(layout.word), picture_of(layout));
  co_return success(std::move(pictures));
}

RoomControls::Response RoomControls::accepted(Asked) {
  co_return done();
}

} // namespace client
