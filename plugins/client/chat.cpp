#include "chat.hpp"

#include "requests.hpp"

namespace client {

using viadux::HttpResponse;
using viadux::Json;
using viadux::Task;

namespace {

std::string format_message(const Member& sender, const MessageRequest& message, bool direct) {
  Json event;
  event.set("origin", sender.display_name);
  event.set("uuid", sender.uuid);
  event.set("type", message.type);
  event.set("payload", message.payload);
  event.set("direct", direct);
  return format_event("message_received", event);
}

} // namespace

void Chat::add_to(Actions& actions) {
  actions.add("POST", Scope::room, "message", Rule::anyone, *this, &Chat::to_all);
  actions.add("POST", Scope::participant, "message", Rule::anyone, *this, &Chat::to_one);
}

// Never to the sender: clients show their own words themselves.
Task<HttpResponse> Chat::to_all(Asked asked) {
  const auto message = viadux::read_document<MessageRequest>(asked.request.body);
  if (!message) co_return failed(400, "The message cannot be read: " + message.error().message);
  const auto text = std::make_shared<const std::string>(format_message(*asked.me, *message, false));
  const std::int64_t now_us = state_.now_us();
  state_.members.each_in(asked.me->room, [&](Member& member) {
    if (&member != asked.me.get() && !member.waiting) member.tell_once(text, now_us);
  });
  co_return done();
}

Task<HttpResponse> Chat::to_one(Asked asked) {
  const auto message = viadux::read_document<MessageRequest>(asked.request.body);
  if (!message) co_return failed(400, "The message cannot be read: " + message.error().message);
  const MemberRef to = state_.members.find(asked.who);
  if (!to || to->gone) co_return failed(403, "This participant cannot take messages");
  if (to != asked.me) to->tell_once(format_message(*asked.me, *message, true), state_.now_us());
  co_return done();
}

} // namespace client
