// The one shape of all answers: {"status": "success" | "failed", "result": ...}.
#pragma once

#include <viadux/http.hpp>

namespace client {

inline viadux::HttpResponse answer(unsigned code, std::string_view status, viadux::Json result) {
  viadux::Json body;
  body.set("status", status);
  body.set("result", std::move(result));
  // Exactly this type: some clients compare it as a whole.
  auto response = viadux::HttpResponse::of(code, "application/json", body.dump());
  response.header("cache-control", "no-store");
  return response;
}
inline viadux::HttpResponse success(viadux::Json result) {
  return answer(200, "success", std::move(result));
}
inline viadux::HttpResponse done() {
  return success(viadux::Json(true));
}
inline viadux::HttpResponse nothing() {
  return success(viadux::Json());
}
inline viadux::HttpResponse failed(unsigned code, std::string_view text) {
  return answer(code, "failed", text);
}

} // namespace client
