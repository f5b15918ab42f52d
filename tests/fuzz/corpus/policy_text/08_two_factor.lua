-- A code by SMS for citizens in psychiatry's rooms; staff may switch it off for one meeting, and nobody who has logged
-- in needs it.
function hooks.two_factor(person)
  local known = person.authenticated == "sso" or person.authenticated == "registered"
  if text.starts_with(person.room, "psyk-") and person.role == "guest" and not known then
    return { required = not person.staff_switched_off, staff_may_switch_off = true, code_digits = 6 }
  end
  return parent.two_factor(person)
end
