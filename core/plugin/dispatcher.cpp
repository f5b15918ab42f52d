#include "core/plugin/dispatcher.hpp"

#include "core/plugin/instance.hpp"
#include "core/plugin/services.hpp"

#include <viadux/documents/error.hpp>
#include <viadux/text.hpp>

namespace viadux {
namespace {

Error call_error(ErrorCode code, const char* reason, std::string message) {
  return make_error(code, reason, std::move(message));
}

bool is_document(std::string_view text) {
  const auto json = Json::parse(text);
  return json && json->object();
}

} // namespace

std::function<void()> CallDispatcher::if_alive(std::function<void()> task) const {
  return [alive = alive_, task = std::move(task)] {
    if (*alive) task();
  };
}

viadux_call CallDispatcher::call(PluginInstance& caller, std::string_view interface, std::string_view method,
                                 std::string_view document, std::int64_t deadline_us, viadux_done done,
                                 void* arg) {
  PendingCall& call = calls_.make(caller, done, arg);
  const viadux_call id = call.id;
  ++caller.open_calls;
  ++caller.counters().calls;
  const std::int64_t now_us = services_.loop.clock().now_us();
  if (caller.closing()) {
    finish(id, call_error(ErrorCode::cancelled, "plugin_stopping", "the plugin is stopping"));
  } else if (caller.open_calls > services_.options.call_limit) {
    finish(id, call_error(ErrorCode::busy, "calls_full",
                          "the plugin has too many calls open (plugins.call_limit)"));
  } else if (document.size() > VIADUX_DOCUMENT_LIMIT) {
    finish(id,
           call_error(ErrorCode::bad_argument, "document_too_large", "the document is longer than 256 KiB"));
  } else if (deadline_us != 0 && deadline_us <= now_us) {
    finish(id, call_error(ErrorCode::timeout, "deadline_passed", "the deadline had passed before the call"));
  } else {
    const std::int64_t delay_us = deadline_us != 0 ? deadline_us - now_us : services_.options.call_timeout_us;
    call.timer = services_.loop.after(
        delay_us, if_alive([this, id] {
          PendingCall* late = calls_.find(id);
          if (!late || late->finished) return;
          late->timer = 0;
          if (late->callee) late->callee->fault(PluginFault::unanswered, "a call");
          finish(id, call_error(ErrorCode::timeout, "deadline_passed", "the call was not answered in time"));
        }));
    Order order{std::string(interface), std::string(method), std::string(document)};
    if (order.document.empty()) order.document = "{}";
    services_.soon(if_alive([this, id, order = std::move(order)] { run(id, order); }));
  }
  return id;
}

void CallDispatcher::run(viadux_call id, const Order& order) {
  PendingCall* call = calls_.find(id);
  if (!call || call->finished) return; // cancelled meanwhile
  HostInterface* own = services_.interfaces.find_own(order.interface);
  if (!own) return run_offer(*call, order);
  const auto* method = own->find(order.method);
  if (!method) {
    return finish(id, call_error(ErrorCode::not_found, "method_unknown",
                                 order.interface + " has no method '" + order.method + "'"));
  }
  const auto done = [this, id, alive = alive_](const Result<std::string>& reply) {
    if (!*alive) return;
    if (reply)
      finish(id, VIADUX_OK, reply.value());
    else
      finish(id, reply.error());
  };
  try {
    (*method)(*call->caller, order.document, done);
  } catch (const std::exception&) { // out of memory, or a fault of ours: the caller must not wait for ever
    finish(id, call_error(ErrorCode::internal, "exception", order.interface + " failed inside"));
  }
}

void CallDispatcher::run_offer(PendingCall& call, const Order& order) {
  const viadux_call id = call.id;
  const PluginOffer* offer = services_.interfaces.find_offer(order.interface);
  if (!offer) {
    return finish(id, call_error(ErrorCode::not_found, "interface_unknown",
                                 "nobody offers the interface '" + order.interface + "'"));
  }
  if (offer->plugin->phase() != PluginPhase::running && offer->plugin->phase() != PluginPhase::draining) {
    return finish(id, call_error(ErrorCode::gone, "plugin_not_running",
                                 "the plugin " + offer->plugin->id() + ", which offers it, is not running"));
  }
  for (const DeclaredMethod& method : offer->offer->methods) {
    if (method.name != order.method) continue;
    if (!is_document(order.document)) {
      return finish(id,
                    call_error(ErrorCode::bad_argument, "json_invalid", "the document is no JSON object"));
    }
    PluginInstance& callee = *offer->plugin;
    const auto ended = [this, id](viadux_status status, std::string document) {
      finish(id, status, std::move(document));
    };
    const viadux_request request = requests_.make(callee, ended).id;
    call.callee = &callee;
    call.request = request;
    const bool entered = callee.enter(
        method.name.c_str(), [&] { method.handler(callee.self(), to_text(order.document), request); });
    if (!entered)
      finish(id, call_error(ErrorCode::internal, "exception", "the plugin " + callee.id() + " failed"));
    return;
  }
  finish(id, call_error(ErrorCode::not_found, "method_unknown",
                        order.interface + " has no method '" + order.method + "'"));
}

void CallDispatcher::finish(viadux_call id, const Error& error) {
  finish(id, static_cast<viadux_status>(error.code), write_error(error));
}

void CallDispatcher::finish(viadux_call id, viadux_status status, std::string document) {
  PendingCall* call = calls_.find(id);
  if (!call || call->finished) return;
  if (document.size() > VIADUX_DOCUMENT_LIMIT) {
    return finish(id, call_error(ErrorCode::internal, "document_too_large",
                                 "the reply is longer than 256 KiB: ask for less at a time"));
  }
  call->finished = true;
  call->status = status;
  call->document = std::move(document);
  if (call->timer) services_.loop.cancel(call->timer);
  if (call->request) requests_.take(call->request); // a late answer finds nothing, and is counted
  services_.soon(if_alive([this, id] { deliver(id); }));
}

void CallDispatcher::deliver(viadux_call id) {
  const auto call = calls_.take(id);
  if (!call) return;
  --call->caller->open_calls;
  if (!call->done) return;
  call->caller->enter("done",
                      [&call] { call->done(call->arg, call->id, call->status, to_text(call->document)); });
}

viadux_status CallDispatcher::cancel(PluginInstance& caller, viadux_call id) {
  const PendingCall* call = calls_.find(id);
  if (!call || call->caller != &caller) return VIADUX_GONE;
  finish(id, call_error(ErrorCode::cancelled, "cancelled", "the caller took the call back"));
  return VIADUX_OK;
}

viadux_status CallDispatcher::answer(PluginInstance& callee, viadux_request id, viadux_status status,
                                     std::string_view document) {
  const PendingRequest* request = requests_.find(id);
  if (!request || request->callee != &callee) {
    callee.fault(PluginFault::answer_dropped, "answer");
    return VIADUX_GONE;
  }
  if (status > VIADUX_INTERNAL) status = VIADUX_INTERNAL;
  std::string text(document.empty() ? "{}" : document);
  if (!is_document(text)) {
    status = VIADUX_INTERNAL;
    text =
        write_error(call_error(ErrorCode::internal, "answer_malformed",
                               "the plugin " + callee.id() + " answered with something that is no document"));
  }
  end_request(id, status, std::move(text));
  return VIADUX_OK;
}

// Later, because the answer may come from inside the handler that was asked.
void CallDispatcher::end_request(viadux_request id, viadux_status status, std::string document) {
  const auto request = requests_.take(id);
  if (!request) return;
  if (request->timer) services_.loop.cancel(request->timer);
  services_.soon(if_alive([ended = std::move(request->ended), status, document = std::move(document)] {
    ended(status, document);
  }));
}

void CallDispatcher::ask(PluginInstance& callee, viadux_handler handler, std::string document,
                         std::int64_t timeout_us, Ended ended) {
  PendingRequest& request = requests_.make(callee, std::move(ended));
  const viadux_request id = request.id;
  request.timer = services_.loop.after(
      timeout_us, if_alive([this, id] {
        if (PendingRequest* late = requests_.find(id)) {
          late->timer = 0;
          late->callee->fault(PluginFault::unanswered, "a step of its life");
          const auto error = call_error(ErrorCode::timeout, "deadline_passed", "it did not answer in time");
          end_request(id, VIADUX_TIMEOUT, write_error(error));
        }
      }));
  services_.soon(if_alive([this, id, handler, document = std::move(document)] {
    PendingRequest* asked = requests_.find(id);
    if (!asked) return;
    PluginInstance& plugin = *asked->callee;
    const bool entered = plugin.enter("life", [&] { handler(plugin.self(), to_text(document), id); });
    if (entered) return;
    const auto error = call_error(ErrorCode::internal, "exception", "it threw an exception");
    end_request(id, VIADUX_INTERNAL, write_error(error));
  }));
}

void CallDispatcher::end_all_of(const PluginInstance& plugin) {
  std::vector<viadux_call> own;
  std::vector<viadux_call> waiting;
  calls_.each([&](const PendingCall& call) {
    if (call.caller == &plugin)
      own.push_back(call.id);
    else if (call.callee == &plugin)
      waiting.push_back(call.id);
  });
  std::vector<viadux_request> asked;
  requests_.each([&](const PendingRequest& request) {
    if (request.callee == &plugin) asked.push_back(request.id);
  });
  for (const auto id : own)
    finish(id, call_error(ErrorCode::cancelled, "plugin_stopping", "the plugin is stopping"));
  const auto gone =
      call_error(ErrorCode::gone, "plugin_not_running", "the plugin that was asked has stopped");
  for (const auto id : waiting)
    finish(id, gone);
  for (const auto id : asked)
    end_request(id, VIADUX_GONE, write_error(gone));
}

} // namespace viadux
