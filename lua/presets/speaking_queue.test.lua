return {
  {
    name = "guests ask for the word",
    hook = "service",
    input = { room = "board-1" },
    expect = { settings = { mute_guests = true, guests_can_unmute = false } },
  },
  {
    name = "guests do not change the picture",
    hook = "layout",
    input = { room = "board-1", change = "spotlight", role = "guest" },
    expect = { allowed = false },
  },
  {
    name = "the chair does",
    hook = "layout",
    input = { room = "board-1", change = "spotlight", role = "host" },
    expect = { allowed = true },
  },
}
