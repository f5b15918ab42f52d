#include "notice.hpp"

namespace client {

const std::shared_ptr<const std::string>& Notice::as(View view) {
  auto& text = view == View::wrapped ? wrapped_ : plain_;
  if (text) return text;
  if (view == View::wrapped) {
    viadux::Json event;
    event.set("breakout_uuid", room_.breakout_uuid());
    event.set("event", name_);
    event.set("data", data_);
    text = std::make_shared<const std::string>(format_event("breakout_event", event));
  } else {
    text = std::make_shared<const std::string>(format_event(name_, data_));
  }
  return text;
}

} // namespace client
