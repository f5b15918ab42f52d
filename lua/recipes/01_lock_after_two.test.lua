return {
  { name = "a consultation locks", hook = "service", input = { room = "consultation-4" }, expect = { settings = { lock_at = 2 } } },
  { name = "a team meeting does not", hook = "service", input = { room = "team" }, expect = { action = "as_dialled" } },
}
