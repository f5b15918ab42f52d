// The core's hooks. A new one is a line here and its two documents.
#include "core/policy/hook.hpp"

#include <cassert>
#include <viadux/documents/policy_hooks.hpp>

namespace viadux {
namespace {

// The default answer is the answer document as it is made; closed on failure where the document says how.
template <Document Question, Document Answer>
HookText core_hook(std::string name, std::string help, std::int64_t cache_ms = 0) {
  HookText text{std::move(name),
                "",
                std::move(help),
                document_schema<Question>().dump(),
                document_schema<Answer>().dump(),
                write_document(Answer{}),
                "",
                cache_ms};
  if constexpr (requires { Answer::on_failure(); }) text.closed_answer = write_document(Answer::on_failure());
  return text;
}

// A document cannot say that one of some must be in a list; JSON Schema can.
HookText with_sound(HookText media) {
  auto schema = Json::parse(media.answer_schema);
  assert(schema);
  Json properties = *schema->find("properties");
  Json codecs = *properties.find("codecs");
  Json one(Json::Object{});
  one.set("enum", Json::Array{"opus", "g722", "pcma", "pcmu"});
  codecs.set("contains", std::move(one));
  properties.set("codecs", std::move(codecs));
  schema->set("properties", std::move(properties));
  media.answer_schema = schema->dump();
  return media;
}

constexpr std::int64_t minute_ms = 60'000;

} // namespace

PolicyHooks core_hooks() {
  using namespace documents;
  PolicyHooks all;
  for (const HookText& hook : {
           core_hook<ServiceQuestion, ServiceAnswer>("service",
                                                     "Which room an address leads to, and how it is."),
           core_hook<AdmitQuestion, AdmitAnswer>(
               "admit",
               "Whether somebody who may come in by the room's rules does, as what, with which rights."),
           with_sound(core_hook<MediaQuestion, MediaAnswer>(
               "media", "How somebody's sound and picture travel: bandwidth, codecs, TURN servers.", 5000)),
           core_hook<RegistrationQuestion, RegistrationAnswer>("registration",
                                                               "Whether a device may register."),
           core_hook<DirectoryQuestion, DirectoryAnswer>("directory",
                                                         "Who is found by a search in the directory."),
           core_hook<AvatarQuestion, AvatarAnswer>("avatar", "Which picture stands for somebody without one.",
                                                   minute_ms),
           core_hook<LayoutQuestion, LayoutAnswer>(
               "layout", "How the picture of a meeting begins, and who may change it."),
           core_hook<RecordingQuestion, RecordingAnswer>(
               "recording", "Whether a meeting may be recorded or streamed, and where to."),
           core_hook<ThemeQuestion, ThemeAnswer>("theme", "How a room or a page looks and sounds.",
                                                 minute_ms),
           core_hook<SmsQuestion, SmsAnswer>("sms", "Whether a text message may be sent, and from whom."),
           core_hook<TwoFactorQuestion, TwoFactorAnswer>("two_factor", "Whether a code by SMS is asked for."),
           core_hook<RetentionQuestion, RetentionAnswer>("retention", "How long something is kept.",
                                                         minute_ms),
           core_hook<ClientLogQuestion, ClientLogAnswer>("client_log",
                                                         "Whether a client may send its log in."),
       }) {
    const auto added = all.add(hook);
    assert(added); // a document that does not fit itself
    (void)added;
  }
  return all;
}

} // namespace viadux
