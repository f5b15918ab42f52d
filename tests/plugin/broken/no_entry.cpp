// A shared library, but no plugin. (Built without viadux_add_plugin, which would refuse it.)
extern "C" int answer() {
  return 42;
}
