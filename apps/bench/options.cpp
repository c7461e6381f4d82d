#include "options.hpp"

#include "client.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace troupe::bench {

namespace {

template <class T>
T parse_number(std::string_view name, std::string_view text, T least) {
  T result{};
  auto end = text.data() + text.size();
  auto [parsed, error] = std::from_chars(text.data(), end, result);
  if (error != std::errc{} || parsed != end || result < least)
    throw std::invalid_argument{std::string{name} + ": bad number '"
                                + std::string{text} + "'"};
  return result;
}

dialect parse_dialect(std::string_view text) {
  if (text == "plain")
    return dialect::plain;
  if (text == "socket.io")
    return dialect::socket_io;
  if (text == "socket.io-ack")
    return dialect::socket_io_ack;
  if (text == "troupe.2")
    return dialect::troupe_2;
  throw std::invalid_argument{
    "--dialect: plain, socket.io, socket.io-ack or troupe.2"};
}

bool parse_enum(std::string_view name, std::string_view text) {
  if (text != "yes" && text != "no")
    throw std::invalid_argument{std::string{name} + ": yes or no"};
  return text == "yes";
}

/// Returns whether the connections of a workload do not send messages.
bool is_silent(std::string_view workload) {
  return workload == "idle" || workload == "connect" || workload == "leave"
         || workload == "hellos";
}

void assign(options& out, std::string_view name, std::string_view text) {
  auto count = [&] { return parse_number<std::size_t>(name, text, 1); };
  auto seconds = [&] { return parse_number(name, text, 0.); };
  if (name == "--url")
    out.url = endpoint::parse(text);
  else if (name == "--server-pid")
    out.server_pid = parse_number<pid_t>(name, text, 1);
  else if (name == "--second-url")
    out.second_url = endpoint::parse(text);
  else if (name == "--second-pid")
    out.second_pid = parse_number<pid_t>(name, text, 1);
  else if (name == "--dialect")
    out.speaks = parse_dialect(text);
  else if (name == "--rooms")
    out.rooms = count();
  else if (name == "--visitors")
    out.visitors = count();
  else if (name == "--commuters")
    out.commuters = parse_number<std::size_t>(name, text, 0);
  else if (name == "--stay")
    out.stay = seconds();
  else if (name == "--rate")
    out.rate = seconds();
  else if (name == "--members")
    out.members = count();
  else if (name == "--senders")
    out.senders = count();
  else if (name == "--connections")
    out.connections = count();
  else if (name == "--window")
    out.window = count();
  else if (name == "--read-at")
    out.read_at = parse_number(name, text, 1);
  else if (name == "--payload")
    out.payload = count();
  else if (name == "--concurrency")
    out.concurrency = count();
  else if (name == "--seconds")
    out.seconds = parse_number(name, text, 0.1);
  else if (name == "--warmup")
    out.warmup = seconds();
  else if (name == "--hold")
    out.hold = seconds();
  else if (name == "--goodbye")
    out.goodbye = parse_enum(name, text);
  else if (name == "--resume")
    out.resume = parse_enum(name, text);
  else if (name == "--greet")
    out.greets = parse_enum(name, text);
  else if (name == "--finish")
    out.finish = parse_enum(name, text);
  else
    throw std::invalid_argument{"unknown option " + std::string{name}};
}

void validate(const options& x) {
  if (x.url.port == 0)
    throw std::invalid_argument{"--url is missing"};
  if (x.second_url && x.workload != "fanout" && x.workload != "rooms")
    throw std::invalid_argument{"--second-url is for fanout and rooms"};
  if (x.senders > x.members)
    throw std::invalid_argument{"more --senders than --members"};
  if (x.read_at > 1 && x.rate > 0)
    throw std::invalid_argument{"--read-at would count as latency: no --rate"};
  if (x.commuters > 0 && x.speaks != dialect::plain)
    throw std::invalid_argument{"--commuters take --dialect plain"};
  if (has_answers(x.speaks)) {
    if (x.workload != "request" && x.workload != "connect")
      throw std::invalid_argument{"this --dialect is for request and connect"};
    if (x.rate > 0 || x.window > 1)
      throw std::invalid_argument{"a request has neither --rate nor --window"};
  }
  if (x.payload < message_format::min_size)
    throw std::invalid_argument{"--payload must be 16 or more"};
  if (x.payload > read_size / 2)
    throw std::invalid_argument{"--payload must be 512 KiB or less"};
  auto has_tls = x.url.protection != security::none;
  if (!has_tls && (x.resume || x.workload == "hellos"))
    throw std::invalid_argument{"--resume and hellos take wss://"};
  if ((x.workload == "idle" || x.workload == "leave") && !x.server_pid)
    throw std::invalid_argument{x.workload + " needs --server-pid"};
}

} // namespace

nlohmann::ordered_json options::settings() const {
  nlohmann::ordered_json result;
  if (url.protection != security::none)
    result["tls"] = true;
  if (resume)
    result["resume"] = true;
  if (is_silent(workload)) {
    result["connections"] = connections;
    if (goodbye)
      result["goodbye"] = true;
    if (greets)
      result["greet"] = true;
    if (workload == "hellos")
      result["finish"] = finish;
    return result;
  }
  if (workload == "rooms")
    result["rooms"] = rooms;
  if (workload == "echo" || workload == "request") {
    result["connections"] = connections;
  } else {
    result["members"] = members;
    result["senders"] = senders;
  }
  if (workload == "churn") {
    result["visitors"] = visitors;
    if (commuters > 0)
      result["commuters"] = commuters;
    result["stay"] = stay;
  }
  if (rate > 0)
    result["rate"] = rate;
  else
    result["window"] = window;
  if (second_url)
    result["nodes"] = 2;
  if (read_at > 1)
    result["read_at"] = read_at;
  result["payload"] = payload;
  return result;
}

const char* usage_text() {
  return R"(usage: troupe-load WORKLOAD --url ws[s]://ADDRESS:PORT/PATH [options]

  fanout   members of a room, the first of them sending
           --members 100 --senders 10
  rooms    the same in several rooms: PATH0, PATH1, ...
           --rooms 10 --members 100 --senders 10 (in each)
  both     --second-url URL   another node of the same cluster: the second half
                              of the members, without senders, is there; its
                              CPU counts by --second-pid
  slow     fanout with one more member, which reads nothing
  churn    fanout, while others come to the room, hear and leave or vanish
           --visitors 10 (at once) --stay 0.1 (seconds)
           --commuters 0 (leave by the word `leave`, come back by `join`, and
                         stay connected; see troupe-bench-server)
  echo     each connection sends and awaits its echo
           --connections 100
  request  the same by requests and answers of --dialect socket.io-ack or
           troupe.2; with --dialect plain, as echo
  these    --window 1    own messages a sender has under way, or
           --rate N      messages per second of all senders, whatever comes
                         back; reports the time from due to delivered
           --read-at 1   bytes that wait before a member who only listens
                         reads: from 4096 on the load needs a third, and the
                         server acknowledges to itself; not with --rate
           --payload 64  bytes per message, 16 or more
           --seconds 5   measured, after --warmup 1
           --dialect plain, or socket.io; for request and connect, also
                     socket.io-ack and troupe.2, one request under way each
  idle     memory per connection; needs --server-pid
           --connections 10000 --hold 0 (seconds)
           --greet no   (yes: each first sends a message and awaits its echo)
  connect  upgrades per second
           --connections 10000
  leave    all leave at once; needs --server-pid
           --connections 10000 --goodbye no (yes: with a close frame each)
  hellos   clients that begin a handshake of TLS, await the server's answer,
           vanish, and begin again, for --seconds
           --connections 512 (at once)
           --finish no   (yes: each completes its handshake and vanishes then)
  all      --server-pid PID   measure this server's CPU
           --concurrency 64   handshakes under way at once
           --resume no   (yes: handshakes of TLS resume an earlier session)

With wss://, certificates are not verified: use it with throw-away ones only.

One JSON line on stdout, the same for people on stderr.
Exit code 1: the server broke a promise; 2: bad command line.
)";
}

std::optional<options> parse_options(int argc, char** argv) {
  auto asks_help = [](const char* x) { return std::strcmp(x, "--help") == 0; };
  if (argc < 2 || std::any_of(argv + 1, argv + argc, asks_help))
    return std::nullopt;
  options result;
  result.workload = argv[1];
  if (is_silent(result.workload))
    result.connections = result.workload == "hellos" ? 512 : 10000;
  for (auto i = 2; i < argc; i += 2) {
    if (i + 1 == argc)
      throw std::invalid_argument{std::string{argv[i]} + " needs a value"};
    assign(result, argv[i], argv[i + 1]);
  }
  result.url.speaks = result.speaks;
  if (result.resume && result.url.protection != security::none)
    result.url.protection = security::resumed_tls;
  if (result.second_url)
    result.second_url->speaks = result.speaks;
  validate(result);
  return result;
}

} // namespace troupe::bench
