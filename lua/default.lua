-- What holds where no organisation says otherwise. Every chain of policies begins with this file, so it is the
-- `parent` of the root's. `viadux policy default` prints it.

-- Where a call goes: to the room that was dialled.
function hooks.service(call)
  return { action = "as_dialled" }
end

-- Who comes in: whoever the room itself lets in, by PIN, lock and limits.
function hooks.admit(person)
  return { admitted = true }
end

-- Sound and picture: as much as the line takes, straight to the server.
function hooks.media(person)
  return { relay_only = false }
end
