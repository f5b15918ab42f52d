return {
  { name = "the duty doctor is there at any hour", hook = "service", input = { room = "duty" }, expect = { action = "as_dialled" } },
}
