// Answering an offer: which lines, then each line, then what it comes to.
#include "core/sdp/negotiate.hpp"

#include "core/sdp/media_line.hpp"
#include "core/sdp/negotiate_steps.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

const LocalLine& line_of(const LocalCapabilities& local, std::size_t index) {
  static const LocalLine none;
  return index < local.lines.size() ? local.lines[index] : none;
}

// A later offer may add lines and reuse rejected ones, but not change what a line is (RFC 3264 section 8).
Result<void> check_against_previous(const SessionDescription& offer,
                                    const std::optional<Negotiated>& previous) {
  if (!previous) return {};
  if (offer.media.size() < previous->lines.size())
    return invalid_description("a later offer has " + std::to_string(offer.media.size()) +
                               " media lines, fewer than the " + std::to_string(previous->lines.size()) +
                               " before");
  for (std::size_t i = 0; i < previous->lines.size(); ++i) {
    const auto& before = previous->lines[i];
    const auto& now = offer.media[i];
    if (before.rejected || now.rejected()) continue;
    if (before.kind != now.kind)
      return invalid_description(line_name(i, now) + " was of another kind before");
    if (before.mid != now.mid) return invalid_description(line_name(i, now) + " had another mid before");
  }
  return {};
}

// The line as we refuse it: in place, with port 0 (RFC 3264 section 6).
MediaLine rejection(const MediaLine& offered) {
  MediaLine line;
  line.kind = offered.kind;
  line.media = offered.media;
  line.port = 0;
  line.protocol = offered.protocol;
  line.formats = offered.formats;
  if (!offered.codecs.empty()) line.codecs = {offered.codecs.front()};
  line.connection = "0.0.0.0";
  line.mid = offered.mid;
  line.direction = Direction::inactive;
  for (auto& codec : line.codecs) {
    codec.feedback = 0;
    codec.other_feedback.clear();
  }
  return line;
}

class Answering {
 public:
  Answering(const SessionDescription& offer, const LocalCapabilities& local,
            const std::optional<Negotiated>& previous, std::vector<int> bundles)
      : offer_(offer), local_(local), previous_(previous), bundles_(std::move(bundles)) {}

  Result<SessionDescription> answer();

 private:
  std::string refusal(std::size_t index); // why not; empty when we take it
  void settle_bundles();
  bool taken(std::size_t index) const { return refusals_[index].empty(); }
  void write_line(std::size_t index, bool follows_bundle, MediaLine& line) const;
  Setup setup_for(std::size_t index, const MediaLine& source) const;
  void write_groups(SessionDescription& answer) const;
  std::vector<bool> bundle_followers() const;

  const SessionDescription& offer_;
  const LocalCapabilities& local_;
  const std::optional<Negotiated>& previous_;
  std::vector<int> bundles_;
  std::vector<TransportPlan> plans_;
  std::vector<std::vector<Codec>> codecs_;
  std::vector<bool> usable_; // we could take it, wanted or not
  std::vector<std::string> refusals_;
};

std::string Answering::refusal(std::size_t index) {
  const auto& line = offer_.media[index];
  const auto& ours = line_of(local_, index);
  if (line.rejected()) return "the peer rejects it";
  if (ours.plugin_line) return ours.refuse ? "it is not wanted" : "";
  if (line.kind != Kind::audio && line.kind != Kind::video) return "it is not audio or video";
  if (!is_rtp(line.protocol)) return "it is not RTP";
  codecs_[index] = choose_codecs(line, local_);
  if (codecs_[index].empty()) return "no codec in common";
  plans_[index] = plan_transport(offer_, line, transport_line(offer_, bundles_, index), local_, ours);
  usable_[index] = plans_[index].refusal.empty();
  return usable_[index] && ours.refuse ? "it is not wanted" : plans_[index].refusal;
}

// The first line of a bundle gives the others their transport, and cannot be rejected alone (RFC 9143
// section 7.3.3; Chromium fails on it). One that is only unwanted is kept, inactive; one that we cannot use
// takes its bundle along.
void Answering::settle_bundles() {
  for (std::size_t g = 0; g < offer_.groups.size(); ++g) {
    const auto bundle = static_cast<int>(g);
    std::optional<std::size_t> first;
    bool others = false;
    for (const auto& mid : offer_.groups[g].mids) {
      for (std::size_t i = 0; i < offer_.media.size(); ++i) {
        if (bundles_[i] != bundle || offer_.media[i].mid != mid || offer_.media[i].rejected()) continue;
        if (!first)
          first = i;
        else
          others = others || (refusals_[i].empty() && plans_[i].ice);
      }
    }
    if (!first || !others || refusals_[*first].empty()) continue;
    if (usable_[*first]) {
      refusals_[*first].clear();
      continue;
    }
    for (std::size_t i = 0; i < offer_.media.size(); ++i)
      if (bundles_[i] == bundle && refusals_[i].empty() && plans_[i].ice)
        refusals_[i] = "the first line of its bundle cannot be used";
  }
}

// As long as the DTLS association lives, so do its roles (RFC 8842 section 5.3).
Setup Answering::setup_for(std::size_t index, const MediaLine& source) const {
  const auto* before = previous_transport(previous_, index);
  const bool same_association = before != nullptr && before->protection == Protection::dtls &&
                                before->remote_fingerprints == source.transport.fingerprints;
  return answer_setup(source.transport.setup, same_association ? before->local_setup : local_.setup);
}

void Answering::write_line(std::size_t index, bool follows_bundle, MediaLine& line) const {
  const auto& offered = offer_.media[index];
  const auto& ours = line_of(local_, index);
  const auto& source = transport_line(offer_, bundles_, index);
  line.kind = offered.kind;
  line.media = offered.media;
  line.protocol = offered.protocol;
  line.mid = offered.mid;
  line.content = offered.content;
  line.content_said = offered.content_said;
  const auto granted =
      ours.refuse ? Direction::inactive : direction_of(ours.peer_may_receive, ours.peer_may_send);
  line.direction = both(reversed(offered.direction), granted);
  line.codecs = codecs_[index];
  line.rtcp_reduced_size = offered.rtcp_reduced_size;
  line.bandwidth_tias_bps = ours.max_receive_bps;
  if (local_.header_extensions) line.extensions = answer_extensions(offered);
  write_transport_answer(plans_[index], source, local_, ours, follows_bundle, setup_for(index, source), line);
  answer_simulcast(offered, local_.max_rids, line);
  const bool rtx = line.codecs.size() > 1 && identify(line.codecs[1]) == CodecId::rtx;
  if (sends(line.direction) && ours.source) write_local_source(*ours.source, rtx, line);
}

// Lines that leave their transport to another one: all of a group but the first we take, in the group's
// order.
std::vector<bool> Answering::bundle_followers() const {
  std::vector<bool> follows(offer_.media.size(), false);
  for (const auto& group : offer_.groups) {
    bool first = true;
    if (group.semantics != "BUNDLE") continue;
    for (const auto& mid : group.mids) {
      for (std::size_t i = 0; i < offer_.media.size(); ++i) {
        if (offer_.media[i].mid != mid || bundles_[i] < 0) continue;
        if (!first) follows[i] = true;
        first = false;
      }
    }
  }
  return follows;
}

void Answering::write_groups(SessionDescription& answer) const {
  for (const auto& group : offer_.groups) {
    Group kept{group.semantics, {}};
    const bool bundle = group.semantics == "BUNDLE";
    if (!bundle && group.semantics != "LS") continue;
    for (const auto& mid : group.mids)
      for (std::size_t i = 0; i < offer_.media.size(); ++i)
        if (offer_.media[i].mid == mid && taken(i) && (!bundle || bundles_[i] >= 0)) kept.mids.push_back(mid);
    if (kept.mids.size() >= (bundle ? 1U : 2U)) answer.groups.push_back(std::move(kept));
  }
}

Result<SessionDescription> Answering::answer() {
  const auto count = offer_.media.size();
  plans_.resize(count);
  codecs_.resize(count);
  usable_.resize(count, false);
  for (std::size_t i = 0; i < count; ++i)
    refusals_.push_back(refusal(i));
  settle_bundles();
  std::string reasons;
  for (std::size_t i = 0; i < count; ++i) {
    if (!taken(i))
      reasons += (reasons.empty() ? "" : "; ") + line_name(i, offer_.media[i]) + ": " + refusals_[i];
    // Only lines that share a transport by ICE can share it: ports are for one line each. What a plugin
    // answers has its own transport, too.
    if (!taken(i) || !plans_[i].ice) bundles_[i] = -1;
  }
  // A later offer that closes every line is no error: the session goes on with nothing in it.
  const bool asks_nothing =
      std::all_of(offer_.media.begin(), offer_.media.end(), [](const auto& m) { return m.rejected(); });
  if (std::count(refusals_.begin(), refusals_.end(), std::string()) == 0 && !(previous_ && asks_nothing))
    return make_error(ErrorCode::unsupported, "sdp_no_media",
                      reasons.empty() ? "the offer has no media lines"
                                      : "not one media line can be used: " + reasons,
                      "sdp");

  const auto refused = [&](std::size_t i) { return !taken(i) && !offer_.media[i].rejected(); };
  for (std::size_t i = 0; local_.whole_offer && i < count; ++i)
    if (refused(i))
      return make_error(ErrorCode::unsupported, "sdp_not_whole",
                        "a part of the offer cannot be used: " + line_name(i, offer_.media[i]) + ": " +
                            refusals_[i],
                        "sdp", "offer only what this room takes");

  SessionDescription answer;
  answer.origin = {"-", local_.session_id, previous_ ? previous_->local_origin.version + 1 : 1,
                   local_.address};
  const auto follows = bundle_followers();
  bool ice = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (!taken(i)) {
      answer.media.push_back(rejection(offer_.media[i]));
    } else if (const auto& ours = line_of(local_, i); ours.plugin_line) {
      answer.media.push_back(*ours.plugin_line);
      answer.media.back().mid = offer_.media[i].mid;
    } else {
      ice = ice || plans_[i].ice;
      write_line(i, follows[i], answer.media.emplace_back());
    }
  }
  answer.ice_lite = ice && local_.ice_lite;
  write_groups(answer);
  auto ids = check_bundle_ids(answer, bundles_);
  if (!ids) return ids.error();
  return answer;
}

} // namespace

bool restarts_ice(const SessionDescription& offer, const Negotiated& previous) {
  const auto bundles = bundles_of(offer);
  if (!bundles) return false;
  for (const auto& transport : previous.transports) {
    const auto first = transport.lines.empty() ? 0 : transport.lines.front();
    if (!transport.ice || first >= offer.media.size() || offer.media[first].rejected()) continue;
    const auto& now = transport_line(offer, *bundles, first).transport;
    if (now.ice_ufrag != transport.remote_ufrag || now.ice_pwd != transport.remote_pwd) return true;
  }
  return false;
}

Result<Negotiated> negotiate(const SessionDescription& offer, const LocalCapabilities& local,
                             const std::optional<Negotiated>& previous) {
  auto allowed = check_against_previous(offer, previous);
  if (!allowed) return allowed.error();
  auto bundles = bundles_of(offer);
  if (!bundles) return bundles.error();
  auto answer = Answering(offer, local, previous, std::move(*bundles)).answer();
  if (!answer) return answer.error();
  return agree(offer, *answer, true, previous);
}

} // namespace viadux::sdp
