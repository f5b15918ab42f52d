-- Sensitive rooms: aliases that begin with "private-". Guests wait for a host, two are a meeting that locks itself, and
-- nobody comes in whose address or PIN we do not know.

local function is_private(room)
  return text.starts_with(room, "private-")
end

function hooks.service(call)
  local answer = parent.service(call)
  if is_private(call.room) and answer.action == "as_dialled" then
    answer.settings = {
      wait_for_host = true,
      lock_at = 2,
      lobby_when_locked = true,
      host_leaves = "lobby",
      guests_can_present = false,
    }
  end
  return answer
end

function hooks.admit(person)
  if is_private(person.room) and person.authenticated == "none" then
    return { admitted = true, lobby = true }
  end
  return parent.admit(person)
end

function hooks.recording(meeting)
  if is_private(meeting.room) then
    return { allowed = false, message = "This room is never recorded." }
  end
  return parent.recording(meeting)
end

-- If this file fails, the picture of an unlocked room must not be shared by accident either.
close_on_failure("layout")
