// What media counts, summed over the workers when scraped.
#include "core/session/engine.hpp"
#include "core/session/media_worker.hpp"

namespace viadux {

void Engine::collect(MetricSink& sink) const {
  const auto total = [&](std::string_view name, std::string_view help,
                         const std::vector<MetricSink::Label>& labels, auto read) {
    std::uint64_t sum = 0;
    for (const WorkerRecord& record : workers_)
      sum += read(record);
    sink.counter(name, help, labels, static_cast<double>(sum));
  };
  const auto media = [&](std::string_view name, std::string_view help,
                         const std::vector<MetricSink::Label>& labels, Counter MediaCounters::*counter) {
    total(name, help, labels,
          [counter](const WorkerRecord& record) { return (record.media->counters().*counter).get(); });
  };
  const auto net = [&](std::string_view name, std::string_view help,
                       const std::vector<MetricSink::Label>& labels, Counter WorkerCounters::*counter) {
    total(name, help, labels, [counter](const WorkerRecord& record) {
      return (record.media->worker().counters().*counter).get();
    });
  };
  const auto ice = [&](std::string_view reason, Counter IceDirectoryCounters::*counter) {
    total("viadux_media_unknown_packets_total", "Packets from addresses that belong to no session.",
          {{"reason", reason}},
          [counter](const WorkerRecord& record) { return (record.media->ice_counters().*counter).get(); });
  };
  using M = MediaCounters;
  using W = WorkerCounters;

  sink.gauge("viadux_media_sessions", "Media sessions open.", {}, static_cast<double>(sessions_.size()));
  sink.counter("viadux_media_sessions_opened_total", "Media sessions opened.", {},
               static_cast<double>(opened_));
  sink.counter("viadux_media_sessions_refused_total", "Offers that were refused.", {},
               static_cast<double>(refused_));
  sink.counter("viadux_media_other_sound_total",
               "Offers without any of the policy's codecs for sound, taken with another one.", {},
               static_cast<double>(other_sound_));
  media("viadux_media_sessions_connected_total", "Media sessions whose ICE and DTLS came through.", {},
        &M::sessions_connected);
  for (const auto& [reason, count] : ended_)
    sink.counter("viadux_media_sessions_ended_total", "Media sessions ended, by reason.",
                 {{"reason", reason}}, static_cast<double>(count));
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const std::string index = std::to_string(i);
    sink.gauge("viadux_media_worker_load_ratio", "Share of one core that the worker used in the last second.",
               {{"worker", index}}, workers_[i].load);
    sink.gauge("viadux_media_worker_sessions", "Sessions on the worker.", {{"worker", index}},
               workers_[i].sessions);
  }

  media("viadux_rtp_packets_total", "RTP packets, decrypted or to be encrypted.", {{"direction", "in"}},
        &M::rtp_packets_in);
  media("viadux_rtp_packets_total", "RTP packets, decrypted or to be encrypted.", {{"direction", "out"}},
        &M::rtp_packets_out);
  media("viadux_rtp_bytes_total", "RTP bytes with headers.", {{"direction", "in"}}, &M::rtp_bytes_in);
  media("viadux_rtp_bytes_total", "RTP bytes with headers.", {{"direction", "out"}}, &M::rtp_bytes_out);
  const auto dropped = [&](std::string_view reason, Counter MediaCounters::*counter) {
    media("viadux_rtp_dropped_total", "Packets that were not forwarded, by reason.", {{"reason", reason}},
          counter);
  };
  dropped("unknown_stream", &M::rtp_unknown);
  dropped("malformed", &M::rtp_malformed);
  dropped("not_allowed", &M::rtp_forbidden);
  dropped("forged", &M::srtp_auth_failures);
  dropped("replayed", &M::srtp_replays);
  dropped("not_media", &M::transport_malformed);
  dropped("before_keys_or_wrong_source", &M::early_drops);
  dropped("too_many_streams", &M::ssrc_limit_drops);
  dropped("other_worker_full", &M::channel_drops);
  dropped("other_thread_full", &M::port_drops);
  media("viadux_rtp_nacks_total", "Sequence numbers asked for again.", {{"direction", "in"}},
        &M::nacks_received);
  media("viadux_rtp_nacks_total", "Sequence numbers asked for again.", {{"direction", "out"}},
        &M::nacks_sent);
  media("viadux_rtp_retransmissions_total", "Packets sent again.", {{"direction", "in"}},
        &M::retransmissions_in);
  media("viadux_rtp_retransmissions_total", "Packets sent again.", {{"direction", "out"}},
        &M::retransmissions_out);
  media("viadux_rtp_retransmissions_refused_total", "Packets not sent again: over the session's budget.", {},
        &M::retransmissions_refused);
  media("viadux_rtp_paced_total", "Packets that waited because the receiver's line is narrow.", {},
        &M::packets_paced);
  media("viadux_rtp_backlogs_dropped_total", "Pictures begun anew because what waited came too late.", {},
        &M::backlogs_dropped);
  media("viadux_rtp_recovered_total", "Packets of publishers that came by retransmission.", {},
        &M::recovered);
  media("viadux_rtp_given_up_total", "Packets of publishers that never came.", {}, &M::given_up);
  media("viadux_key_frame_requests_total", "Key frames asked for.", {{"direction", "in"}},
        &M::key_frame_requests_in);
  media("viadux_key_frame_requests_total", "Key frames asked for.", {{"direction", "out"}},
        &M::key_frame_requests_out);
  media("viadux_rtcp_malformed_total", "RTCP packets that do not add up.", {}, &M::rtcp_malformed);
  media("viadux_ice_refused_total", "ICE checks with a wrong password or role.", {}, &M::ice_refused);
  media("viadux_dtls_failures_total", "DTLS handshakes that failed.", {}, &M::dtls_failures);
  media("viadux_probe_bursts_total", "Packets or groups sent to find more bandwidth.", {}, &M::probe_packets);
  media("viadux_slots_paused_total", "Pictures paused because the receiver's line takes none.", {},
        &M::slots_paused);
  media("viadux_slots_incompatible_total", "Tracks that a slot could not take: their codecs do not agree.",
        {}, &M::slots_incompatible);
  media("viadux_publisher_caps_total", "REMB told to publishers below the configured maximum.", {},
        &M::publisher_caps);
  ice("not_stun", &IceDirectoryCounters::not_stun);
  ice("malformed", &IceDirectoryCounters::malformed);
  ice("unknown_ufrag", &IceDirectoryCounters::unknown_ufrag);

  net("viadux_udp_packets_total", "Datagrams.", {{"direction", "in"}}, &W::packets_in);
  net("viadux_udp_packets_total", "Datagrams.", {{"direction", "out"}}, &W::packets_out);
  net("viadux_udp_bytes_total", "Bytes of datagrams.", {{"direction", "in"}}, &W::bytes_in);
  net("viadux_udp_bytes_total", "Bytes of datagrams.", {{"direction", "out"}}, &W::bytes_out);
  net("viadux_udp_gso_packets_total", "Datagrams sent in runs of two or more by one call.", {},
      &W::gso_packets_out);
  net("viadux_udp_gso_fallbacks_total", "Runs that the kernel refused and that went one by one.", {},
      &W::gso_fallbacks);
  net("viadux_udp_dropped_total", "Datagrams lost here.", {{"reason", "send_full"}}, &W::drop_send_full);
  net("viadux_udp_dropped_total", "Datagrams lost here.", {{"reason", "send_error"}}, &W::drop_send_error);
  net("viadux_udp_dropped_total", "Datagrams lost here.", {{"reason", "too_large"}}, &W::drop_truncated);
  net("viadux_udp_dropped_total", "Datagrams lost here.", {{"reason", "tcp_backlog"}}, &W::drop_tcp_backlog);
  net("viadux_ice_tcp_connections_total", "ICE-TCP connections.", {{"outcome", "accepted"}},
      &W::tcp_accepted);
  net("viadux_ice_tcp_connections_total", "ICE-TCP connections.", {{"outcome", "refused"}}, &W::tcp_refused);
}

} // namespace viadux
