return {
  {
    name = "guests are muted",
    hook = "service",
    input = { room = "training-yoga" },
    expect = { settings = { mute_guests = true, wait_for_host = true } },
  },
  {
    name = "a guest does not change the layout",
    hook = "layout",
    input = { room = "training-yoga", change = "layout", role = "guest" },
    expect = { allowed = false },
  },
  {
    name = "the instructor stays large",
    hook = "layout",
    input = { room = "training-yoga", change = "start" },
    expect = { allowed = true, hosts_only = true },
  },
  { name = "other rooms are free", hook = "layout", input = { room = "team", role = "guest" }, expect = { allowed = true } },
}
