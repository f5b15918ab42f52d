-- The part of the standard library that is written in Lua. It runs once in each organisation's state, before any
-- policy, and sees the functions in C (string, net, time ...) as policies do. Everything here is pure.
-- The comment line above a function is its line in the reference (docs/policy-reference.md).

text = {}

--- Whether the text begins with the beginning.
function text.starts_with(whole, beginning)
  return whole:sub(1, #beginning) == beginning
end

--- Whether the text ends with the ending.
function text.ends_with(whole, ending)
  return ending == "" or whole:sub(-#ending) == ending
end

--- Whether the part is in the text, as it is written.
function text.contains(whole, part)
  return whole:find(part, 1, true) ~= nil
end

--- The first so many characters (not bytes: æ is one).
function text.head(whole, count)
  local stop = utf8.offset(whole, count + 1)
  return stop and whole:sub(1, stop - 1) or whole
end

--- The last so many characters.
function text.tail(whole, count)
  if count <= 0 then return "" end
  local start = utf8.offset(whole, -count)
  return start and whole:sub(start) or whole
end

--- How many characters the text has.
function text.length(whole)
  return utf8.len(whole) or #whole
end

--- The text from its last character to its first.
function text.reverse(whole)
  local characters = {}
  for _, code in utf8.codes(whole) do
    table.insert(characters, 1, utf8.char(code))
  end
  return table.concat(characters)
end

--- The text without blanks at its ends.
function text.trim(whole)
  return (whole:match("^%s*(.-)%s*$"))
end

--- Small letters, the Danish ones too.
function text.lower(whole)
  return (whole:lower():gsub("Æ", "æ"):gsub("Ø", "ø"):gsub("Å", "å"))
end

--- The parts of a text between commas, or between what is given.
function text.split(whole, separator)
  separator = separator or ","
  local parts, from = {}, 1
  while true do
    local at, to = whole:find(separator, from, true)
    if not at or to < at then break end
    parts[#parts + 1] = whole:sub(from, at - 1)
    from = to + 1
  end
  parts[#parts + 1] = whole:sub(from)
  return parts
end

--- Only the digits of a text.
function text.digits(whole)
  return (whole:gsub("%D", ""))
end

--- The text where it has at least so many characters, else what is given instead (nil).
function text.at_least(whole, count, instead)
  if text.length(whole) >= count then return whole end
  return instead
end

--- A telephone number with its last two digits only, a name unchanged: for what others read.
function text.mask_number(whole)
  local digits = text.digits(whole)
  if #digits < 5 or whole:find("%a") then return whole end
  return string.rep("•", #digits - 2) .. digits:sub(-2)
end

--- What a link hides behind a mail filter's safe link, else the link itself.
function text.plain_link(link)
  local wrapped = link:match("^https://[%w%-%.]*safelinks%.protection%.outlook%.com/.-[?&]url=([^&]*)")
  return wrapped and decode.url(wrapped) or link
end

list = {}

--- Whether the value is in the list.
function list.contains(values, value)
  for _, each in ipairs(values) do
    if each == value then return true end
  end
  return false
end

--- The first pattern of the list that matches the text, or nil.
function list.first_match(whole, patterns)
  for _, pattern in ipairs(patterns) do
    if whole:match(pattern) then return pattern end
  end
  return nil
end

--- A new table: all fields of the first one, with those of the second over them.
function list.merged(base, over)
  local out = {}
  for key, value in pairs(base) do out[key] = value end
  for key, value in pairs(over) do out[key] = value end
  return out
end

--- Whether it is from `start` until before `stop`, both written "HH:MM"; over midnight where stop is earlier.
function time.between(now, start, stop)
  local function minutes(clock)
    local hour, minute = clock:match("^(%d%d?):(%d%d)$")
    if not hour then error("a time of day is written 08:30, not " .. clock, 3) end
    return tonumber(hour) * 60 + tonumber(minute)
  end
  local from, to = minutes(start), minutes(stop)
  if from <= to then return now.minutes >= from and now.minutes < to end
  return now.minutes >= from or now.minutes < to
end
