-- Long and narrow lines: little picture, all the sound.
function hooks.media(person)
  local answer = parent.media(person)
  if text.starts_with(person.room, "gl-") then
    answer.max_send_bps = 350000
    answer.max_receive_bps = 350000
  end
  return answer
end
