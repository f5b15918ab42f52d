return {
  { name = "Nuuk is capped", hook = "media", input = { room = "gl-nuuk" }, expect = { max_send_bps = 350000 } },
}
