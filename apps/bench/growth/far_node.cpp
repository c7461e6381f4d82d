#include "far_node.hpp"

#include "world.hpp"

#include <caf/send.hpp>

#include <csignal>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::growth {

namespace {

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

/// Returns the path of this program. /proc/self/exe itself would be valgrind's
/// in a process started by it.
std::string own_program() {
  char path[PATH_MAX];
  auto n = readlink("/proc/self/exe", path, sizeof(path));
  if (n <= 0)
    throw_errno("readlink");
  return {path, static_cast<size_t>(n)};
}

[[noreturn]] void become(const std::string& program, int orders,
                         uint16_t port) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(orders, STDIN_FILENO);
  execl(program.c_str(), program.c_str(), "far-node",
        std::to_string(port).c_str(), nullptr);
  _exit(127);
}

/// The node in the other process; executes orders.
class servant {
public:
  explicit servant(uint16_t port) : world_(1, world::joining(port)) {
  }

  void act(const std::string& what, size_t n) {
    if (what == "join")
      join_rooms(n);
    else if (what == "connect")
      clients_ = world_.connect(n);
    else if (what == "hang-up")
      hang_up();
    else if (what == "speak")
      speak(n);
  }

private:
  void join_rooms(size_t n) {
    auto who = world_.actors().spawn();
    for (size_t i = 0; i < n; ++i)
      caf::anon_send(world_.registry(), msg::join{name_of(i), who});
  }

  void hang_up() {
    for (const auto& x : clients_)
      x->hang_up();
    clients_.clear();
  }

  /// Publishes to each room from a separate actor, once all rooms are known
  /// here.
  void speak(size_t n) {
    world_.counts().await(event::room_up, n);
    for (size_t i = 0; i < n; ++i)
      caf::send_as(world_.actors().spawn(), world_.registry(),
                   msg::publish{.to = recipient::room(name_of(i)),
                                .message = frame::text("hello")});
  }

  world world_;
  std::vector<std::shared_ptr<client>> clients_;
};

} // namespace

far_node::far_node(uint16_t port) {
  auto program = own_program();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw_errno("pipe2");
  pid_ = fork();
  if (pid_ < 0)
    throw_errno("fork");
  if (pid_ == 0)
    become(program, ends[0], port);
  close(ends[0]);
  orders_ = ends[1];
}

far_node::~far_node() {
  kill();
  close(orders_);
}

void far_node::order(const std::string& what, size_t n) {
  auto line = what + ' ' + std::to_string(n) + '\n';
  if (write(orders_, line.data(), line.size())
      != static_cast<ssize_t>(line.size()))
    throw_errno("write to the other node");
}

void far_node::kill() {
  if (pid_ < 0)
    return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void far_node::run(uint16_t port) {
  servant it{port};
  std::string what;
  size_t n = 0;
  while (std::cin >> what >> n) // Until the process that gives the orders ends.
    it.act(what, n);
}

} // namespace troupe::growth
