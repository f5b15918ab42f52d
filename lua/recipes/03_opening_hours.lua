-- The clinic's rooms answer from 7 to 18 on working days. The duty doctor's room always does.
function hooks.service(call)
  local now = time.now()
  local open = now.weekday <= 5 and time.between(now, "07:00", "18:00")
  if text.starts_with(call.room, "clinic-") and not open then
    return { action = "reject", message = "The clinic is closed. Out of hours, call 1813." }
  end
  return parent.service(call)
end
