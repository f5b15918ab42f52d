// wire [--print] FILE: plays a script (README.md) and compares what comes out with what it says.
#include "stage.hpp"

#include <deque>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

namespace {

using viadux::wire::Words;

Words split(const std::string& line) {
  std::istringstream in(line.substr(0, line.find('#')));
  Words words;
  for (std::string word; in >> word;)
    words.push_back(word);
  return words;
}

bool is_expectation(const std::string& verb) {
  return verb == "out" || verb == "again" || verb == "keyframe" || verb == "rtcp";
}

// Blanks are for the reader: only the verb and the digits count. Numbers keep their separation.
std::string canonical(const Words& words) {
  std::string text = words.front() + ' ';
  for (std::size_t i = 1; i < words.size(); ++i)
    text += (words.front() == "keyframe" && i > 1 ? " " : "") + words[i];
  return text;
}

int play(std::istream& file, const std::string& name, bool print) {
  viadux::wire::Stage stage;
  std::deque<std::string> made;
  std::string line;
  int number = 0;
  const auto collect = [&] {
    stage.flush();
    for (std::string& text : stage.take_output())
      made.push_back(std::move(text));
  };
  const auto complain = [&](const std::string& what) {
    std::cerr << name << ':' << number << ": " << what << '\n';
    return 1;
  };
  std::vector<std::string> remarks; // comments belong to the line below them
  while (std::getline(file, line)) {
    ++number;
    const Words words = split(line);
    if (words.empty()) {
      remarks.push_back(line);
      continue;
    }
    if (!is_expectation(words.front())) {
      if (words.front() != "in" && words.front() != "report") { // the turn goes on with these
        collect();
        if (!print && !made.empty())
          return complain("more came out than expected before this line: " + made.front());
      }
      if (print) {
        for (; !made.empty(); made.pop_front())
          std::cout << made.front() << '\n';
        for (const std::string& remark : remarks)
          std::cout << remark << '\n';
        std::cout << line << '\n';
      }
      remarks.clear();
      if (const std::string what = stage.act(words); !what.empty()) return complain(what);
      continue;
    }
    remarks.clear();
    if (print) continue; // replaced by what comes out now
    collect();
    if (made.empty()) return complain("nothing more came out");
    if (canonical(split(made.front())) != canonical(words)) {
      return complain("something else came out\n  expected " + line + "\n  came     " + made.front());
    }
    made.pop_front();
  }
  collect();
  if (print) {
    for (const std::string& text : made)
      std::cout << text << '\n';
    return 0;
  }
  if (!made.empty()) return complain("more came out at the end: " + made.front());
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const bool print = argc == 3 && std::string(argv[1]) == "--print";
  if (argc != (print ? 3 : 2)) {
    std::cerr << "usage: wire [--print] FILE\n";
    return 2;
  }
  const std::string name = argv[argc - 1];
  std::ifstream file(name);
  if (!file) {
    std::cerr << name << ": cannot be read\n";
    return 2;
  }
  return play(file, name, print);
}
