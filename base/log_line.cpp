#include "base/log_line.hpp"

#include "base/timestamp.hpp"
#include "base/utf8.hpp"
#include "base/visible.hpp"

#include <nlohmann/json.hpp>

namespace troupe::base {

namespace {

/// Limits each field, since names received from a peer may have 64 KiB.
constexpr size_t most_bytes = 4096;

std::string cut(std::string_view text) {
  if (text.size() <= most_bytes)
    return std::string{text};
  auto size = whole_characters(text.substr(0, most_bytes));
  return std::string{text.substr(0, size)} + "...";
}

std::string_view name(log_level level) {
  switch (level) {
    case log_level::debug:
      return "debug";
    case log_level::info:
      return "info";
    case log_level::warning:
      return "warning";
    default:
      return "error";
  }
}

std::string to_json(const log_line& x) {
  nlohmann::ordered_json result{{"time", utc_timestamp(x.time)},
                                {"level", name(x.level)}};
  auto add = [&](const char* key, const std::string& value) {
    if (!value.empty())
      result[key] = visible(value);
  };
  add("category", x.category);
  add("connection", x.connection);
  add("remote", x.remote);
  result["message"] = visible(x.text);
  return result.dump();
}

} // namespace

log_line::log_line(log_level severity, const log_fields& about,
                   std::string_view what)
  : level{severity},
    time{std::chrono::system_clock::now()},
    category{cut(about.category)},
    connection{cut(about.connection)},
    remote{cut(about.remote)},
    text{cut(what)} {
}

size_t log_line::size() const noexcept {
  return sizeof(log_line) + category.size() + connection.size() + remote.size()
         + text.size();
}

std::string to_string(const log_line& x, log_format format) {
  return format == log_format::json ? to_json(x) : visible(x.text);
}

std::string to_output(const log_line& x, log_format format) {
  if (format == log_format::json)
    return to_json(x) + '\n';
  return local_timestamp(x.time)
    .append(" ")
    .append(name(x.level))
    .append(" ")
    .append(visible(x.text))
    .append("\n");
}

} // namespace troupe::base
