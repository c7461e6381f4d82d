/// Which costs grow faster than what they are for: each subject does something
/// at a given size on the real runtime, and prints what a unit of it costs.

#include "subjects.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <iterator>
#include <string_view>

namespace {

namespace growth = troupe::growth;

struct subject {
  std::string_view name;
  void (*run)(size_t n);
};

constexpr subject subjects[] = {
  {"actor-member", growth::actor_member},
};

int print_usage() {
  std::cerr << "usage: troupe-growth list\n"
               "       troupe-growth SUBJECT SIZE"
            << std::endl;
  return EXIT_FAILURE;
}

int list_subjects() {
  for (const auto& x : subjects)
    std::cout << x.name << '\n';
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view{argv[1]} == "list")
    return list_subjects();
  if (argc != 3)
    return print_usage();
  auto is_asked_for = [&](const subject& x) { return x.name == argv[1]; };
  auto i = std::find_if(std::begin(subjects), std::end(subjects), is_asked_for);
  std::string_view text{argv[2]};
  size_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  if (i == std::end(subjects) || size == 0)
    return print_usage();
  try {
    i->run(size);
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << std::endl;
    return EXIT_FAILURE;
  }
}
