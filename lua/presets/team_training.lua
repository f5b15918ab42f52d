-- Team training and teaching: aliases that begin with "training-". The instructor (a host) stays large, the others are
-- muted when they come in and ask for the word by raising a hand.

local function is_training(room)
  return text.starts_with(room, "training-")
end

function hooks.service(call)
  local answer = parent.service(call)
  if is_training(call.room) and answer.action == "as_dialled" then
    answer.settings = { mute_guests = true, guests_can_unmute = true, wait_for_host = true, guests_can_present = false }
  end
  return answer
end

function hooks.layout(change)
  if not is_training(change.room) then
    return parent.layout(change)
  end
  if change.role ~= "host" and change.change ~= "start" then
    return { allowed = false }
  end
  return { allowed = true, hosts_only = true, layout = "one_main_twentyone_pips" }
end
