#include "postgres_server.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace viadux {
namespace {

const std::string binaries = "/usr/lib/postgresql/15/bin/";

// PostgreSQL refuses to run as root: the child becomes `postgres`, as Debian's package made it.
// Looked up before fork(), since getpwnam() may not be called after it where other threads run.
const passwd* other_user() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (!user)
    throw std::runtime_error("there is no user 'postgres'; install it: apt-get install postgresql-15");
  return user;
}

[[noreturn]] void become(const std::vector<std::string>& words, const std::string& log, const passwd* user) {
  prctl(PR_SET_PDEATHSIG, SIGQUIT); // a test that crashes leaves no server behind
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (output >= 0) {
    dup2(output, 1);
    dup2(output, 2);
  }
  if (user) {
    if (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT); // setuid() has cleared it
  }
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

pid_t spawn(const std::vector<std::string>& words, const std::string& log) {
  const passwd* user = other_user();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) become(words, log, user);
  return pid;
}

} // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer() {
  if (!std::filesystem::exists(binaries + "initdb") || !std::filesystem::exists(binaries + "postgres"))
    throw std::runtime_error("PostgreSQL 15 is missing; install it: apt-get install postgresql-15");
  std::string name = "/tmp/viadux-pg-XXXXXX";
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a folder in /tmp");
  folder_ = name;
  const passwd* user = other_user();
  if (user && chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error("chown failed");
  const pid_t initdb = spawn({binaries + "initdb", "-D", folder_ + "/data", "-U", "viadux", "-A", "trust",
                              "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"},
                             folder_ + "/initdb.log");
  int status = 0;
  waitpid(initdb, &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed, see " + folder_ + "/initdb.log");
  start();
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::start() {
  pid_ =
      spawn({binaries + "postgres", "-D", folder_ + "/data", "-k", folder_, "-c", "listen_addresses=", "-c",
             "fsync=off", "-c", "max_connections=20", "-c", "shared_buffers=8MB"},
            folder_ + "/postgres.log");
  for (int i = 0; i < 300; ++i) {
    if (PQping(conninfo("postgres").c_str()) == PQPING_OK) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("PostgreSQL does not answer, see " + folder_ + "/postgres.log");
}

void PostgresServer::stop() {
  if (pid_ < 0) return;
  kill(pid_, SIGQUIT); // "immediate shutdown": connections are cut, as by a crash
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

std::string PostgresServer::conninfo(const std::string& database) const {
  return "host=" + folder_ + " user=viadux dbname=" + database;
}

std::string PostgresServer::new_database() {
  const std::string name = "test" + std::to_string(++databases_);
  PGconn* connection = PQconnectdb(conninfo("postgres").c_str());
  PGresult* made = PQexec(connection, ("CREATE DATABASE " + name).c_str());
  const bool good = PQresultStatus(made) == PGRES_COMMAND_OK;
  const std::string said = PQerrorMessage(connection);
  PQclear(made);
  PQfinish(connection);
  if (!good) throw std::runtime_error("cannot make a database: " + said);
  return conninfo(name);
}

} // namespace viadux
