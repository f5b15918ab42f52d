-- Interpreting: in rooms whose alias begins with "tolk-", somebody whose name begins with "Tolk" and who has a PIN is a
-- host and passes the lock; citizens wait until the interpreter or the clinic is there.

local function is_interpreted(room)
  return text.starts_with(room, "tolk-")
end

function hooks.service(call)
  local answer = parent.service(call)
  if is_interpreted(call.room) and answer.action == "as_dialled" then
    answer.settings = { wait_for_host = true, participants_max = 6 }
  end
  return answer
end

function hooks.admit(person)
  if not is_interpreted(person.room) then
    return parent.admit(person)
  end
  local is_interpreter = text.starts_with(text.lower(person.display_name), "tolk")
  if is_interpreter and person.authenticated ~= "none" then
    return { admitted = true, role = "host", bypass_lock = true }
  end
  return parent.admit(person)
end
