#pragma once

#include "net/http/body_reader.hpp"
#include "net/http/fair_budget.hpp"
#include "net/http/forwarding.hpp"
#include "net/http/http_checks.hpp"
#include "net/http/http_reply.hpp"
#include "net/http/reply_sender.hpp"
#include "net/http/request_reader.hpp"
#include "net/http/routes.hpp"
#include "net/io/session.hpp"
#include "net/runtime/pending_table.hpp"
#include "net/runtime/socket.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::net {

class http_port;
class ws_session;

/// Lets a port list its HTTP sessions, which remove themselves when destroyed.
using http_session_hook = boost::intrusive::list_base_hook<
  boost::intrusive::tag<class http_session>,
  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A connection that speaks HTTP: responds to requests one after the other and
/// passes the socket to a `ws_session` after a handshake. Lives on its
/// worker's thread.
class http_session final : public http_session_hook,
                           public session,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(transport connection, const tcp::endpoint& peer,
               worker& event_loop, std::shared_ptr<const http_port> port);
  ~http_session() override;

  void start();

  /// Closes the connection at once.
  void close();

  /// Returns whether the client has sent a part of a request and has not got
  /// the response.
  bool is_busy() const noexcept {
    return phase_ != phase::reading || reader_.has_begun();
  }

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;

private:
  void close_pending();

  // -- reading ----------------------------------------------------------------

  void read();
  bool parse_all();
  bool parse();
  bool parse_body();
  void begin_request();
  void apply_handshake_timeout();
  void on_tls_failure(error_code why);

  // -- answering --------------------------------------------------------------

  void on_request();
  void redirect();
  void answer(const route& to);
  void begin_body(const route& to);
  void call(const http_handler& f);
  void on_response(response x);
  bool wait_for_program(caf::timespan time);
  template <class T>
  std::function<void(T)> deliverer(void (http_session::*f)(T));
  void refuse(const refusal& why);
  void write(reply x);
  void write_on();
  void end_politely();
  void next_request();

  // -- upgrading --------------------------------------------------------------

  void upgrade(const route& to, std::optional<refusal> wrong);
  void refuse_upgrade(const route& to, refusal why);
  void authorize(const route& to);
  void on_verdict(verdict x);
  void accept_upgrade(const route& to, const verdict& x);

  // -- properties -------------------------------------------------------------

  void note_request();
  bool may_continue() const;
  std::string client_address() const;
  request make_request(std::string_view pattern) const;
  void expire_after(caf::timespan time, const char* complaint);

  // -- member variables -------------------------------------------------------

  enum class phase : uint8_t {
    reading,
    waiting,   ///< For the program: a decision about a handshake or a response.
    answering, ///< Until the kernel has accepted the complete response.
    ended,
  };

  /// A complaint.
  static constexpr auto unread = "the answer was not read in time";

  std::shared_ptr<const http_port> port_;
  time_point began_; ///< When the current request began; zero between requests.
  time_point received_; ///< The first bytes of the current request.
  time_point deadline_;
  /// Logged when the deadline passes; may be null.
  const char* complaint_ = nullptr;
  phase phase_ = phase::reading;
  const route* undecided_ = nullptr; ///< Target of an undecided handshake.
  /// Whether the path of the current request was read.
  bool path_known_ = false;
  bool keep_alive_ = false;
  bool has_more_ = false; ///< `reader_` may contain another request.

  request_reader reader_;
  std::optional<body_reader> body_; ///< Of the current request, once it begins.
  const route* receiver_ = nullptr; ///< Target of a request with `body_`.

  reply_sender sender_{stream_};

  const client_end peer_;
  client_end client_;        ///< Who sends the current request.
  request request_;          ///< The current request.
  std::string cross_origin_; ///< Header lines for the next response.
  size_t requests_ = 0;
  pending_table::entry pending_; ///< Until the first request is complete.

  std::optional<fair_budget::share> slot_; ///< Set in `phase::waiting`.
  uint64_t waits_ = 0; ///< Distinguishes the requests that wait.
};

} // namespace troupe::net
