#define CAF_SUITE wire.log

#include "troupe/log.hpp"

#include "caf/test/dsl.hpp"

#include "base/log_quota.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::literals;
using namespace troupe;
using namespace troupe::base;

namespace {

using strings = std::vector<std::string>;

constexpr auto patience = 30s;

/// Gathers what is logged.
struct fixture {
  fixture() {
    set_log_sink([this](log_level level, std::string_view line) {
      std::lock_guard guard{mutex};
      thread = std::this_thread::get_id();
      levels.push_back(level);
      lines.emplace_back(line);
      heard.notify_all();
    });
  }

  ~fixture() {
    set_log_config({});
    set_log_sink(nullptr);
  }

  /// From now on nothing is written before the gate opens.
  void block_sink(std::promise<void>& gate) {
    auto open = gate.get_future().share();
    set_log_sink([this, open](log_level, std::string_view line) {
      open.wait();
      std::lock_guard guard{mutex};
      lines.emplace_back(line);
    });
  }

  /// How many lines were lost, as the log says: it may say so in several parts.
  size_t told_losses() {
    size_t result = 0;
    for (const auto& line : logged()) {
      auto end = line.find(" lines of the log lost");
      if (end != line.npos)
        result += std::stoul(line.substr(line.rfind(' ', end - 1) + 1));
    }
    return result;
  }

  /// What was logged until now.
  strings logged() {
    CAF_CHECK(flush_log(patience));
    std::lock_guard guard{mutex};
    return lines;
  }

  std::string last() {
    return logged().back();
  }

  size_t count(std::string_view text) {
    auto all = logged();
    return static_cast<size_t>(std::ranges::count_if(all, [=](const auto& x) {
      return x.find(text) != std::string::npos;
    }));
  }

  /// Whether a line ends with `text`, or one does soon.
  bool hears(std::string_view text) {
    std::unique_lock guard{mutex};
    return heard.wait_for(guard, patience, [&] {
      return std::ranges::any_of(lines, [=](const auto& x) {
        return x.ends_with(text);
      });
    });
  }

  std::mutex mutex;
  std::condition_variable heard;
  std::thread::id thread;
  std::vector<log_level> levels;
  strings lines;
};

/// Standard error is another descriptor for the life of this object.
class redirected {
public:
  explicit redirected(int to) : kept_{::dup(STDERR_FILENO)} {
    ::dup2(to, STDERR_FILENO);
  }

  ~redirected() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }

private:
  int kept_;
};

struct pipe_ends {
  pipe_ends() {
    if (::pipe(ends) != 0)
      CAF_FAIL("no pipe");
  }

  ~pipe_ends() {
    close_writer();
    ::close(ends[0]);
  }

  void close_writer() {
    if (ends[1] >= 0)
      ::close(std::exchange(ends[1], -1));
  }

  /// What is in it now, or until its last writer has gone.
  std::string read_all() {
    std::string result;
    char piece[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], piece, sizeof(piece))) > 0;)
      result.append(piece, static_cast<size_t>(n));
    return result;
  }

  int ends[2];
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(log_tests, fixture)

// -- what a line may hold -----------------------------------------------------

CAF_TEST(a peer cannot forge lines of the log) {
  log(log_level::error, "bye\r\n2026 error\x1b[31m\xc3\xa4\x7f");
  CAF_CHECK_EQUAL(logged(), strings{"bye\\x0d\\x0a2026 error\\x1b[31m\xc3\xa4"
                                    "\\x7f"});
}

CAF_TEST(what plays with a terminal or with the order of text is made visible) {
  using texts = std::vector<std::pair<std::string, std::string>>;
  for (const auto& [text, shown] : texts{
         {"\u0085\u009b31m", "\\u{85}\\u{9b}31m"},
         {"\u2028\u2029", "\\u{2028}\\u{2029}"},
         {"\u202a\u202e\u2066\u2069", "\\u{202a}\\u{202e}\\u{2066}\\u{2069}"},
         {"\u200e\u200f\u061c", "\\u{200e}\\u{200f}\\u{61c}"},
         {"\u200b\u2060\ufeff", "\\u{200b}\\u{2060}\\u{feff}"},
         {"\U000e0041", "\\u{e0041}"},
         {"a\\x0a", "a\\x0a"},
         {"gr\u00fcn \u2603 \U0001f600 \u05d0",
          "gr\u00fcn \u2603 \U0001f600 \u05d0"}}) {
    log(log_level::info, text);
    CAF_CHECK_EQUAL(last(), shown);
  }
}

CAF_TEST(what is no UTF-8 is made visible) {
  log(log_level::info,
      "a\x9b"
      "b\xff\xc0\xafz\xed\xa0\x80\xe2\x82");
  CAF_CHECK_EQUAL(logged(), strings{"a\\x9bb\\xff\\xc0\\xafz\\xed\\xa0\\x80"
                                    "\\xe2\\x82"});
  log(log_level::info, std::string(1, '\0') + "x");
  CAF_CHECK_EQUAL(last(), "\\x00x");
}

CAF_TEST(a line is cut before it is too long) {
  std::string text = "x";
  for (int i = 0; i < 10'000; ++i)
    text += "\u00e4";
  log(log_level::info, text);
  auto line = logged().at(0);
  CAF_CHECK_EQUAL(line, text.substr(0, 4095) + "...");
}

CAF_TEST(a line of JSON has what is known about it) {
  set_log_config({.format = log_format::json});
  log(log_level::warning, {"websocket", "id\u202e", "127.0.0.1 80"},
      "a \"b\"\n\xff");
  log(log_level::info, "plain");
  auto got = logged();
  CAF_REQUIRE_EQUAL(got.size(), 2u);
  auto x = nlohmann::json::parse(got[0]);
  auto time = x["time"].get<std::string>();
  CAF_CHECK_EQUAL(time.size(), "2026-11-28T22:05:56.123Z"s.size());
  CAF_CHECK(time.ends_with("Z"));
  x.erase("time");
  CAF_CHECK(x
            == nlohmann::json({{"level", "warning"},
                               {"category", "websocket"},
                               {"connection", "id\\u{202e}"},
                               {"remote", "127.0.0.1 80"},
                               {"message", "a \"b\"\\x0a\\xff"}}));
  auto y = nlohmann::json::parse(got[1]);
  y.erase("time");
  CAF_CHECK(y == nlohmann::json({{"level", "info"}, {"message", "plain"}}));
}

// -- levels -------------------------------------------------------------------

CAF_TEST(what is logged can be asked) {
  set_log_level(log_level::warning);
  CAF_CHECK(!is_logged(log_level::info));
  CAF_CHECK(is_logged(log_level::warning));
  CAF_CHECK(get_log_config() == log_config{.level = log_level::warning});
  log(log_level::info, "nobody hears this");
  log_limited(log_level::info, {}, "nor this");
  log(log_level::warning, "this");
  CAF_CHECK_EQUAL(logged(), strings{"this"});
  set_log_level(log_level::info);
  CAF_CHECK(is_logged(log_level::info));
}

// -- quotas -------------------------------------------------------------------

CAF_TEST(peers cannot fill the log) {
  log_quota quota;
  auto now = log_quota::time_point{} + 24h;
  for (auto i = 0; i < 10; ++i)
    CAF_CHECK(quota.try_take(now, 10));
  CAF_CHECK(quota.due() == now.max());
  for (auto i = 0; i < 1000; ++i)
    CAF_CHECK(!quota.try_take(now + 999ms, 10));
  CAF_CHECK(quota.due() == now + 1s);
  CAF_CHECK(quota.try_take(now + 1s, 10));
  CAF_CHECK(quota.due() == now + 1s); // However long it goes on.
  CAF_CHECK_EQUAL(quota.take_left_out(), 1000u);
  CAF_CHECK(quota.due() == now.max());
  CAF_CHECK_EQUAL(quota.take_left_out(), 0u);
}

CAF_TEST(a quota of 0 lets everything pass) {
  log_quota quota;
  for (auto i = 0; i < 1000; ++i)
    CAF_CHECK(quota.try_take({}, 0));
}

CAF_TEST(what a quota leaves out is told though no other line comes) {
  constexpr size_t many = 1000;
  for (size_t i = 0; i < many; ++i)
    log_limited(log_level::info, {"a", {}, {}}, "again");
  // Others have quotas of their own, and what we say ourselves none.
  log_limited(log_level::warning, {"a", {}, {}}, "beware");
  log_limited(log_level::info, {"b", {}, {}}, "another kind");
  for (size_t i = 0; i < 100; ++i)
    log(log_level::info, "ours");
  CAF_CHECK_EQUAL(count("beware"), 1u);
  CAF_CHECK_EQUAL(count("another kind"), 1u);
  CAF_CHECK_EQUAL(count("ours"), 100u);
  auto passed = count("again");
  CAF_CHECK_GREATER_OR_EQUAL(passed, 10u);
  CAF_CHECK(hears(std::to_string(many - passed)
                  + " more lines of this kind left out: a"));
}

// -- the thread ---------------------------------------------------------------

CAF_TEST(a sink is called on the thread of the log) {
  log(log_level::info, "x");
  logged();
  CAF_CHECK(thread != std::thread::id{});
  CAF_CHECK(thread != std::this_thread::get_id());
}

CAF_TEST(lines keep their order) {
  strings expected;
  for (int i = 0; i < 5000; ++i) {
    log(log_level::info, std::to_string(i));
    expected.push_back(std::to_string(i));
  }
  CAF_CHECK(logged() == expected);
}

CAF_TEST(a sink that blocks costs lines and nobody waits for it) {
  std::promise<void> gate;
  block_sink(gate);
  constexpr size_t many = 30'000;
  for (size_t i = 0; i < many; ++i)
    log(log_level::info, "a line");
  CAF_CHECK(!flush_log(1ms));
  gate.set_value();
  auto got = count("a line");
  CAF_CHECK_LESS(got, many);
  log(log_level::info, "and on");
  CAF_CHECK_EQUAL(got + told_losses(), many);
  CAF_CHECK_EQUAL(last(), "and on");
}

CAF_TEST(what waits is bounded by its bytes) {
  std::promise<void> gate;
  block_sink(gate);
  std::string text(4000, 'x');
  for (size_t i = 0; i < 1000; ++i)
    log(log_level::info, text);
  gate.set_value();
  CAF_CHECK_LESS(count("xxx"), 550u); // Two times 1 MiB.
}

CAF_TEST(a sink that throws is reported once and gets the lines to come) {
  pipe_ends log_file;
  {
    redirected guard{log_file.ends[1]};
    set_log_sink([&](log_level, std::string_view line) {
      {
        std::lock_guard inner{mutex};
        lines.emplace_back(line);
      }
      throw std::runtime_error{"no disk"};
    });
    log(log_level::info, "first");
    log(log_level::info, "second");
    CAF_CHECK_EQUAL(logged(), (strings{"first", "second"}));
    set_log_sink(nullptr);
  }
  log_file.close_writer();
  auto told = log_file.read_all();
  CAF_CHECK(told.ends_with(" error the sink of the log threw: no disk\n"));
  CAF_CHECK_EQUAL(std::ranges::count(told, '\n'), 1);
}

CAF_TEST(a sink may log and replace itself) {
  std::atomic<bool> waited = true;
  set_log_sink([&](log_level, std::string_view line) {
    if (line == "swap") {
      log(log_level::info, "for the next");
      set_log_sink([&](log_level, std::string_view x) {
        std::lock_guard guard{mutex};
        lines.emplace_back(x);
      });
      waited = flush_log(patience);
    }
  });
  log(log_level::info, "swap");
  logged();
  CAF_CHECK_EQUAL(logged(), strings{"for the next"});
  CAF_CHECK(!waited);
}

CAF_TEST(a new sink gets nothing of what was logged before) {
  log(log_level::info, "old");
  strings others;
  set_log_sink([&](log_level, std::string_view x) { others.emplace_back(x); });
  CAF_CHECK_EQUAL(lines, strings{"old"});
  log(log_level::info, "new");
  CAF_CHECK(flush_log(patience));
  set_log_sink(nullptr);
  CAF_CHECK_EQUAL(others, strings{"new"});
}

CAF_TEST(nobody waits for a pipe that is not read) {
  set_log_sink(nullptr);
  pipe_ends log_file;
  constexpr size_t many = 30'000;
  std::string got;
  {
    redirected guard{log_file.ends[1]};
    log_file.close_writer();
    for (size_t i = 0; i < many; ++i)
      log(log_level::info, "a line for a pipe");
    CAF_CHECK(!flush_log(1ms));
    // Now somebody reads it.
    auto reader = std::async(std::launch::async,
                             [&] { return log_file.read_all(); });
    CAF_CHECK(flush_log(patience));
    log(log_level::info, "the last line");
    CAF_CHECK(flush_log(patience));
    ::close(STDERR_FILENO);
    got = reader.get();
  }
  CAF_CHECK(got.find(" lines of the log lost") != got.npos);
  CAF_CHECK(got.ends_with(" info the last line\n"));
}

CAF_TEST(the child of a fork has a log of its own) {
  set_log_sink(nullptr);
  pipe_ends log_file;
  redirected guard{log_file.ends[1]};
  log(log_level::info, "the parent was here");
  CAF_CHECK(flush_log(patience));
  if (auto child = ::fork(); child == 0) {
    log(log_level::info, "the child was here");
    ::_exit(flush_log(patience) ? 0 : 1);
  } else {
    int status = -1;
    ::waitpid(child, &status, 0);
    CAF_CHECK_EQUAL(status, 0);
  }
  log_file.close_writer();
  ::close(STDERR_FILENO);
  auto told = log_file.read_all();
  CAF_CHECK_EQUAL(std::ranges::count(told, '\n'), 2);
  CAF_CHECK(told.ends_with(" info the child was here\n"));
}

CAF_TEST_FIXTURE_SCOPE_END()
