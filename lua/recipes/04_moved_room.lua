-- A room has a new address: who dials the old one comes to the new one.
local moved = {
  ["outpatients"] = "ambulatory@clinic.example",
  ["old-board"] = "board@region.example",
}

function hooks.service(call)
  local new_address = moved[call.room]
  if new_address then
    return { action = "redirect", address = new_address }
  end
  return parent.service(call)
end
