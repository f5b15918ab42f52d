-- Meetings with a chair ("ordstyring"): in rooms whose alias begins with "board-" guests come in muted and cannot unmute
-- themselves: they raise a hand, and the chair gives them the word. Only hosts change what all see.

local function has_chair(room)
  return text.starts_with(room, "board-")
end

function hooks.service(call)
  local answer = parent.service(call)
  if has_chair(call.room) and answer.action == "as_dialled" then
    answer.settings = { mute_guests = true, guests_can_unmute = false, guests_can_present = false, chat = true }
  end
  return answer
end

function hooks.layout(change)
  if has_chair(change.room) and change.role ~= "host" and change.change ~= "start" then
    return { allowed = false }
  end
  return parent.layout(change)
end
