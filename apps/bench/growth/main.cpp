/// Finds costs that grow faster than their workload. Each subject performs a
/// workload of a given size on the real runtime and prints the cost per unit.

#include "far_node.hpp"
#include "subjects.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>
#include <string_view>

namespace {

namespace growth = troupe::growth;

struct subject {
  std::string_view name;
  void (*run)(size_t n);
};

constexpr subject subjects[] = {
  {"connection-leaves", growth::connection_leaves},
  {"connection-leaves-all", growth::connection_leaves_all},
  {"connection-ends", growth::connection_ends},
  {"actor-member", growth::actor_member},
  {"big-room", growth::big_room},
  {"names", growth::names},
  {"names-of-one", growth::names_of_one},
  {"subscribers", growth::subscribers},
  {"node-subscribers", growth::node_subscribers},
  {"remote-connections", growth::remote_connections},
  {"unknown-ids", growth::unknown_ids},
  {"remote-rooms", growth::remote_rooms},
  {"remote-rooms-wait", growth::remote_rooms_wait},
  {"remote-senders", growth::remote_senders},
  {"server-emitter", growth::server_emitter},
};

constexpr subject timings[] = {
  {"time-member", growth::time_member},
  {"time-big-room", growth::time_big_room},
  {"time-server-emitter", growth::time_server_emitter},
};

/// Run by `far_node` in another process, with the port of the first node.
constexpr subject far_node = {
  "far-node",
  [](size_t port) { growth::far_node::run(static_cast<uint16_t>(port)); },
};

using list = std::span<const subject>;

const subject* find(std::string_view name, list among) {
  auto is_it = [&](const subject& x) { return x.name == name; };
  auto i = std::find_if(among.begin(), among.end(), is_it);
  return i == among.end() ? nullptr : &*i;
}

const subject* find(std::string_view name) {
  for (auto among : {list{subjects}, list{timings}, list{&far_node, 1}})
    if (const auto* result = find(name, among))
      return result;
  return nullptr;
}

int print_usage() {
  std::cerr << "usage: troupe-growth list\n"
               "       troupe-growth SUBJECT SIZE\n"
               "       troupe-growth time-member|time-big-room|"
               "time-server-emitter SIZE"
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
  const auto* subject = find(argv[1]);
  std::string_view text{argv[2]};
  size_t size = 0;
  std::from_chars(text.data(), text.data() + text.size(), size);
  if (subject == nullptr || size == 0)
    return print_usage();
  try {
    subject->run(size);
    return EXIT_SUCCESS;
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << std::endl;
    return EXIT_FAILURE;
  }
}
