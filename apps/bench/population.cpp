#include "population.hpp"

#include "opening.hpp"

#include <vector>

namespace troupe::bench {

namespace {

/// Time for the server to finish what an upgrade sets in motion.
constexpr double settle_seconds = 0.5;

/// Open connections that say nothing but answer pings.
class population {
public:
  explicit population(const options& opts)
    : clients_{open_clients(opts.url, opts.connections, opts.concurrency)},
      opened_{clock::now()},
      buffer_(read_size) {
    for (auto& x : clients_)
      io_.add(x.fd(), x.key());
  }

  [[nodiscard]] clock::time_point opened() const {
    return opened_;
  }

  /// Throws `violation` if the server closes a connection meanwhile.
  void stay(double seconds) {
    auto end = in(seconds);
    for (auto now = clock::now(); now < end; now = clock::now())
      for (const auto& event : io_.wait(seconds_between(now, end)))
        on_ready(clients_[event.data.u32], event.events);
  }

  void leave() {
    for (auto& x : clients_)
      x.say_goodbye(io_);
  }

private:
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

} // namespace

report run_idle(const options& opts) {
  auto server = opts.server_pid.value();
  auto before = measure_memory(server);
  population all{opts};
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
  all.leave();
  return result;
}

report run_connect(const options& opts) {
  auto begin = measure_usage(opts.server_pid);
  population all{opts};
  auto end = measure_usage(opts.server_pid);
  all.stay(settle_seconds);
  // The rate ends with the last upgrade, the server's CPU when it is at rest.
  auto settled = measure_usage(opts.server_pid);
  end.time = all.opened();
  end.server_cpu = settled.server_cpu;
  all.leave();
  report result{opts.workload, opts.settings()};
  result.add_work("connections", opts.connections, begin, end);
  return result;
}

} // namespace troupe::bench
