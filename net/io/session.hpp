#pragma once

#include "net/io/coalescing_stream.hpp"
#include "net/runtime/address_table.hpp"
#include "net/runtime/poller.hpp"
#include "net/runtime/socket.hpp"
#include "net/runtime/worker.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace troupe::net {

/// Serves one socket on its worker's thread. Keeps itself alive from `begin` to
/// `end`, or until the worker ends.
class session : public pollable, public tickable {
public:
  virtual ~session();

  void on_worker_end() override;

  /// Lets the connection count until its socket is closed.
  void keep(connection_place x) noexcept {
    place_ = std::move(x);
  }

protected:
  /// Does not use `event_loop`, so may be called on any thread.
  /// @param connection its socket is connected.
  session(transport connection, worker& event_loop);

  /// Processes `events`. Call first in `on_ready`.
  void note(uint32_t events);

  /// Returns whether a read may return data, according to the events so far.
  bool is_readable() const noexcept {
    return readable_;
  }

  /// Returns whether the peer has ended its side or the connection is lost.
  bool has_peer_ended() const noexcept {
    return peer_ended_;
  }

  /// Reads available data, up to the size of the buffer.
  coalescing_stream::input receive();

  /// Starts receiving events and ticks.
  /// @returns false if the kernel refuses; then `self` is not kept.
  bool begin(std::shared_ptr<session> self);

  /// Continues ending the connection gracefully; see
  /// `coalescing_stream::wind_down`. Call for each event.
  /// @returns whether the connection has ended.
  bool wind_down();

  /// Closes the connection and releases the reference to itself; receives no
  /// more events. The caller must hold a reference.
  void end();

  /// Releases the connection, to be served by another session.
  /// @pre nothing is unsent.
  transport release();

  worker& loop_;
  coalescing_stream stream_;
  connection_place place_; ///< Passed on with the socket.

private:
  std::shared_ptr<session> let_go();

  std::shared_ptr<session> self_;
  bool readable_ = false;
  /// The end of the stream can be read after the remaining data.
  bool peer_ended_ = false;
};

} // namespace troupe::net
