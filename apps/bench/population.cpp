#include "population.hpp"

#include "opening.hpp"
#include "receiving.hpp"
#include "violation.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <tuple>
#include <vector>

namespace troupe::bench {

namespace {

/// Time for the server to complete the work caused by upgrades.
constexpr double settle_seconds = 0.5;

/// Time without progress after which a run fails.
constexpr double patience_seconds = 10;

constexpr auto look_interval = std::chrono::milliseconds{5};

std::vector<client> open_silent(const options& opts) {
  allow_sockets(opts.connections, opts.server_pid);
  return open_clients(opts.url, opts.connections, opts.concurrency);
}

/// Open connections that send nothing but pongs.
class population {
public:
  explicit population(const options& opts)
    : clients_{open_silent(opts)},
      opened_{clock::now()},
      buffer_(read_size) {
    for (auto& x : clients_)
      io_.add(x.fd(), x.key());
  }

  [[nodiscard]] clock::time_point opened() const {
    return opened_;
  }

  /// Lets each connection send a message and await its echo.
  void greet(const message_format& format) {
    frame_writer writer;
    std::string payload;
    std::string frame;
    for (auto& x : clients_) {
      format.write(payload, x.key(), 0);
      frame.clear();
      writer.append(frame, frame_type::text, payload);
      x.send(frame, io_);
    }
    for (auto left = clients_.size(); left > 0;) {
      auto events = io_.wait(patience_seconds);
      if (events.empty())
        throw violation{std::to_string(left) + " got no echo"};
      for (const auto& event : events)
        receive(clients_[event.data.u32], format, buffer_, io_,
                [&](const char*) { --left; });
    }
  }

  /// Answers pings for `seconds`. Throws `violation` if the server closes a
  /// connection.
  void stay(double seconds) {
    auto end = in(seconds);
    for (auto now = clock::now(); now < end; now = clock::now())
      for (const auto& event : io_.wait(seconds_between(now, end)))
        on_ready(clients_[event.data.u32], event.events);
  }

  void say_goodbye() {
    for (auto& x : clients_)
      x.say_goodbye(io_);
  }

  /// Closes all sockets without a close frame.
  void vanish() {
    clients_.clear();
  }

  /// Sends a close frame on each connection and closes its socket when the
  /// server responds.
  void leave() {
    say_goodbye();
    for (auto left = clients_.size(); left > 0;) {
      auto events = io_.wait(patience_seconds);
      if (events.empty())
        throw violation{std::to_string(left) + " got no answer to a goodbye"};
      for (const auto& event : events)
        left -= is_let_go(clients_[event.data.u32], event.events) ? 1 : 0;
    }
    vanish();
  }

private:
  bool is_let_go(client& who, std::uint32_t events) {
    try {
      on_ready(who, events);
      return false;
    } catch (const ended&) {
      who
        = client{stream{unique_fd{}, security::none}, who.key(), {}}; // closes
      return true;
    }
  }

  void on_ready(client& who, std::uint32_t events) {
    if (events & EPOLLOUT)
      who.flush(io_);
    if (events == EPOLLOUT)
      return;
    auto bytes = who.read(buffer_);
    for (auto more = true; more;)
      more = who.take_control(bytes, io_);
    who.keep(bytes);
  }

  poller io_;
  std::vector<client> clients_;
  clock::time_point opened_;
  std::vector<char> buffer_;
};

// -- observing the server -----------------------------------------------------

/// Waits until the server has no more than `files` open files.
void await_closed(pid_t server, std::size_t files) {
  auto least = count_files(server);
  auto deadline = in(patience_seconds);
  while (least > files) {
    std::this_thread::sleep_for(look_interval);
    auto now = count_files(server);
    if (now < least)
      deadline = in(patience_seconds);
    else if (clock::now() > deadline)
      throw violation{std::to_string(now - files)
                      + " connections that ended are still open"};
    least = std::min(least, now);
  }
}

/// Waits until the server is idle, since some collect garbage long after the
/// last connection has closed.
usage await_rest(pid_t server) {
  constexpr double at_rest = 0.01; // share of one core
  auto deadline = in(patience_seconds);
  for (auto before = measure_usage(server);;) {
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    auto now = measure_usage(server);
    auto used = *now.server_cpu - *before.server_cpu;
    if (used < at_rest * seconds_between(before.time, now.time)
        || now.time > deadline)
      return now;
    before = now;
  }
}

} // namespace

report run_idle(const options& opts) {
  auto server = opts.server_pid.value();
  auto before = measure_memory(server);
  population all{opts};
  if (opts.greets)
    all.greet(message_format{opts.payload, opts.speaks});
  all.stay(settle_seconds);
  auto after = measure_memory(server);
  auto n = static_cast<double>(opts.connections);
  report result{opts.workload, opts.settings()};
  result.add("connections", n);
  result.add("rss_per_connection", (after.rss - before.rss) / n);
  result.add("pss_per_connection", (after.pss - before.pss) / n);
  if (opts.hold > 0) {
    auto begin = measure_usage(server);
    all.stay(opts.hold);
    auto end = measure_usage(server);
    result.add("hold_seconds", seconds_between(begin.time, end.time));
    result.add("hold_server_cpu_share",
               (*end.server_cpu - *begin.server_cpu)
                 / seconds_between(begin.time, end.time));
  }
  all.say_goodbye();
  return result;
}

report run_connect(const options& opts) {
  if (opts.resume) // There is a session to resume once this one is open.
    std::ignore = open_clients(opts.url, 1, 1);
  auto begin = measure_usage(opts.server_pid);
  population all{opts};
  auto end = measure_usage(opts.server_pid);
  all.stay(settle_seconds);
  // The rate covers the time until the last upgrade, the server's CPU time that
  // until it is idle.
  auto settled = measure_usage(opts.server_pid);
  end.time = all.opened();
  end.server_cpu = settled.server_cpu;
  all.say_goodbye();
  report result{opts.workload, opts.settings()};
  result.add_work("connections", opts.connections, begin, end);
  return result;
}

report run_leave(const options& opts) {
  auto server = opts.server_pid.value();
  population all{opts};
  all.stay(settle_seconds);
  auto begin = await_rest(server);
  // Determined now, since a server may open more files while running.
  auto files = count_files(server) - opts.connections;
  opts.goodbye ? all.leave() : all.vanish();
  await_closed(server, files);
  auto noticed = seconds_between(begin.time, clock::now());
  auto end = await_rest(server);
  report result{opts.workload, opts.settings()};
  auto n = static_cast<double>(opts.connections);
  result.add("connections", n);
  result.add("seconds", noticed);
  result.add("rate", n / noticed);
  result.add_cpu(opts.connections, begin, end);
  return result;
}

} // namespace troupe::bench
