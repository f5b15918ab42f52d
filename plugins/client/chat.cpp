#include "chat.hpp"

#include "refusal.hpp"
#include "requests.hpp"

#include <viadux/documents/steering.hpp>

namespace client {

namespace documents = viadux::documents;

void Chat::add_to(Actions& actions) {
  actions.add("POST", Scope::room, "message", Rule::anyone, *this, &Chat::to_all);
  actions.add("POST", Scope::participant, "message", Rule::anyone, *this, &Chat::to_one);
}

// The core judges it, and tells it to whatever people came by; ours read it in watching.cpp.
Chat::Response Chat::send(Asked asked, viadux::Handle to) {
  const auto message = viadux::read_document<MessageRequest>(asked.request.body);
  if (!message) co_return failed(400, "The message cannot be read: " + message.error().message);
  documents::SendMessage wanted;
  wanted.from = asked.me->participant;
  wanted.to = to;
  wanted.type = message->type;
  wanted.payload = message->payload;
  wanted.room = asked.room;
  const auto sent = co_await state_.host.call<viadux::Nothing>("viadux.rooms", "send_message", wanted);
  if (!sent) co_return refuse(sent.error());
  co_return done();
}

Chat::Response Chat::to_all(Asked asked) {
  return send(std::move(asked), {});
}

Chat::Response Chat::to_one(Asked asked) {
  const Person* to = state_.find_person(*asked.me, asked.room, asked.who);
  if (to == nullptr) co_return failed(403, "This participant has left");
  if (to->uuid() == asked.me->uuid) co_return done();
  asked.room = to->is.room;
  co_return co_await send(std::move(asked), to->is.id);
}

} // namespace client
