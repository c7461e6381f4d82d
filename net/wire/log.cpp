#include "troupe/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <utility>

namespace troupe {

namespace {

std::atomic<log_level> least{log_level::info};

std::function<void(log_level, std::string_view)>& sink() {
  static std::function<void(log_level, std::string_view)> instance;
  return instance;
}

spdlog::level::level_enum translate(log_level level) {
  switch (level) {
    case log_level::debug:
      return spdlog::level::debug;
    case log_level::info:
      return spdlog::level::info;
    case log_level::warning:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

/// Peers have a say in what lines tell (reasons, event names): none may forge a
/// line of its own or colour the terminal.
std::string printable(std::string_view line) {
  std::string res{line};
  for (auto& c : res)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return res;
}

// Standard error: a program's standard output is its own.
spdlog::logger& standard_error() {
  static auto instance = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto res = std::make_unique<spdlog::logger>("troupe", std::move(sink));
    res->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    res->set_level(spdlog::level::trace);
    return res;
  }();
  return *instance;
}

} // namespace

bool is_logged(log_level level) noexcept {
  return level >= least.load(std::memory_order_relaxed);
}

void log(log_level level, std::string_view line) {
  if (!is_logged(level))
    return;
  auto text = printable(line);
  if (const auto& f = sink())
    f(level, text);
  else
    standard_error().log(translate(level), text);
}

void set_log_level(log_level level) {
  least.store(level, std::memory_order_relaxed);
}

void set_log_sink(std::function<void(log_level, std::string_view)> f) {
  sink() = std::move(f);
}

} // namespace troupe
