#include "base/config_text.hpp"

#include "base/visible.hpp"

#include <caf/atom.hpp>
#include <caf/sum_type.hpp>
#include <caf/timespan.hpp>
#include <caf/uri.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::options {

namespace {

std::string quoted(const std::string& x) {
  std::string result = "\"";
  for (auto c : x) {
    constexpr std::string_view special = "\"\\\n\r\t";
    constexpr std::string_view escapes = "\"\\nrt";
    auto i = special.find(c);
    result += i == special.npos ? std::string{c}
                                : std::string{'\\', escapes[i]};
  }
  return result + '"';
}

/// The format has whole numbers of units only.
std::string span(caf::timespan x) {
  using unit = std::pair<caf::timespan, std::string_view>;
  using namespace std::chrono_literals;
  constexpr std::array units{unit{1h, "h"},   unit{1min, "min"},
                             unit{1s, "s"},   unit{1ms, "ms"},
                             unit{1us, "us"}, unit{1ns, "ns"}};
  if (x == caf::timespan::zero())
    return "0s";
  auto fits = [x](const unit& y) {
    return x % y.first == caf::timespan::zero();
  };
  auto best = std::ranges::find_if(units, fits);
  return std::to_string(x / best->first).append(best->second);
}

/// Returns the shortest text that has the same value and is not an integer.
std::string real(double x) {
  std::array<char, 32> buffer{};
  auto end = std::to_chars(buffer.begin(), buffer.end(), x).ptr;
  std::string result{buffer.begin(), end};
  return result.find_first_of(".e") == result.npos ? result + ".0" : result;
}

template <class Range, class F>
std::string joined(const Range& xs, F f) {
  std::string result;
  for (const auto& x : xs)
    result.append(result.empty() ? "" : ", ").append(f(x));
  return result;
}

struct writer {
  std::string operator()(int64_t x) const {
    return std::to_string(x);
  }

  std::string operator()(bool x) const {
    return x ? "true" : "false";
  }

  std::string operator()(double x) const {
    return real(x);
  }

  std::string operator()(caf::atom_value x) const {
    return '\'' + to_string(x) + '\'';
  }

  std::string operator()(caf::timespan x) const {
    return span(x);
  }

  std::string operator()(const caf::uri& x) const {
    return '<' + to_string(x) + '>';
  }

  std::string operator()(const std::string& x) const {
    return quoted(x);
  }

  std::string operator()(const caf::config_value::list& xs) const {
    return '[' + joined(xs, to_text) + ']';
  }

  std::string operator()(const caf::config_value::dictionary& xs) const {
    auto entry = [](const auto& x) {
      return x.first + " = " + to_text(x.second);
    };
    return "{ " + joined(xs, entry) + " }";
  }
};

/// The lines of a configuration file by group. Groups are in the order of their
/// first lines, except that settings without a group come first.
class file {
public:
  file() {
    groups_.emplace_back("global", std::string{});
  }

  void add(const std::string& group, const std::string& name,
           const caf::config_value& value, const std::string& source) {
    auto& lines = lines_of(group);
    lines += group == "global" ? "" : "  ";
    lines += name + " = " + to_text(value) + " ; " + base::visible(source);
    lines += '\n';
  }

  std::string text() const {
    std::string result;
    for (const auto& [group, lines] : groups_)
      result += group == "global" ? lines
                                  : '\n' + group + " {\n" + lines + "}\n";
    return result;
  }

private:
  std::string& lines_of(const std::string& group) {
    auto is_it = [&](const auto& x) { return x.first == group; };
    auto i = std::ranges::find_if(groups_, is_it);
    if (i == groups_.end())
      i = groups_.insert(i, {group, std::string{}});
    return i->second;
  }

  std::vector<std::pair<std::string, std::string>> groups_;
};

} // namespace

std::string full_name(const std::string& group, const std::string& name) {
  return group == "global" ? name : group + '.' + name;
}

std::string to_text(const caf::config_value& x) {
  return caf::visit(writer{}, x);
}

std::string config_text(const set& all, size_t caf_options,
                        const caf::settings& values, const sources& from) {
  file result;
  auto others = from;
  size_t i = 0;
  for (const auto& option : all) {
    auto is_ours = i++ >= caf_options;
    auto group = str(option.category());
    auto name = str(option.long_name());
    auto value = option.get();
    if (!is_ours || !value)
      continue;
    auto source = others.extract(full_name(group, name));
    result.add(group, name, *value, source ? source.mapped() : "default");
  }
  for_each_setting(values,
                   [&](const std::string& group, const std::string& name,
                       const caf::config_value& value) {
                     if (auto source = others.find(full_name(group, name));
                         source != others.end())
                       result.add(group, name, value, source->second);
                   });
  return result.text();
}

} // namespace troupe::options
