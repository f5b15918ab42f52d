// Layers and sources: rid and simulcast (RFC 8851, 8853), SSRCs and their groups (RFC 5576), msid (RFC 8830).
#include "core/sdp/negotiate_steps.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

const Rid* find_rid(const MediaLine& line, const std::string& id, bool send) {
  for (const auto& rid : line.rids)
    if (rid.id == id && rid.send == send) return &rid;
  return nullptr;
}

const SourceGroup* find_group(const MediaLine& line, std::string_view semantics, std::uint32_t ssrc) {
  for (const auto& group : line.source_groups)
    if (group.semantics == semantics && !group.ssrcs.empty() && (ssrc == 0 || group.ssrcs.front() == ssrc))
      return &group;
  return nullptr;
}

std::uint32_t rtx_of(const MediaLine& line, std::uint32_t ssrc) {
  const auto* pair = find_group(line, "FID", ssrc);
  return pair != nullptr && pair->ssrcs.size() == 2 ? pair->ssrcs[1] : 0;
}

// A source that repairs another one is not media of its own: FID, FEC-FR and FEC list it after the first.
bool repairs(const MediaLine& line, std::uint32_t ssrc) {
  return std::any_of(line.source_groups.begin(), line.source_groups.end(), [&](const SourceGroup& group) {
    return group.semantics != "SIM" && !group.ssrcs.empty() &&
           std::find(group.ssrcs.begin() + 1, group.ssrcs.end(), ssrc) != group.ssrcs.end();
  });
}

bool lists(const std::vector<SimulcastStream>& streams, const std::string& rid) {
  return std::any_of(streams.begin(), streams.end(), [&](const SimulcastStream& stream) {
    return std::any_of(stream.begin(), stream.end(), [&](const SimulcastRid& one) { return one.rid == rid; });
  });
}

constexpr std::size_t most_sim_layers = 4;

} // namespace

void answer_simulcast(const MediaLine& offer, std::uint32_t max_rids, MediaLine& answer) {
  if (!offer.simulcast || max_rids < 2 || !receives(answer.direction) || answer.codecs.empty()) return;
  Simulcast taken;
  for (const auto& stream : offer.simulcast->send) {
    if (taken.recv.size() >= max_rids) break;
    // Of the alternatives the first that may carry our codec.
    for (const auto& one : stream) {
      const auto* rid = find_rid(offer, one.rid, true);
      if (rid == nullptr || lists(taken.recv, one.rid)) continue;
      const auto& types = rid->payload_types;
      if (!types.empty() &&
          std::find(types.begin(), types.end(), answer.codecs.front().payload_type) == types.end())
        continue;
      taken.recv.push_back({one});
      answer.rids.push_back({rid->id, false, {}, rid->restrictions});
      break;
    }
  }
  if (!taken.recv.empty()) answer.simulcast = std::move(taken);
}

void write_local_source(const LocalSource& source, bool rtx, MediaLine& line) {
  const std::string stream = source.stream_id.empty() ? "-" : source.stream_id;
  const std::string msid = stream + (source.track_id.empty() ? "" : " " + source.track_id);
  line.msids = {{stream, source.track_id}};
  line.sources = {{source.ssrc, source.cname, msid}};
  if (!rtx || source.rtx_ssrc == 0) return;
  line.sources.push_back({source.rtx_ssrc, source.cname, msid});
  line.source_groups = {{"FID", {source.ssrc, source.rtx_ssrc}}};
}

std::optional<LocalSource> read_local_source(const MediaLine& line) {
  if (line.sources.empty()) return std::nullopt;
  const auto& first = line.sources.front();
  LocalSource source{first.ssrc, rtx_of(line, first.ssrc), first.cname, {}, {}};
  if (!line.msids.empty()) {
    source.stream_id = line.msids.front().stream;
    source.track_id = line.msids.front().track;
  }
  return source;
}

std::vector<RemoteEncoding> remote_encodings(const MediaLine& local, const MediaLine& remote) {
  std::vector<RemoteEncoding> encodings;
  if (local.simulcast && remote.simulcast) {
    for (const auto& stream : remote.simulcast->send)
      for (const auto& one : stream)
        if (lists(local.simulcast->recv, one.rid)) encodings.push_back({one.rid, 0, 0, one.paused});
    if (!encodings.empty()) return encodings;
  }
  if (const auto* layers = find_group(remote, "SIM", 0); layers != nullptr) {
    for (const auto ssrc : layers->ssrcs)
      if (encodings.size() < most_sim_layers) encodings.push_back({{}, ssrc, rtx_of(remote, ssrc), false});
    return encodings;
  }
  for (const auto& source : remote.sources)
    if (!repairs(remote, source.ssrc)) return {{{}, source.ssrc, rtx_of(remote, source.ssrc), false}};
  return {RemoteEncoding{}};
}

} // namespace viadux::sdp
