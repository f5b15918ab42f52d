return {
  {
    name = "a number is masked",
    hook = "admit",
    input = { display_name = "+45 12 34 56 78" },
    expect = { display_name = "••••••••78" },
  },
  { name = "a name is not", hook = "admit", input = { display_name = "Ward 7" }, expect = { display_name = "Ward 7" } },
}
