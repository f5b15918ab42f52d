// a= lines about what a media line carries: mid, direction, content, header extensions, layers, sources.
#include "core/sdp/attributes.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

Verdict read_mid(MediaReader& reader, std::string_view value) {
  value = trim(value);
  if (!is_token(value) || value.size() > 32) return Verdict::bad("a=mid is a word of 1 to 32 characters");
  reader.media.mid = value;
  return Verdict::ok();
}

template <Direction direction>
Verdict read_direction(MediaReader& reader, std::string_view) {
  reader.media.direction = direction;
  reader.direction_said = true;
  return Verdict::ok();
}

Verdict read_bundle_only(MediaReader& reader, std::string_view) {
  reader.media.bundle_only = true;
  return Verdict::ok();
}

// RFC 4796 allows several words; what matters is whether these are slides.
Verdict read_content(MediaReader& reader, std::string_view value) {
  bool known = false;
  bool slides = false;
  while (!value.empty()) {
    const auto word = trim(take_until(value, ','));
    slides = slides || word == "slides";
    known = known || word == "slides" || word == "main";
  }
  if (!known) return Verdict::unknown();
  reader.media.content_said = true;
  reader.media.content = slides ? Content::slides : Content::main;
  return Verdict::ok();
}

Verdict read_label(MediaReader& reader, std::string_view value) {
  reader.media.label = trim(value);
  return Verdict::ok();
}

Verdict read_extmap(MediaReader& reader, std::string_view value) {
  HeaderExtension extension;
  auto id = take_word(value);
  const auto number = to_number<std::uint16_t>(take_until(id, '/'));
  if (!number || *number == 0) return Verdict::bad("a=extmap begins with an id from 1 on");
  extension.id = *number;
  if (id == "sendonly")
    extension.direction = Direction::sendonly;
  else if (id == "recvonly")
    extension.direction = Direction::recvonly;
  else if (id == "inactive")
    extension.direction = Direction::inactive;
  else if (!id.empty() && id != "sendrecv")
    return Verdict::bad("a=extmap's direction is unknown");
  extension.uri = take_word(value);
  if (extension.uri.empty()) return Verdict::bad("a=extmap names a URI after its id");
  extension.attributes = value;
  auto& all = reader.media.extensions;
  if (all.size() >= reader.limits->per_line)
    return Verdict::too_many("header extensions", reader.limits->per_line);
  all.push_back(std::move(extension));
  return Verdict::ok();
}

Verdict read_extmap_allow_mixed(MediaReader& reader, std::string_view) {
  reader.media.extmap_allow_mixed = true;
  return Verdict::ok();
}

Verdict read_rtcp_rsize(MediaReader& reader, std::string_view) {
  reader.media.rtcp_reduced_size = true;
  return Verdict::ok();
}

// RFC 8852 section 3.1: letters and digits; '-' and '_' are in use (RFC 8851 allows them).
bool is_rid(std::string_view text) {
  return is_token(text) && text.size() <= 16 &&
         text.find_first_of("!#$%&'*+.^`{|}~") == std::string_view::npos;
}

Verdict read_rid(MediaReader& reader, std::string_view value) {
  Rid rid;
  rid.id = take_word(value);
  const auto direction = take_word(value);
  if (!is_rid(rid.id)) return Verdict::bad("a=rid begins with a name of 1 to 16 letters and digits");
  if (direction != "send" && direction != "recv")
    return Verdict::bad("a=rid says send or recv after its name");
  rid.send = direction == "send";
  while (!value.empty()) {
    auto part = trim(take_until(value, ';'));
    const auto name = trim(take_until(part, '='));
    if (name == "pt") {
      while (!part.empty()) {
        const auto payload_type = to_number<std::uint8_t>(trim(take_until(part, ',')));
        if (!payload_type || *payload_type > 127) return Verdict::bad("a=rid's pt= lists payload types");
        if (rid.payload_types.size() >= reader.limits->per_line)
          return Verdict::too_many("payload types of a rid", reader.limits->per_line);
        rid.payload_types.push_back(*payload_type);
      }
    } else if (!name.empty()) {
      if (rid.restrictions.size() >= reader.limits->per_line)
        return Verdict::too_many("restrictions of a rid", reader.limits->per_line);
      rid.restrictions.push_back({std::string(name), std::string(part)});
    }
  }
  if (reader.media.rids.size() >= reader.limits->per_line)
    return Verdict::too_many("rids", reader.limits->per_line);
  reader.media.rids.push_back(std::move(rid));
  return Verdict::ok();
}

Verdict read_simulcast_list(std::string_view list, std::vector<SimulcastStream>& streams,
                            const Limits& limits) {
  if (list.starts_with("rid=")) list.remove_prefix(4); // the draft's form, still sent by some
  while (!list.empty()) {
    auto alternatives = take_until(list, ';');
    SimulcastStream stream;
    while (!alternatives.empty()) {
      auto name = take_until(alternatives, ',');
      SimulcastRid one;
      one.paused = name.starts_with('~');
      if (one.paused) name.remove_prefix(1);
      if (!is_rid(name)) return Verdict::bad("a=simulcast lists names of rids");
      one.rid = name;
      if (stream.size() >= limits.per_line)
        return Verdict::too_many("alternatives of a layer", limits.per_line);
      stream.push_back(std::move(one));
    }
    if (stream.empty()) return Verdict::bad("a=simulcast has an empty layer");
    if (streams.size() >= limits.per_line) return Verdict::too_many("layers", limits.per_line);
    streams.push_back(std::move(stream));
  }
  return streams.empty() ? Verdict::bad("a=simulcast lists no layers") : Verdict::ok();
}

Verdict read_simulcast(MediaReader& reader, std::string_view value) {
  Simulcast simulcast;
  while (!value.empty()) {
    const auto direction = take_word(value);
    const auto list = take_word(value);
    if (direction != "send" && direction != "recv") return Verdict::bad("a=simulcast says send or recv");
    auto& streams = direction == "send" ? simulcast.send : simulcast.recv;
    if (!streams.empty()) return Verdict::bad("a=simulcast says the same direction twice");
    auto verdict = read_simulcast_list(list, streams, *reader.limits);
    if (verdict.kind != Verdict::Kind::ok) return verdict;
  }
  reader.media.simulcast = std::move(simulcast);
  return Verdict::ok();
}

Verdict read_ssrc(MediaReader& reader, std::string_view value) {
  const auto ssrc = to_number<std::uint32_t>(take_word(value));
  if (!ssrc) return Verdict::bad("a=ssrc begins with a number of 32 bits");
  const auto name = take_until(value, ':');
  if (!name.empty() && name != "cname" && name != "msid") return Verdict::unknown(); // mslabel, label
  auto& sources = reader.media.sources;
  auto source =
      std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.ssrc == *ssrc; });
  if (source == sources.end()) {
    if (sources.size() >= reader.limits->per_line)
      return Verdict::too_many("sources", reader.limits->per_line);
    source = sources.insert(sources.end(), Source{*ssrc, {}, {}});
  }
  if (name == "cname") source->cname = trim(value);
  if (name == "msid") source->msid = trim(value);
  return Verdict::ok();
}

Verdict read_ssrc_group(MediaReader& reader, std::string_view value) {
  SourceGroup group;
  group.semantics = take_word(value);
  while (!value.empty()) {
    const auto ssrc = to_number<std::uint32_t>(take_word(value));
    if (!ssrc) return Verdict::bad("a=ssrc-group lists numbers of 32 bits");
    if (group.ssrcs.size() >= reader.limits->per_line)
      return Verdict::too_many("sources of a group", reader.limits->per_line);
    group.ssrcs.push_back(*ssrc);
  }
  if (!is_token(group.semantics)) return Verdict::bad("a=ssrc-group begins with its meaning, such as FID");
  auto& all = reader.media.source_groups;
  if (all.size() >= reader.limits->per_line)
    return Verdict::too_many("source groups", reader.limits->per_line);
  all.push_back(std::move(group));
  return Verdict::ok();
}

Verdict read_msid(MediaReader& reader, std::string_view value) {
  auto& all = reader.media.msids;
  if (all.size() >= reader.limits->per_line)
    return Verdict::too_many("a=msid lines", reader.limits->per_line);
  Msid msid;
  msid.stream = take_word(value);
  msid.track = take_word(value);
  if (msid.stream.empty()) return Verdict::bad("a=msid names a stream");
  all.push_back(std::move(msid));
  return Verdict::ok();
}

} // namespace

const NamedReader* stream_attributes() {
  static constexpr NamedReader readers[] = {
      {"mid", read_mid},
      {"sendrecv", read_direction<Direction::sendrecv>},
      {"sendonly", read_direction<Direction::sendonly>},
      {"recvonly", read_direction<Direction::recvonly>},
      {"inactive", read_direction<Direction::inactive>},
      {"bundle-only", read_bundle_only},
      {"content", read_content},
      {"label", read_label},
      {"extmap", read_extmap},
      {"extmap-allow-mixed", read_extmap_allow_mixed},
      {"rtcp-rsize", read_rtcp_rsize},
      {"rid", read_rid},
      {"simulcast", read_simulcast},
      {"ssrc", read_ssrc},
      {"ssrc-group", read_ssrc_group},
      {"msid", read_msid},
      {{}, nullptr},
  };
  return readers;
}

} // namespace viadux::sdp
