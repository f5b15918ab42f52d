#include "core/meeting/report.hpp"

namespace viadux {

void report(const Rooms& rooms, MetricSink& sink) {
  const MeetingCounters counters = rooms.counters();
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  sink.gauge("viadux_meeting_running", "Rooms that somebody is in now.", {}, number(rooms.meetings().size()));
  sink.gauge("viadux_meeting_participants", "Participants in meetings and lobbies now.", {},
             number(rooms.participants()));
  sink.counter("viadux_meeting_started_total", "Meetings begun.", {}, number(counters.meetings_started));
  sink.counter("viadux_meeting_admitted_total", "Participants let into a meeting or its lobby.", {},
               number(counters.admitted));
  sink.counter("viadux_meeting_pins_wrong_total", "Wrong PINs that were looked at.", {},
               number(counters.pin_wrong));
  sink.counter("viadux_meeting_pins_slowed_total", "PINs not looked at, because too many were wrong before.",
               {}, number(counters.pin_slowed));
  sink.counter("viadux_meeting_breakouts_started_total", "Break-out rooms made.", {},
               number(counters.breakouts_started));
  sink.counter("viadux_meeting_moves_total", "Participants moved from one running room to another.", {},
               number(rooms.moves()));
  sink.counter("viadux_meeting_messages_total", "Messages told, one for each room that got it.", {},
               number(rooms.messages()));
  sink.counter("viadux_meeting_messages_refused_total", "Messages refused: too many, too large, no chat.", {},
               number(rooms.messages_refused()));
  sink.counter("viadux_meeting_slot_switches_total", "Slots that went from one track to another.", {},
               number(rooms.switches()));
  sink.counter("viadux_meeting_slot_refusals_total", "Slots that media did not fill as decided.", {},
               number(rooms.fills_refused()));
  // Every word from the beginning, so that an alert's rate() has a zero to begin with.
  for (const ReasonEntry& entry : all_reasons()) {
    const auto index = static_cast<std::size_t>(entry.reason);
    const bool departing = departs(entry.reason);
    const std::vector<MetricSink::Label> label{{"reason", entry.word}};
    if (!departing || counters.refused[index])
      sink.counter("viadux_meeting_refused_total", "Joins refused, by reason.", label,
                   number(counters.refused[index]));
    if (departing || counters.gone[index])
      sink.counter("viadux_meeting_left_total", "Participants gone, by reason.", label,
                   number(counters.gone[index]));
  }
}

} // namespace viadux
