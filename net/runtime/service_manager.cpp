#include "net/runtime/service_manager.hpp"

#include "base/number.hpp"
#include "base/visible.hpp"
#include "net/runtime/environment.hpp"
#include "troupe/log.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace troupe::net {

namespace {

void log_failure(const std::string& why) {
  log(log_level::warning, {.category = "runtime"},
      "cannot report to the service manager: " + why);
}

std::string text_of(int error) {
  return error_code{error, boost::system::system_category()}.message();
}

} // namespace

service_manager::service_manager() : address_{take_variable("NOTIFY_SOCKET")} {
  auto time = base::parse_number<int64_t>(take_variable("WATCHDOG_USEC"));
  auto pid = take_variable("WATCHDOG_PID");
  if (address_.empty())
    return;
  if (address_.front() == '@')
    address_.front() = '\0'; // in the abstract namespace
  if (address_.size() >= sizeof(sockaddr_un::sun_path)) {
    log_failure("the address in NOTIFY_SOCKET is too long");
    address_.clear();
    return;
  }
  socket_ = descriptor{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (time && (pid.empty() || pid == std::to_string(::getpid())))
    watchdog_time_ = duration{*time};
}

void service_manager::ready(std::string_view status) const {
  notify("READY=1\nSTATUS=" + base::visible(status));
}

void service_manager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  auto time = std::chrono::seconds{now.tv_sec}
              + std::chrono::nanoseconds{now.tv_nsec};
  notify("RELOADING=1\nMONOTONIC_USEC="
         + std::to_string(std::chrono::floor<duration>(time).count()));
}

void service_manager::stopping(std::string_view status) const {
  notify("STOPPING=1\nSTATUS=" + base::visible(status));
}

void service_manager::alive() const {
  notify("WATCHDOG=1");
}

void service_manager::notify(const std::string& text) const {
  if (address_.empty())
    return;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::ranges::copy(address_, to.sun_path);
  auto size
    = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  auto sent = ::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL,
                       reinterpret_cast<const sockaddr*>(&to), size);
  if (sent < 0)
    log_failure(text_of(errno));
}

} // namespace troupe::net
