return {
  {
    name = "a citizen gets a code",
    hook = "two_factor",
    input = { room = "psyk-3", role = "guest", authenticated = "pin", staff_switched_off = false },
    expect = { required = true },
  },
  {
    name = "unless staff has switched it off",
    hook = "two_factor",
    input = { room = "psyk-3", role = "guest", authenticated = "pin", staff_switched_off = true },
    expect = { required = false },
  },
  {
    name = "who has logged in needs none",
    hook = "two_factor",
    input = { room = "psyk-3", role = "guest", authenticated = "sso" },
    expect = { required = false },
  },
}
