#define CAF_SUITE net.service_manager

#include "net/runtime/service_manager.hpp"

#include "net/support/log_keeper.hpp"
#include "net/support/variables.hpp"

#include <caf/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace troupe;
using namespace troupe::test;

namespace {

/// The socket of a service manager.
class notify_socket {
public:
  /// @param name a path, or '@' and a name in the abstract namespace.
  explicit notify_socket(std::string name)
    : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)},
      name_{std::move(name)} {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    CAF_REQUIRE(name_.size() < sizeof(where.sun_path));
    std::memcpy(where.sun_path, name_.data(), name_.size());
    if (name_.front() == '@')
      where.sun_path[0] = '\0';
    auto size
      = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    auto* address = reinterpret_cast<sockaddr*>(&where);
    CAF_REQUIRE(::bind(socket_.get(), address, size) == 0);
  }

  ~notify_socket() {
    if (name_.front() != '@')
      std::filesystem::remove(name_);
  }

  const std::string& name() const {
    return name_;
  }

  /// Returns the next message, or "nothing".
  std::string receive() {
    std::array<char, 500> buffer;
    auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    return size < 0 ? "nothing"
                    : std::string(buffer.data(), static_cast<size_t>(size));
  }

private:
  net::descriptor socket_;
  std::string name_;
};

std::string unique_name(const std::string& prefix) {
  return prefix + "troupe-notify-" + std::to_string(::getpid());
}

struct fixture : variables {
  const std::string path
    = unique_name(std::filesystem::temp_directory_path().string() + '/');
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(service_manager_tests, fixture)

CAF_TEST(each state is a datagram to either kind of socket) {
  for (const auto& name : {path, unique_name("@")}) {
    notify_socket systemd{name};
    set("NOTIFY_SOCKET", name);
    net::service_manager manager;
    CAF_CHECK_EQUAL(systemd.receive(), "nothing");
    manager.ready("listening on http://[::1]:80");
    CAF_CHECK_EQUAL(systemd.receive(),
                    "READY=1\nSTATUS=listening on http://[::1]:80");
    manager.alive();
    CAF_CHECK_EQUAL(systemd.receive(), "WATCHDOG=1");
    manager.stopping("ending");
    CAF_CHECK_EQUAL(systemd.receive(), "STOPPING=1\nSTATUS=ending");
    CAF_CHECK_EQUAL(systemd.receive(), "nothing");
  }
}

CAF_TEST(a status adds no lines to the message) {
  notify_socket systemd{path};
  set("NOTIFY_SOCKET", path);
  net::service_manager{}.ready("a\nMAINPID=1");
  CAF_CHECK_EQUAL(systemd.receive(), "READY=1\nSTATUS=a\\x0aMAINPID=1");
}

CAF_TEST(reloading tells the time of the monotonic clock) {
  notify_socket systemd{path};
  set("NOTIFY_SOCKET", path);
  net::service_manager manager;
  auto now = [] {
    timespec x{};
    ::clock_gettime(CLOCK_MONOTONIC, &x);
    return x.tv_sec * 1'000'000 + x.tv_nsec / 1000;
  };
  auto before = now();
  manager.reloading();
  auto after = now();
  const std::string head = "RELOADING=1\nMONOTONIC_USEC=";
  auto text = systemd.receive();
  CAF_REQUIRE_EQUAL(text.substr(0, head.size()), head);
  auto told = std::stoll(text.substr(head.size()));
  CAF_CHECK(before <= told);
  CAF_CHECK(told <= after);
}

CAF_TEST(without a service manager nothing is reported) {
  log_keeper log;
  net::service_manager manager;
  manager.ready("listening");
  manager.alive();
  CAF_CHECK_EQUAL(manager.watchdog_time(), 0us);
  CAF_CHECK(!log.has("service manager"));
}

CAF_TEST(child processes do not inherit the variables) {
  notify_socket systemd{path};
  set("NOTIFY_SOCKET", path);
  set("WATCHDOG_USEC", "1000");
  set("WATCHDOG_PID", std::to_string(::getpid()));
  net::service_manager manager;
  for (auto name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    CAF_CHECK(std::getenv(name) == nullptr);
}

CAF_TEST(the watchdog is for the process that it names) {
  notify_socket systemd{path};
  auto watchdog_time = [this](const std::string& time, const std::string& pid) {
    set("NOTIFY_SOCKET", path);
    set("WATCHDOG_USEC", time);
    set("WATCHDOG_PID", pid);
    return net::service_manager{}.watchdog_time();
  };
  CAF_CHECK_EQUAL(watchdog_time("1500", std::to_string(::getpid())), 1500us);
  CAF_CHECK_EQUAL(watchdog_time("1500", ""), 1500us);
  CAF_CHECK_EQUAL(watchdog_time("1500", "1"), 0us);
  CAF_CHECK_EQUAL(watchdog_time("soon", ""), 0us);
  CAF_CHECK_EQUAL(watchdog_time("", ""), 0us);
}

CAF_TEST(a service manager that cannot be reached is logged) {
  log_keeper log;
  set("NOTIFY_SOCKET", path);
  net::service_manager{}.ready("listening");
  CAF_CHECK(log.has("cannot report to the service manager: No such file"));
  set("NOTIFY_SOCKET", '/' + std::string(200, 'x'));
  net::service_manager{}.ready("listening");
  CAF_CHECK(log.has("the address in NOTIFY_SOCKET is too long"));
}

CAF_TEST_FIXTURE_SCOPE_END()
