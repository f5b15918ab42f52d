// Writes a plugin project as `viadux plugin new` does: new_project FOLDER NAME
#include "core/plugin/new_project.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto written = viadux::write_plugin_project(argv[1], argv[2]);
  if (!written) std::fprintf(stderr, "%s\n", written.error().message.c_str());
  return written ? 0 : 1;
}
