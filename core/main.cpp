#include "core/cli/cli.hpp"

int main(int argc, char** argv) {
  return viadux::cli_main(argc, argv);
}
