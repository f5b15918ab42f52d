#include "core/plugin/media_interface.hpp"

#include "core/plugin/instance.hpp"
#include "core/plugin/meeting_documents.hpp"

namespace viadux {
namespace {

Result<Nothing> nothing(const Result<void>& result) {
  if (!result) return result.error();
  return Nothing{};
}

Result<documents::SessionAnswer> answer_document(const Result<SessionAnswer>& answer) {
  if (!answer) return answer.error();
  return to_document(answer.value());
}

} // namespace

MediaInterface::MediaInterface(Rooms& rooms)
    : HostInterface("viadux.media"), rooms_(rooms), opened_([this](SessionId id) {
        if (!has_ended(id)) return false;
        holders_.erase(id);
        return true;
      }) {
  using documents::AddCandidates;
  using documents::SessionRef;
  using documents::UpdateSession;
  add_method<documents::OpenSession, documents::SessionAnswer>(
      "open", [this](PluginInstance& caller, const documents::OpenSession& asked,
                     const MethodDone<documents::SessionAnswer>& done) { open(caller, asked, done); });
  add_method<UpdateSession, documents::SessionAnswer>(
      "update", [this](PluginInstance& caller, const UpdateSession& asked,
                       const MethodDone<documents::SessionAnswer>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        done(answer_document(rooms_.update_session(asked.session.value, asked.offer)));
      });
  add_method<AddCandidates, Nothing>("candidates", [this](PluginInstance& caller, const AddCandidates& asked,
                                                          const MethodDone<Nothing>& done) {
    if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
    done(nothing(rooms_.add_candidates(asked.session.value, asked.fragment)));
  });
  add_method<SessionRef, Nothing>(
      "close", [this](PluginInstance& caller, const SessionRef& asked, const MethodDone<Nothing>& done) {
        if (const auto own = check_owner(caller, asked.session); !own) return done(own.error());
        opened_.remove(asked.session.value);
        holders_.erase(asked.session.value);
        done(nothing(rooms_.close_session(asked.session.value)));
      });
}

void MediaInterface::open(PluginInstance& caller, const documents::OpenSession& asked,
                          const MethodDone<documents::SessionAnswer>& done) {
  SessionOffer offer;
  offer.offer = asked.offer;
  offer.profile = asked.profile == documents::SdpProfile::sip ? SdpProfile::sip : SdpProfile::webrtc;
  offer.whole_offer = asked.whole_offer;
  offer.max_send_bps = static_cast<std::uint32_t>(asked.max_send_bps);
  offer.max_receive_bps = static_cast<std::uint32_t>(asked.max_receive_bps);
  offer.except = asked.except.value;
  const auto answer = rooms_.attach_session(asked.participant.value, offer);
  if (answer) {
    holders_[answer->session] = asked.participant.value;
    opened_.add(answer->session, caller);
  }
  done(answer_document(answer));
}

Result<void> MediaInterface::check_owner(PluginInstance& caller, Handle session) const {
  if (opened_.is_owner(session.value, caller) && !has_ended(session.value)) return {};
  ++caller.counters().stale_handles;
  return refusal(Reason::session_gone, "session");
}

bool MediaInterface::has_ended(SessionId session) const {
  const auto holder = holders_.find(session);
  const Participant* participant = holder == holders_.end() ? nullptr : rooms_.participant(holder->second);
  if (!participant) return true;
  return std::ranges::none_of(participant->sessions,
                              [session](const auto& entry) { return entry.id == session; });
}

void MediaInterface::plugin_stopped(const PluginInstance& plugin) {
  for (const SessionId id : opened_.take(plugin)) {
    holders_.erase(id);
    (void)rooms_.close_session(id);
  }
}

} // namespace viadux
