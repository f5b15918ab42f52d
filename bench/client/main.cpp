// viadux-bench: synthetic participants against a real server. See --help and README.md.
#include "bench/client/options.hpp"
#include "bench/client/scenario.hpp"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/resource.h>

namespace {

using namespace viadux::bench;

Task<void> run(Scenario& scenario, EventLoop& loop) {
  co_await scenario.run();
  loop.stop();
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "--help") == 0) {
    std::fputs(usage(), argc < 2 ? stderr : stdout);
    return argc < 2 ? 2 : 0;
  }
  auto options = parse_options({argv + 1, argv + argc});
  if (!options) {
    std::fprintf(stderr, "viadux-bench: %s\n%s\n", options.error().message.c_str(),
                 options.error().hint.c_str());
    return 2;
  }
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max; // a socket per peer
  setrlimit(RLIMIT_NOFILE, &files);
  std::signal(SIGPIPE, SIG_IGN);

  EventLoop loop;
  DtlsContext dtls(options->srtp_profiles);
  const bool mixed = options->scenario.kind == "mixed";
  const auto janus = mixed ? make_audiobridge_signalling : make_janus_signalling;
  const auto signalling = options->api == "janus" ? janus(loop, options->url)
                                                  : make_whip_signalling(loop, options->url, options->token);
  Scenario scenario(loop, dtls, *signalling, options->scenario);
  spawn(run(scenario, loop));
  loop.run();
  std::printf("%s\n", to_json(scenario.report()).c_str());
  for (const auto& problem : scenario.report().problems)
    std::fprintf(stderr, "WRONG: %s\n", problem.c_str());
  return scenario.report().problems.empty() ? 0 : 1;
}
