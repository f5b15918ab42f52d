// Media for tests of the meeting: sessions with the lines that an "offer" names, and what was asked of each.
//
// An offer is words: "+audio" sends, "-video" receives, "+slides", "-audio"…; "bad" is malformed.
#pragma once

#include "core/session/media_control.hpp"

#include <map>
#include <sstream>

namespace viadux {

class FakeMedia final : public MediaControl {
 public:
  struct Session {
    MediaRights rights;
    SessionRequest request;
    SessionAnswer answer;
    std::map<std::uint32_t, SlotFill> fills;
    std::vector<std::string> fragments;
  };

  void set_listener(MediaListener* to) override { listener = to; }

  Result<SessionAnswer> open(const SessionRequest& request) override {
    if (request.offer == "bad") return make_error(ErrorCode::bad_argument, "sdp_malformed", "line 1");
    const SessionId id = ++last_session_;
    Session& session = sessions[id];
    session.request = request;
    session.rights = request.rights;
    session.answer = lines(id, request.offer);
    return session.answer;
  }
  // An answer is words as an offer is.
  Result<SessionAnswer> offer(const SessionRequest& request, std::span<const OfferedLine> lines) override {
    const SessionId id = ++last_session_;
    Session& session = sessions[id];
    session.request = request;
    session.rights = request.rights;
    session.answer.session = id;
    session.answer.answer = "offer of " + std::to_string(lines.size());
    return session.answer;
  }
  Result<SessionAnswer> accept(SessionId id, const std::string& answer) override {
    if (!sessions.contains(id)) return gone();
    if (answer == "bad") return make_error(ErrorCode::bad_argument, "sdp_malformed", "line 1");
    sessions[id].answer = lines(id, answer);
    return sessions[id].answer;
  }
  Result<SessionAnswer> update(SessionId id, const std::string& offer) override {
    if (!sessions.contains(id)) return gone();
    sessions[id].answer = lines(id, offer);
    return sessions[id].answer;
  }
  Result<void> add_candidates(SessionId id, const std::string& fragment) override {
    if (!sessions.contains(id)) return gone();
    sessions[id].fragments.push_back(fragment);
    return {};
  }
  Result<void> set_rights(SessionId id, const MediaRights& rights) override {
    if (!sessions.contains(id)) return gone();
    sessions[id].rights = rights;
    return {};
  }
  Result<void> fill_slot(SessionId id, std::uint32_t slot, const SlotFill& fill) override {
    if (!sessions.contains(id)) return gone();
    sessions[id].fills[slot] = fill;
    ++fills;
    return {};
  }
  Result<void> close(SessionId id) override {
    if (!sessions.erase(id)) return gone();
    ++closed;
    return {};
  }

  // The session's first track of this kind.
  TrackId track(SessionId id, MediaKind kind, MediaContent content = MediaContent::main) const {
    for (const TrackInfo& info : sessions.at(id).answer.tracks)
      if (info.kind == kind && info.content == content) return info.id;
    return 0;
  }
  TrackId in_slot(SessionId id, std::uint32_t slot) const {
    const auto& its = sessions.at(id).fills;
    const auto found = its.find(slot);
    return found == its.end() ? 0 : found->second.track;
  }

  MediaListener* listener = nullptr;
  std::map<SessionId, Session> sessions;
  int fills = 0;
  int closed = 0;

 private:
  static Error gone() { return make_error(ErrorCode::gone, "session_gone", "gone"); }

  // Tracks keep their id by session and line.
  static SessionAnswer lines(SessionId id, const std::string& offer) {
    SessionAnswer answer;
    answer.session = id;
    answer.answer = "answer to " + offer;
    std::istringstream words(offer);
    std::uint32_t index = 0;
    for (std::string word; words >> word; ++index) {
      const std::string what = word.substr(1);
      const MediaKind kind = what == "audio" ? MediaKind::audio : MediaKind::video;
      const MediaContent content = what == "slides" ? MediaContent::slides : MediaContent::main;
      if (word[0] == '+')
        answer.tracks.push_back({id * 100 + index + 1, std::to_string(index), kind, content});
      else
        answer.slots.push_back({index, std::to_string(index), kind, content});
    }
    return answer;
  }

  SessionId last_session_ = 0;
};

} // namespace viadux
