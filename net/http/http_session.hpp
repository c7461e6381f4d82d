#pragma once

#include "net/http/forwarding.hpp"
#include "net/http/http_checks.hpp"
#include "net/http/routes.hpp"
#include "net/io/session.hpp"
#include "net/runtime/pending_table.hpp"
#include "net/runtime/socket.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
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

/// A connection that speaks HTTP: responds to GET requests one after the other
/// and passes the socket to a `ws_session` after a handshake. Lives on its
/// worker's thread.
///
/// Only heads are read, no request bodies (Beast 1.81 misreads some bodies and
/// throws for others).
class http_session final : public http_session_hook,
                           public session,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(descriptor socket, const tcp::endpoint& peer, worker& event_loop,
               std::shared_ptr<const http_port> port);
  ~http_session() override;

  void start();

  /// Closes the connection at once.
  void close();

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;

private:
  using parser
    = boost::beast::http::request_parser<boost::beast::http::empty_body>;

  void close_pending();

  // -- reading ----------------------------------------------------------------

  void read();
  bool parse_all();
  bool parse();
  void begin_request();
  void apply_handshake_timeout();
  void on_parse_error(error_code ec);

  // -- answering --------------------------------------------------------------

  void on_request();
  void answer(const page& what);
  void refuse(refusal why);
  void write(std::string head, slice body);
  void write_on();
  void next_request();

  // -- upgrading --------------------------------------------------------------

  void upgrade(const route& to, std::optional<refusal> wrong);
  std::shared_ptr<actors::upper_layer>
  attach(const route& to, const std::shared_ptr<ws_session>& upgraded);

  // -- properties -------------------------------------------------------------

  std::string_view head() const noexcept;
  std::string client_address() const;
  request make_request(std::string_view pattern) const;
  void expire_after(caf::timespan time, const char* complaint);

  // -- member variables -------------------------------------------------------

  enum class phase : uint8_t {
    reading,
    answering, ///< Until the kernel has accepted the complete response.
    ended,
  };

  std::shared_ptr<const http_port> port_;
  time_point began_; ///< When the current request began; zero between requests.
  time_point deadline_;
  /// Logged when the deadline passes; may be null.
  const char* complaint_ = nullptr;
  phase phase_ = phase::reading;
  /// Whether the path of the current request was read.
  bool path_known_ = false;
  bool keep_alive_ = false;
  bool has_more_ = false; ///< `input_` may contain another request.

  std::string input_; ///< Everything that was not responded to yet.
  size_t parsed_ = 0; ///< Size of the part that the parser has consumed.
  std::optional<parser> parser_; ///< Parser of the current request, if any.

  const client_end peer_;
  client_end client_; ///< Who sends the current request.
  request request_;   ///< The current request.
  size_t requests_ = 0;
  pending_table::entry pending_; ///< Until the first request is complete.
};

} // namespace troupe::net
