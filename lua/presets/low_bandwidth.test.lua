return {
  {
    name = "a room for Greenland is capped",
    hook = "media",
    input = { room = "gl-nuuk", source_address = "198.51.100.7" },
    expect = { max_send_bps = 350000, max_receive_bps = 350000 },
  },
  {
    name = "so is who comes from a narrow network",
    hook = "media",
    input = { room = "team", source_address = "2001:db8:299::17" },
    expect = { max_send_bps = 350000 },
  },
  { name = "others are not", hook = "media", input = { room = "team", source_address = "198.51.100.7" },
    expect = { relay_only = false } },
}
