-- The management's rooms take only those who come from the region's network, or have a PIN.
local our_network = { "10.0.0.0/8", "2001:db8:45::/48" }

function hooks.admit(person)
  local inside = net.in_subnet(person.source_address, our_network)
  if text.starts_with(person.room, "management-") and not inside and person.authenticated == "none" then
    return { admitted = false, message = "This room is for the region's own network. Ask for the PIN." }
  end
  return parent.admit(person)
end
