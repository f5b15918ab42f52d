// A PostgreSQL of the test's own: in a folder of its own, on a Unix socket only, ended by its pid.
#pragma once

#include <string>
#include <sys/types.h>

namespace viadux {

class PostgresServer {
 public:
  // The one that all tests of this program share; started at the first call, ended at exit. Throws
  // std::runtime_error that says what to install, or what the server said.
  static PostgresServer& shared();

  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A new, empty database in it, as libpq's words.
  std::string new_database();
  void stop();  // at once, as a crash does
  void start(); // again, waiting until it answers

 private:
  std::string conninfo(const std::string& database) const;

  std::string folder_;
  pid_t pid_ = -1;
  int databases_ = 0;
};

} // namespace viadux
