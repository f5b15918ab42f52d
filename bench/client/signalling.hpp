// How a peer gets into a room: by WHIP and WHEP (Viadux and others), or by the HTTP API of Janus' plugins.
#pragma once

#include "bench/client/http.hpp"
#include "bench/client/peer.hpp"
#include "bench/client/task.hpp"

#include <memory>
#include <string>
#include <vector>
#include <viadux/result.hpp>

namespace viadux::bench {

struct Joined {
  std::string participant; // what others name to watch it, or to leave it out
  std::string handle;      // the server's resource, for leave()
};

struct Watch {
  std::vector<std::string> participants; // whom to watch; WHEP plays what the room's director chooses
  std::string except;                    // WHEP: leave out this participant (one's own publishing)
  std::string query;                     // WHEP: of the address, as "audio=auto"
};

class Signalling {
 public:
  virtual ~Signalling() = default;
  virtual Task<Result<void>> prepare(std::string room) = 0; // before the first join of a room
  virtual Task<Result<Joined>> publish(Peer& peer, std::string room) = 0;
  virtual Task<Result<Joined>> watch(Peer& peer, std::string room, Watch what) = 0;
  virtual Task<Result<void>> leave(Joined who) = 0;
  // Who publishes hears the mix of the others by the same session: there is nothing to watch.
  virtual bool publishers_hear() const { return false; }
};

// `base` is http://host:port; rooms are aliases under /whip/ and /whep/. An empty token sends none.
std::unique_ptr<Signalling> make_whip_signalling(EventLoop& loop, Url base, std::string token);
// `base` is the API's root: http://host:port/janus. Rooms are numbers.
std::unique_ptr<Signalling> make_janus_signalling(EventLoop& loop, Url base); // videoroom
std::unique_ptr<Signalling> make_audiobridge_signalling(EventLoop& loop, Url base);

} // namespace viadux::bench
