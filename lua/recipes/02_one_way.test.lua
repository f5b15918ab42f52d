return {
  { name = "watching is one way", hook = "service", input = { room = "watch-12" }, expect = { settings = { one_way = true } } },
}
