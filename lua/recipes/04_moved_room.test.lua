return {
  {
    name = "the old address leads to the new one",
    hook = "service",
    input = { room = "outpatients" },
    expect = { action = "redirect", address = "ambulatory@clinic.example" },
  },
  { name = "others are as dialled", hook = "service", input = { room = "team" }, expect = { action = "as_dialled" } },
}
