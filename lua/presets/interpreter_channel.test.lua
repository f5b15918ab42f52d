return {
  {
    name = "the interpreter with a PIN is a host",
    hook = "admit",
    input = { room = "tolk-1", display_name = "Tolk arabisk", authenticated = "pin" },
    expect = { role = "host", bypass_lock = true },
  },
  {
    name = "the second word is the language",
    hook = "admit",
    input = { room = "tolk-1", display_name = "Tolk AR Fatima", authenticated = "pin" },
    expect = { role = "host", speaks_in = "ar" },
  },
  {
    name = "a name alone is not enough",
    hook = "admit",
    input = { room = "tolk-1", display_name = "Tolk ar", authenticated = "none" },
    expect = { admitted = true },
  },
  {
    name = "citizens wait",
    hook = "service",
    input = { room = "tolk-1" },
    expect = { settings = { wait_for_host = true, participants_max = 6 } },
  },
}
