-- Interpreting: in rooms whose alias begins with "tolk-", somebody whose name begins with "Tolk" and who has a PIN is a
-- host and passes the lock; citizens wait until the interpreter or the clinic is there.
--
-- Who comes as "Tolk ar" interprets into Arabic: it speaks in the sound channel "ar". Whoever chooses Arabic hears the
-- interpreter, and the others more quietly; who does not hears the others alone. "Tolk Fatima" is heard by everybody.

-- The languages that you have interpreters for, by the letters that stand for them everywhere.
local languages = { "ar", "de", "en", "fa", "fo", "kl", "pl", "ro", "so", "sv", "ti", "tr", "uk", "ur" }

local function is_interpreted(room)
  return text.starts_with(room, "tolk-")
end

-- The second word of the name, if it is one of the languages.
local function language_of(name)
  local word = text.split(name, " ")[2]
  if list.contains(languages, word) then
    return word
  end
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
  local name = text.lower(text.trim(person.display_name))
  if text.starts_with(name, "tolk") and person.authenticated ~= "none" then
    return { admitted = true, role = "host", bypass_lock = true, speaks_in = language_of(name) }
  end
  return parent.admit(person)
end
