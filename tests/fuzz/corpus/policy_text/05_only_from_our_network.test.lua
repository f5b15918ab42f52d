return {
  {
    name = "a stranger from outside is refused",
    hook = "admit",
    input = { room = "management-1", source_address = "198.51.100.7", authenticated = "none" },
    expect = { admitted = false },
  },
  {
    name = "from inside one comes in",
    hook = "admit",
    input = { room = "management-1", source_address = "10.12.0.4", authenticated = "none" },
    expect = { admitted = true },
  },
  {
    name = "and so does who has the PIN",
    hook = "admit",
    input = { room = "management-1", source_address = "198.51.100.7", authenticated = "pin" },
    expect = { admitted = true },
  },
}
