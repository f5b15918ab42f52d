-- Supervision is recorded, to the hospital's own recorder, and only when a host asks. Nothing else ever is.
function hooks.recording(meeting)
  if text.starts_with(meeting.room, "supervision-") and meeting.role == "host" then
    return { allowed = true, target = "hospital", message = "This meeting is recorded." }
  end
  return { allowed = false, message = "Only supervision may be recorded." }
end
