#include "troupe/log.hpp"

#include "base/log_thread.hpp"

#include <atomic>
#include <utility>

namespace troupe {

namespace {

std::atomic<log_level> least{log_config{}.level};

} // namespace

bool is_logged(log_level level) noexcept {
  return level >= least.load(std::memory_order_relaxed);
}

void log(log_level level, std::string_view line) noexcept {
  log(level, {}, line);
}

void log(log_level level, const log_fields& about,
         std::string_view line) noexcept try {
  if (is_logged(level))
    base::log_thread::instance().push(level, about, line);
} catch (...) {
  // Out of memory: logging must not throw.
}

void log_limited(log_level level, const log_fields& about,
                 std::string_view line) noexcept try {
  if (is_logged(level))
    base::log_thread::instance().push_limited(level, about, line);
} catch (...) {
  // Out of memory, as above.
}

void set_log_config(const log_config& cfg) {
  set_log_level(cfg.level);
  base::log_thread::instance().set(cfg);
}

log_config get_log_config() noexcept {
  auto result = base::log_thread::instance().config();
  result.level = least.load(std::memory_order_relaxed);
  return result;
}

void set_log_level(log_level level) noexcept {
  least.store(level, std::memory_order_relaxed);
}

void set_log_sink(std::function<void(log_level, std::string_view)> sink) {
  base::log_thread::instance().set(std::move(sink));
}

bool flush_log(std::chrono::milliseconds timeout) noexcept {
  return base::log_thread::instance().flush(timeout);
}

} // namespace troupe
