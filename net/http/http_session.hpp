#pragma once

#include "net/http/http_checks.hpp"
#include "net/http/routes.hpp"
#include "net/io/session.hpp"
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

/// Lets a port find its HTTP sessions; they leave the list by themselves.
using http_session_hook = boost::intrusive::list_base_hook<
  boost::intrusive::tag<class http_session>,
  boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One connection as long as it speaks HTTP: answers GETs one after the other
/// and gives the socket to a `ws_session` when one of them is a handshake.
/// Lives on its worker's thread.
///
/// Requests have no bodies: only heads are read (Beast 1.81 reads some bodies
/// wrongly and throws at others).
class http_session final : public http_session_hook,
                           public session,
                           public std::enable_shared_from_this<http_session> {
public:
  http_session(descriptor socket, const tcp::endpoint& peer, worker& event_loop,
               std::shared_ptr<const http_port> port);
  ~http_session() override;

  void start();

  /// Cuts the connection.
  void close();

  void on_ready(uint32_t events) override;
  void on_tick(time_point now) override;

private:
  using parser
    = boost::beast::http::request_parser<boost::beast::http::empty_body>;

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
  request make_request(std::string_view pattern) const;
  void expire_after(caf::timespan time, const char* complaint);

  // -- member variables -------------------------------------------------------

  enum class phase : uint8_t {
    reading,
    answering, ///< Until the kernel has all of the answer.
    ended,
  };

  std::shared_ptr<const http_port> port_;
  time_point began_; ///< The request under way; zero between two of them.
  time_point deadline_;
  const char* complaint_ = nullptr; ///< For the log when that has passed.
  phase phase_ = phase::reading;
  bool path_known_ = false; ///< Of the request under way.
  bool keep_alive_ = false;
  bool has_more_ = false; ///< What was read may hold another request.

  std::string input_;            ///< From the first byte not yet answered.
  size_t parsed_ = 0;            ///< The part of it that the parser has.
  std::optional<parser> parser_; ///< Of the request under way, if any.

  std::string remote_address_;
  uint16_t remote_port_;
  request request_; ///< Of the handshake.
};

} // namespace troupe::net
