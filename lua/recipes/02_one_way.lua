-- One-way video: the nurse sees the citizen, without sound; the citizen neither sees nor hears the nurse.
function hooks.service(call)
  local answer = parent.service(call)
  if text.starts_with(call.room, "watch-") then
    answer.settings = { one_way = true, chat = false }
  end
  return answer
end
