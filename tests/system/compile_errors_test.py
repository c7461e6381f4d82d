"""Mistakes that the compiler reports in words, and programs that it accepts."""

import collections
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPILER = os.environ.get("CXX", "c++")
PROGRAM = """
#include <troupe/troupe.hpp>

#include <coroutine>

using troupe::connection;
using troupe::refuse;
using troupe::reply;
using troupe::responder;

struct point { int x; };

[[maybe_unused]] inline void from_json(const nlohmann::json& from, point& to) {
  from.at("x").get_to(to.x);
}

struct task {
  struct promise_type {
    task get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};

struct overloaded {
  void operator()(int) {}
  void operator()(connection&) {}
};

template <class T>
T* nullptr_to() { return nullptr; }

[[maybe_unused]] void on_number(connection&, int) noexcept {}

void use([[maybe_unused]] connection& c,
         [[maybe_unused]] troupe::server& server,
         [[maybe_unused]] const std::string& text) {
"""

TYPES = "must state the types of its parameters"
RESULT = "must return void, a value that emit takes, troupe::reply"
CALLBACK = "A callback must return void and must not be a coroutine"
VALUE = "An event handler takes its value as std::string"
ANSWERS = "the responder answers"
MESSAGE = "A handler of messages returns nothing and takes a const frame&"
UNUSED = "nodiscard"
BID = 'constexpr troupe::request_type<int, bool> bid{"bid"};'

ACCEPTED = (
    'c.on("x", [] {});',
    'c.on("x", [](connection&) {});',
    'c.on("x", [](connection&, int) noexcept {});',
    'c.on("x", [n = 0](int) mutable { ++n; });',
    'c.on("x", on_number);',
    'c.on("x", &on_number);',
    'c.on("x", std::function<void(connection&, std::string)>{});',
    'c.on("x", troupe::event_handler{});',
    'c.on("x", [](const std::string&) {});',
    'c.on("x", [](std::string&&) {});',
    'c.on("x", [](std::string_view) {});',
    'c.on("x", [](const nlohmann::json&) {});',
    'c.on("x", [](const troupe::event_view&) {});',
    'c.on("x", [](std::vector<std::byte>) {});',
    'c.on("x", [](const point&) {});',
    'c.on("x", [](std::optional<point>) {});',
    'c.on("x", [](std::optional<int8_t>) {});',
    'c.on("x", [](float) {});',
    'c.on("x", [](const std::map<std::string, double>&) {});',
    'c.on("x", [](int) { return 1; });',
    'c.on("x", [] { return "text"; });',
    'c.on("x", [](std::string_view x) { return x; });',
    'c.on("x", []() -> const std::string& { throw 1; });',
    'c.on("x", [] { return std::vector<std::byte>{}; });',
    'c.on("x", [] { return std::optional<std::vector<int>>{}; });',
    'c.on("x", [] { return nlohmann::json{}; });',
    'c.on("x", [](connection&, int) { return refuse("full"); });',
    'c.on("x", [](int) -> reply<double> { return refuse("full"); });',
    'c.on("x", [](int) -> reply<std::string> { return "text"; });',
    'c.on("x", []() -> reply<void> { return {}; });',
    'c.on("x", [](responder<void>) noexcept {});',
    'c.on("x", [](connection&, point, const responder<int>&) {});',
    'c.on("x", [](int, responder<std::string>&&) {});',
    'c.on_message([](const troupe::frame&) {});',
    'c.on_message([](connection&, std::string_view) noexcept {});',
    'c.on_message([](std::string) {});',
    'c.on_actor_message<int>([](connection&, int) {});',
    'c.on_error([](auto&, const auto&) {});',
    'c.emit("x"); c.emit("x", std::optional<int>{1}); c.join("lobby");',
    'constexpr troupe::event_literal say{"say"}; c.emit(say); c.to_room(say);',
    'if (auto err = c.emit(text, 1)) c.fire_on_error(err);',
    'server.join("lobby", text); server.disconnect(text);',
    'server.on_connection([](auto& x) { x.emit("hello"); });',
    'constexpr troupe::event_type<int> n{"n"}; c.emit(n, 1); c.on(n, [] {});'
    ' c.on(n, [](connection&, int) {}); server.serve(n, [](int) {});',
    'constexpr troupe::event_type<> tick{"tick"}; c.emit(tick);'
    ' c.on(tick, [] {});',
    f'{BID} c.on(bid, [](int) {{ return true; }});'
    ' c.on(bid, [](int, responder<bool>) {});'
    ' c.on(bid, [](int) { return refuse("no"); });'
    ' c.request(bid, 1, [](const troupe::reply<bool>&) {});',
)

REJECTED = (
    (f'{BID} c.on(bid, [](const std::string&) {{ return true; }});',
     "takes another type"),
    (f"{BID} c.on(bid, [](int) {{ return 'a'; }});", "returns an A"),
    (f'{BID} c.on(bid, [](int) {{}});', "returns an A"),
    (f'{BID} c.on(bid, [](int, responder<int>) {{}});', "returns an A"),
    (f'{BID} c.request(bid, 1, [](const troupe::reply<point>&) {{}});',
     "takes a reply<A>"),
    (f'{BID} c.request(bid, point{{}}, [](const troupe::reply<bool>&) {{}});',
     "no matching function"),
    ('constexpr troupe::event_type<int> n{"n"}; c.emit(n, point{});',
     "no matching function"),
    ('constexpr troupe::event_type<> tick{"tick"}; c.emit(tick, 1);',
     "no matching function"),
    ('constexpr troupe::event_type<int> n{"a;b"};',
     "invalid_name_in_the_source"),
    ('c.on("x", [](auto) {});', TYPES),
    ('c.on("x", [](connection&, const auto&) {});', TYPES),
    ('c.on("x", overloaded{});', TYPES),
    ('c.on("x", std::bind(on_number, std::placeholders::_1, 1));', TYPES),
    ('c.on("x", [] { return nullptr_to<int>(); });', RESULT),
    ('c.on("x", [] { return std::make_unique<int>(1); });', RESULT),
    ('c.on("x", [](connection& me) { return me.emit(me.id()); });', RESULT),
    ('c.on("x", [] { return caf::expected<int>{1}; });', RESULT),
    ('c.on("x", [] { return point{}; });', RESULT),
    ("c.on(\"x\", [] { return 'a'; });", RESULT),
    ('c.on("x", [] { return u8"text"; });', RESULT),
    ('c.on("x", [] { return std::optional<task>{}; });', RESULT),
    ('c.on("x", [] { return troupe::reply<task>{task{}}; });', RESULT),
    ('c.on("x", [](responder<int>) { return 1; });', ANSWERS),
    ('c.on("x", [](responder<int>, int) {});', "takes no arguments, a value"),
    ('c.on("x", [](responder<int>, connection&) {});',
     "takes no arguments, a value"),
    ('c.on("x", [](responder<int>&) {});', "takes no arguments, a value"),
    ('c.on("x", [](responder<point>) {});', "answers with a value"),
    ('[[maybe_unused]] troupe::reply<troupe::refusal> r = refuse("x");',
     "holds a value or a refusal"),
    ('refuse("full");', UNUSED),
    ('c.on("x", [](connection&) -> task { co_return; });', RESULT),
    ('server.on_connection([](connection&) -> task { co_return; });', CALLBACK),
    ('c.on_leave([](connection&, const std::string&) { return 1; });', CALLBACK),
    ('c.on("x", [p = std::make_unique<int>()] {});', "must be copyable"),
    ('c.on("x", [](connection&, int, int) {});', "takes no arguments, a value"),
    ('c.on("x", [](int, connection&) {});', "takes no arguments, a value"),
    ('c.on("x", [](char) {});', VALUE),
    ('c.on("x", [](const char*) {});', VALUE),
    ('c.on("x", [](std::optional<char>) {});', VALUE),
    ('c.on("x", [](std::vector<char>) {});', VALUE),
    ('c.on("x", [](std::byte) {});', VALUE),
    ('c.on("x", [](connection&, connection&) {});', VALUE),
    ('c.on("x", [](connection&, overloaded) {});', VALUE),
    ('c.on("x", [](connection) {});', "take the connection by reference"),
    ('c.on("x", [](const connection&) {});', VALUE),
    ('c.on_message([](const nlohmann::json&) {});', MESSAGE),
    ('c.on_message([](connection&, const auto&) {});', MESSAGE),
    ('c.on_message([](std::string_view x) { return x; });', MESSAGE),
    ('c.on_message([](std::string&) {});', MESSAGE),
    ('c.on_message([p = std::make_unique<int>()](std::string) {});', MESSAGE),
    ('c.on_actor_message<int>([](int) {});', "takes a connection& and a const"),
    ("c.emit(\"x\", 'a');", "must not be a char"),
    ('c.emit("x", u8"text");', "must not be a range of characters"),
    ('static constexpr char a[8] = "say"; c.emit(a);',
     "invalid_name_in_the_source"),
    ('c.emit("a;b");', "invalid_name_in_the_source"),
    ('c.emit("");', "invalid_name_in_the_source"),
    ('c.join("");', "invalid_name_in_the_source"),
    ('c.emit(text);', UNUSED),
    ('c.to_room("lobby").emit(text, 1);', UNUSED),
    ('c.join(text);', UNUSED),
    ('c.send_text(text);', UNUSED),
    ('c.write(troupe::opcode::text, text);', UNUSED),
    ('server.total_connections();', UNUSED),
    ('server.total_connections().get();', UNUSED),
    ('troupe::query<void> q = server.leave_all(text);', "troupe::command"),
)


def compile_each(statements):
    """@returns exit code and errors by the number of the statement."""
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "program.cpp"
        numbered = (f"#line {i}\n{{ {x} }}\n" for i, x in enumerate(statements))
        source.write_text("#line 1000\n" + PROGRAM + "".join(numbered) + "}\n")
        result = subprocess.run(
            [COMPILER, "-std=c++20", "-Wall", "-Wextra", "-Werror",
             f"-I{ROOT}/include", "-fsyntax-only", source],
            capture_output=True, text=True, check=False)
    errors = collections.defaultdict(str)
    statement = None
    for line in result.stderr.splitlines():
        if place := re.search(r"program\.cpp:(\d+):", line):
            statement = int(place[1])
        if " error: " in line:
            errors[statement] += line + "\n"
    return result.returncode, errors


class CompileErrors(unittest.TestCase):

    def test_accepted(self):
        status, errors = compile_each(ACCEPTED)
        self.assertEqual((status, errors), (0, {}))

    def test_rejected(self):
        _, errors = compile_each([x for x, _ in REJECTED])
        for i, (statement, words) in enumerate(REJECTED):
            with self.subTest(statement):
                self.assertIn(words, errors[i])


if __name__ == "__main__":
    unittest.main()
