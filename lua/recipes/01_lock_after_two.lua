-- A consultation is private: once the doctor and the patient are in, the door closes by itself.
function hooks.service(call)
  local answer = parent.service(call)
  if text.starts_with(call.room, "consultation-") then
    answer.settings = { lock_at = 2, wait_for_host = true, host_leaves = "lobby" }
  end
  return answer
end
