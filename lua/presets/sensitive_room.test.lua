return {
  {
    name = "a private room locks itself",
    hook = "service",
    input = { room = "private-12" },
    expect = { action = "as_dialled", settings = { lock_at = 2, wait_for_host = true } },
  },
  { name = "another room is as ever", hook = "service", input = { room = "team" }, expect = { action = "as_dialled" } },
  {
    name = "who is unknown waits",
    hook = "admit",
    input = { room = "private-12", authenticated = "none" },
    expect = { admitted = true, lobby = true },
  },
  {
    name = "who has a PIN does not",
    hook = "admit",
    input = { room = "private-12", authenticated = "pin" },
    expect = { admitted = true },
  },
  { name = "no recording", hook = "recording", input = { room = "private-12" }, expect = { allowed = false } },
}
