/// Measures the throughput of the connection between two nodes. The program
/// starts itself as a second node of a cluster, where an actor publishes to a
/// room. Here, an actor joins the room, checks that all messages arrive once
/// and in order, and reports its progress in another room.

#include "delay_line.hpp"
#include "measure.hpp"

#include <troupe/troupe.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace bench = troupe::bench;
namespace msg = troupe::msg;
using troupe::frame;

constexpr const char* messages_room = "messages";
constexpr const char* progress_room = "progress";
constexpr const char* counted_room = "counted";

/// Prefix of the rooms that are only announced.
constexpr std::string_view idle_prefix = "idle";

/// Number of messages between two reports of the receiver's progress.
constexpr uint64_t progress_step = 1000;

struct bench_config : troupe::runtime_config {
  bench_config() {
    threads = 1;
    opt_group{custom_options_, "link"}
      .add(messages, "messages", "to send, after a tenth to warm up")
      .add(payload, "payload", "bytes of each, 20 or more")
      .add(window, "window", "messages under way at most")
      .add(delay, "delay", "each way between the nodes, as on a long path")
      .add(rooms, "rooms", "to make known afterwards; 0: none");
  }

  uint64_t messages = 1000000;
  size_t payload = 64;
  uint64_t window = 50000;
  caf::timespan delay{0};
  uint64_t rooms = 0;

  /// Returns the total number of messages.
  uint64_t total() const {
    return messages + messages / 10;
  }
};

uint64_t number_in(const frame& x) {
  uint64_t result = 0;
  auto text = x.payload();
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

/// Sent by the receiver to the main thread when a measured part begins or ends.
struct milestone {
  std::string fault; ///< Empty if there is no error.
};

/// Sent by the main thread to the receiver. Makes it join all idle rooms.
struct join_rooms {};

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(milestone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(join_rooms)

namespace {

/// Publishes consecutive numbers, up to `window` ahead of the receiver's
/// progress.
caf::behavior sender(caf::event_based_actor* self, caf::actor registry,
                     const bench_config* cfg) {
  self->send(registry, msg::join{progress_room, self});
  self->send(registry, msg::subscribe{self});
  auto sent = std::make_shared<uint64_t>(0);
  auto known = std::make_shared<uint64_t>(0);
  auto send_up_to = [=](uint64_t end) {
    for (; *sent < std::min(end, cfg->total()); ++*sent) {
      auto text = std::to_string(*sent);
      text.resize(cfg->payload, ' ');
      self->send(registry, msg::publish{troupe::recipient::room(messages_room),
                                        frame::text(text)});
    }
  };
  return {
    [=](const msg::room_up& x) {
      if (x.name == messages_room) // The receiver has joined.
        send_up_to(cfg->window);
      if (x.name.starts_with(idle_prefix) && ++*known == cfg->rooms)
        self->send(registry, msg::publish{troupe::recipient::room(counted_room),
                                          frame::text("all")});
    },
    [=](const msg::deliver& x) {
      x.messages.for_each(self->id(), [&](const frame& y) {
        send_up_to(number_in(y) + cfg->window);
      });
    },
    [](const troupe::msg::joined&) {},
    [](const troupe::msg::room_down&) {},
    [](const troupe::msg::connection_up&) {},
    [](const troupe::msg::connection_down&) {},
  };
}

/// Expects all numbers in order.
caf::behavior receiver(caf::event_based_actor* self, caf::actor registry,
                       const bench_config* cfg, caf::actor owner) {
  self->send(registry, msg::join{counted_room, self});
  self->send(registry, msg::join{messages_room, self});
  auto due = std::make_shared<uint64_t>(0);
  auto warm = cfg->total() - cfg->messages;
  return {
    [=](join_rooms) {
      for (uint64_t i = 0; i < cfg->rooms; ++i)
        self->send(registry,
                   msg::join{std::string{idle_prefix} + std::to_string(i),
                             self});
    },
    [=](const msg::deliver& x) {
      if (x.room == counted_room) {
        self->send(owner, milestone{});
        return;
      }
      x.messages.for_each(self->id(), [&](const frame& y) {
        if (auto number = number_in(y); number != *due)
          self->send(owner,
                     milestone{std::to_string(number) + " came instead of "
                               + std::to_string(*due)});
        if (y.payload().size() != cfg->payload)
          self->send(owner, milestone{"a message of another size"});
        ++*due;
        if (*due == warm || *due == cfg->total())
          self->send(owner, milestone{});
        if (*due % progress_step == 0)
          self->send(registry,
                     msg::publish{troupe::recipient::room(progress_room),
                                  frame::text(std::to_string(*due))});
      });
    },
    [](const troupe::msg::joined&) {},
    [](const troupe::msg::room_down&) {},
  };
}

int run_sender(bench_config& cfg) {
  caf::actor_system sys{cfg};
  troupe::server rooms{sys, cfg.ws};
  troupe::cluster nodes{sys, cfg.cluster};
  nodes.add("rooms", rooms);
  if (auto port = nodes.start(); !port)
    throw std::runtime_error{troupe::what(port.error())};
  sys.spawn(sender, rooms.registry(), &cfg);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) // Until the receiver's process ends.
    continue;
  return EXIT_SUCCESS;
}

/// The process of the second node; ends with this object.
class child {
public:
  child(const char* program, std::vector<std::string> args) {
    if (pipe2(pipe_, O_CLOEXEC) != 0)
      throw std::runtime_error{"pipe2 failed"};
    pid_ = fork();
    if (pid_ == 0) {
      dup2(pipe_[0], STDIN_FILENO);
      std::vector<char*> argv{const_cast<char*>(program)};
      for (auto& x : args)
        argv.push_back(x.data());
      argv.push_back(nullptr);
      execv("/proc/self/exe", argv.data());
      _exit(127);
    }
  }

  ~child() {
    close(pipe_[1]);
    waitpid(pid_, nullptr, 0);
    close(pipe_[0]);
  }

  pid_t pid() const {
    return pid_;
  }

private:
  int pipe_[2];
  pid_t pid_;
};

int run_receiver(bench_config& cfg, int argc, char** argv) {
  caf::actor_system sys{cfg};
  troupe::server rooms{sys, cfg.ws};
  troupe::cluster nodes{sys, cfg.cluster};
  nodes.add("rooms", rooms);
  auto port = nodes.start();
  if (!port)
    throw std::runtime_error{troupe::what(port.error())};
  std::optional<bench::delay_line> path;
  if (cfg.delay.count() > 0)
    port = path.emplace(*port, cfg.delay).port();
  std::vector<std::string> args(argv + 1, argv + argc);
  args.push_back("--cluster.join=127.0.0.1:" + std::to_string(*port));
  child second{argv[0], std::move(args)};
  caf::scoped_actor self{sys};
  auto bot = sys.spawn(receiver, rooms.registry(), &cfg, caf::actor{self});
  auto await = [&] {
    self->receive([&](const milestone& x) {
      if (!x.fault.empty())
        throw std::runtime_error{x.fault};
    });
    return bench::measure_usage(second.pid());
  };
  auto begin = await();
  auto end = await();
  bench::report result{"link", {{"payload", cfg.payload}}};
  auto n = static_cast<double>(cfg.messages);
  auto seconds = bench::seconds_between(begin.time, end.time);
  result.add("messages", n);
  result.add("seconds", seconds);
  result.add("rate", n / seconds);
  result.add("megabytes_per_second",
             n * static_cast<double>(cfg.payload) / seconds / 1e6);
  result.add("sender_cpu_us", (*end.server_cpu - *begin.server_cpu) * 1e6 / n);
  result.add("receiver_cpu_us", (end.load_cpu - begin.load_cpu) * 1e6 / n);
  if (cfg.rooms > 0) {
    auto memory = bench::measure_memory(second.pid()).rss;
    self->send(bot, join_rooms{});
    auto known = await();
    n = static_cast<double>(cfg.rooms);
    result.add("rooms", n);
    result.add("room_seconds", bench::seconds_between(end.time, known.time));
    result.add("room_cpu_us_here", (known.load_cpu - end.load_cpu) * 1e6 / n);
    result.add("room_cpu_us_there",
               (*known.server_cpu - *end.server_cpu) * 1e6 / n);
    result.add("room_bytes_there",
               (bench::measure_memory(second.pid()).rss - memory) / n);
  }
  result.print();
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  try {
    bench_config cfg;
    std::vector<std::string> args(argv + std::min(argc, 1), argv + argc);
    auto is_join = [](const auto& x) {
      return x.starts_with("--cluster.join");
    };
    auto is_second = std::any_of(args.begin(), args.end(), is_join);
    if (!is_second)
      args.push_back("--cluster.listen=127.0.0.1:0");
    if (auto err = cfg.read(args))
      throw std::runtime_error{troupe::what(err)};
    if (cfg.cli_helptext_printed)
      return EXIT_SUCCESS;
    if (cfg.payload < 20)
      throw std::runtime_error{"--link.payload must be 20 or more"};
    // The window limits the messages in transit; a queue of this size drops
    // none.
    cfg.cluster.max_queue_bytes = std::max(cfg.cluster.max_queue_bytes,
                                           2 * cfg.window * cfg.payload);
    cfg.ws.max_rooms = std::max(cfg.ws.max_rooms, 2 * cfg.rooms);
    return is_second ? run_sender(cfg) : run_receiver(cfg, argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << std::endl;
    return EXIT_FAILURE;
  }
}
