// How packets travel: ICE or not, DTLS or SDES or plain, muxed or not.
#include "core/sdp/negotiate_steps.hpp"
#include "core/sdp/text.hpp"

#include <algorithm>

namespace viadux::sdp {
namespace {

bool wants_dtls(const MediaLine& line) {
  return line.protocol.find("/TLS/") != std::string::npos;
}
// "RTP/SAVP(F)": encrypted or not at all. "RTP/AVP(F)" may carry keys all the same, and then we use them (RFC
// 8643).
bool wants_srtp(const MediaLine& line) {
  return line.protocol.find("RTP/SAVP") != std::string::npos;
}

bool choose_crypto(const TransportDescription& remote, const LocalCapabilities& local, TransportPlan& plan) {
  for (const auto& ours : local.crypto) {
    for (const auto& theirs : remote.crypto) {
      if (!same(theirs.suite, ours.suite) || !theirs.session_parameters.empty() || !crypto_key(theirs))
        continue;
      plan.protection = Protection::sdes;
      plan.remote_crypto = theirs;
      plan.local_crypto = ours;
      plan.local_crypto.tag = theirs.tag; // RFC 4568 section 5.1.2: the answer repeats the tag
      return true;
    }
  }
  return false;
}

void choose_protection(const MediaLine& line, const TransportDescription& remote,
                       const LocalCapabilities& local, TransportPlan& plan) {
  if (!remote.fingerprints.empty() && !local.fingerprints.empty() && remote.setup != Setup::holdconn) {
    plan.protection = Protection::dtls;
    return;
  }
  if (wants_dtls(line)) {
    plan.refusal =
        remote.setup == Setup::holdconn ? "a=setup:holdconn puts it off" : "it has no a=fingerprint";
    return;
  }
  if (local.profile == Profile::webrtc) {
    plan.refusal = "it has no a=fingerprint"; // RFC 8827 section 6.5: DTLS-SRTP and nothing else
    return;
  }
  if (choose_crypto(remote, local, plan)) return;
  if (wants_srtp(line))
    plan.refusal = "none of its a=crypto lines has a suite of ours";
  else if (!local.allow_unprotected)
    plan.refusal = "it is not encrypted, which is not allowed here";
}

} // namespace

TransportPlan plan_transport(const SessionDescription& offer, const MediaLine& line, const MediaLine& source,
                             const LocalCapabilities& local, const LocalLine& ours) {
  TransportPlan plan;
  const auto& remote = source.transport;
  const bool muxed = line.transport.rtcp_mux || remote.rtcp_mux;
  const bool remote_ice = !remote.ice_ufrag.empty() && !remote.ice_pwd.empty();
  // Between two lite agents nobody checks (RFC 8445 section 2.5): without ICE we latch instead.
  const bool both_lite = offer.ice_lite && local.ice_lite;
  plan.ice = remote_ice && muxed && !local.ice_ufrag.empty() && !both_lite;
  if (!plan.ice && local.profile == Profile::webrtc) {
    if (!remote_ice)
      plan.refusal = "it has no a=ice-ufrag and a=ice-pwd";
    else if (!muxed)
      plan.refusal = "it has no a=rtcp-mux";
    else
      plan.refusal = both_lite ? "both sides are ICE-lite" : "we have no ICE";
    return plan;
  }
  if (!plan.ice && ours.port == 0) {
    plan.refusal = "there is no port for it";
    return plan;
  }
  choose_protection(line, remote, local, plan);
  return plan;
}

Setup answer_setup(Setup remote, Setup wish) {
  if (remote == Setup::passive) return Setup::active;
  if (remote == Setup::actpass && wish == Setup::active) return Setup::active;
  return Setup::passive; // to active, and to nothing said, which means active (RFC 4145 section 4)
}

void set_default_destination(const std::vector<Candidate>& candidates, MediaLine& line) {
  line.port = 9; // RFC 8840 section 4.1.1: nothing known yet
  line.connection = "0.0.0.0";
  for (const auto& candidate : candidates) {
    if (candidate.transport != CandidateTransport::udp || candidate.component != 1 || candidate.port == 0)
      continue;
    line.port = candidate.port;
    line.connection = candidate.address;
    return;
  }
}

void write_transport_answer(const TransportPlan& plan, const MediaLine& offered,
                            const LocalCapabilities& local, const LocalLine& ours, bool follows_bundle,
                            Setup setup, MediaLine& answer) {
  auto& transport = answer.transport;
  transport.rtcp_mux = plan.ice || offered.transport.rtcp_mux;
  if (plan.ice) {
    set_default_destination(local.candidates, answer);
  } else {
    answer.port = ours.port;
    answer.connection = ours.address.empty() ? local.address : ours.address;
    if (!transport.rtcp_mux && ours.rtcp_port != 0 && ours.rtcp_port != ours.port + 1)
      transport.rtcp_port = ours.rtcp_port;
  }
  // Of a bundle the first line speaks for all (RFC 9143 section 7.1.3). Credentials and fingerprints stand in
  // the others all the same, as in browsers' own answers: Firefox reads each line for itself, and its tab
  // ends where one has none.
  if (plan.ice) {
    transport.ice_ufrag = local.ice_ufrag;
    transport.ice_pwd = local.ice_pwd;
  }
  if (plan.ice && !follows_bundle) {
    transport.ice_options = {"ice2"};
    const auto& options = offered.transport.ice_options;
    if (std::find(options.begin(), options.end(), "trickle") != options.end())
      transport.ice_options.insert(transport.ice_options.begin(), "trickle");
    transport.candidates = local.candidates;
    transport.end_of_candidates = true;
  }
  if (plan.protection == Protection::dtls) {
    transport.fingerprints = local.fingerprints;
    transport.setup = setup;
  }
  if (plan.protection == Protection::sdes) transport.crypto = {plan.local_crypto};
}

} // namespace viadux::sdp
