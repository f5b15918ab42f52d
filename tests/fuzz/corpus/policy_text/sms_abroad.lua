-- Text messages abroad. As it stands: no country is excluded, all are counted, messages wait overnight, and the dear
-- cost class is limited. Fill in `denied`, or `allowed`, to restrict countries (two letters: "SE", "GL").

local denied = {}
local allowed = {} -- empty: all

local dear_a_day = 20
local most_for_a_meeting = 10

function hooks.sms(message)
  if list.contains(denied, message.country) or (#allowed > 0 and not list.contains(allowed, message.country)) then
    return { allowed = false, message = "Text messages to this country are not sent from here." }
  end
  if message.cost_class == "b" and message.sent_today >= dear_a_day then
    return { allowed = false, message = "Today's limit for dear text messages is reached." }
  end
  if message.sent_to_meeting >= most_for_a_meeting then
    return { allowed = false, message = "This meeting has sent enough text messages." }
  end
  if message.purpose == "code" then
    return { allowed = true, max_parts = 1 } -- somebody waits for it: no quiet hours
  end
  return { allowed = true, max_parts = 3, quiet_from = "21:00", quiet_until = "07:00" }
end
