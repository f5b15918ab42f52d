-- Narrow and long lines (Greenland, the Faroes, ships): who comes from these networks, or by a room whose alias begins
-- with "gl-", gets little picture and all the sound. Write your own networks here.

local networks = { "192.0.2.0/24", "2001:db8:299::/48" }

local function is_narrow(question)
  return text.starts_with(question.room, "gl-") or net.in_subnet(question.source_address, networks)
end

function hooks.media(person)
  local answer = parent.media(person)
  if is_narrow(person) then
    answer.max_send_bps = 350000
    answer.max_receive_bps = 350000
    answer.codecs = { "opus", "vp8" }
    answer.dscp_audio = 46
  end
  return answer
end
