return {
  {
    name = "no country is excluded as it is shipped",
    hook = "sms",
    input = { country = "GL", cost_class = "a", purpose = "invitation" },
    expect = { allowed = true, count = true },
  },
  {
    name = "the dear class is limited",
    hook = "sms",
    input = { country = "RU", cost_class = "b", sent_today = 20 },
    expect = { allowed = false },
  },
  {
    name = "a code does not wait overnight",
    hook = "sms",
    input = { country = "DK", cost_class = "home", purpose = "code" },
    expect = { allowed = true, max_parts = 1 },
  },
  {
    name = "a meeting sends so many and no more",
    hook = "sms",
    input = { country = "DK", cost_class = "home", sent_to_meeting = 10 },
    expect = { allowed = false },
  },
}
