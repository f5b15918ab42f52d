-- Each domain has its own TURN server; who comes by the old one uses it and nothing else. The names are those of the
-- [[turn]] blocks in organisation.toml.
local by_domain = {
  ["vc.north.example"] = { "north" },
  ["vc.south.example"] = { "south", "north" },
}

function hooks.media(person)
  local answer = parent.media(person)
  answer.turn = by_domain[person.domain]
  answer.relay_only = person.domain == "old.example"
  return answer
end
