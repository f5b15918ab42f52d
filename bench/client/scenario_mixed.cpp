// The scenarios of what the server makes: 'mixed', where some speak and everybody's mix is listened to, and
// 'viewers' of composed pictures.
#include "bench/client/scenario.hpp"

namespace viadux::bench {
namespace {

constexpr double frames_per_second = 50;
// A server may repeat or leave out a packet where its clock and ours drift, and conceals what comes late.
constexpr double share_heard = 0.97;

} // namespace

void Scenario::speak(PublishSettings& publish) {
  publish.hears = hears_where_it_publishes();
  if (speaking_ < settings_.talkers) {
    publish.speech = make_talk(static_cast<std::uint32_t>(speaking_++), {});
    return;
  }
  if (!silence_) silence_ = make_silence({});
  publish.speech = silence_;
}

// Whoever has somebody to hear must hear him all the time; who speaks alone must hear nobody.
void Scenario::check_mixes() {
  const double frames = settings_.duration_s * frames_per_second;
  std::size_t number = 0;
  for (const Member& member : members_) {
    const Peer* listener = member.viewer ? member.viewer.get() : member.publisher.get();
    const std::string who = "participant " + std::to_string(++number);
    for (const Peer* peer : {static_cast<const Peer*>(member.publisher.get()), listener})
      if (peer->state() != Peer::State::connected) problem(who + ": its session ended: " + peer->failure());
    const bool speaks = member.publisher->sender()->speaks();
    const bool alone = speaks && settings_.talkers == 1;
    const Heard& heard = listener->receiver().heard();
    report_.expected += static_cast<std::uint64_t>(frames);
    const auto audible = static_cast<double>(heard.audible);
    if (!alone && audible < share_heard * frames)
      problem(who + " heard somebody in " + std::to_string(heard.audible) + " of " +
              std::to_string(static_cast<int>(frames)) + " frames");
    if (alone && audible > 0) problem(who + " speaks alone and heard itself");
  }
  // What a server leaves out on purpose, as a mix of nobody, counts as done.
  ledger_.counters.delivered = report_.expected;
}

void Scenario::check_views() {
  std::size_t number = 0;
  for (const Member& member : members_) {
    const std::string who = "viewer " + std::to_string(++number);
    const Heard& heard = member.viewer->receiver().heard();
    if (member.viewer->state() != Peer::State::connected)
      problem(who + ": its session ended: " + member.viewer->failure());
    if (heard.pictures == 0) problem(who + " saw nothing");
    report_.expected += heard.pictures + heard.packets;
  }
  ledger_.counters.delivered = report_.expected;
}

} // namespace viadux::bench
