// One thing that has happened. Cheap to copy: subscribers share the document.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace viadux {

// A JSON object as text, written at the first text() and then kept. [control]
class EventDocument {
 public:
  explicit EventDocument(std::string text) : text_(std::move(text)) {}
  explicit EventDocument(std::function<std::string()> write) : write_(std::move(write)) {}
  const std::string& text() const;

 private:
  mutable std::string text_;
  mutable std::function<std::string()> write_;
};

struct Event {
  std::uint64_t id = 0;                          // grows over all rooms
  std::uint64_t room = 0;                        // the room's handle; 0 is the node itself
  std::string type;                              // "participant_joined"; "resync" comes from the bus alone
  std::shared_ptr<const EventDocument> document; // whole objects; never null
  std::int64_t wall_ms = 0;
};

} // namespace viadux
