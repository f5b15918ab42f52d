return {
  {
    name = "a host records supervision",
    hook = "recording",
    input = { room = "supervision-2", role = "host" },
    expect = { allowed = true, target = "hospital" },
  },
  { name = "a guest does not", hook = "recording", input = { room = "supervision-2", role = "guest" }, expect = { allowed = false } },
  { name = "nothing else is recorded", hook = "recording", input = { room = "team", role = "host" }, expect = { allowed = false } },
}
