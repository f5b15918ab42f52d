-- Who calls from a telephone shows up as its number. Others see its last two digits only.
function hooks.admit(person)
  local answer = parent.admit(person)
  answer.display_name = text.mask_number(person.display_name)
  return answer
end
