return {
  { name = "the south has two", hook = "media", input = { domain = "vc.south.example" }, expect = { relay_only = false } },
  { name = "the old domain relays", hook = "media", input = { domain = "old.example" }, expect = { relay_only = true } },
}
