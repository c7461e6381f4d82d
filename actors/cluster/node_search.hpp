#pragma once

#include "actors/cluster/address_book.hpp"
#include "actors/seams/cluster_transport.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Looks for other nodes: dials the addresses in its address book on behalf of
/// the owner, and logs the outcome.
class node_search {
public:
  using time_point = address_book::time_point;

  /// @param owner the membership actor, to which the transport sends the
  ///              outcome of each dial.
  node_search(caf::event_based_actor* owner, address_book book)
    : owner_(owner),
      book_(std::move(book)) {
  }

  /// Returns the address book, for addresses that are learned without dialing.
  address_book& book() noexcept {
    return book_;
  }

  const address_book& book() const noexcept {
    return book_;
  }

  /// Starts the search.
  /// @param own   the address of this node, which is never dialed.
  /// @param seeds addresses that are dialed forever.
  void begin(std::shared_ptr<cluster_transport> net, const std::string& own,
             const std::vector<std::string>& seeds);

  /// Dials the addresses that are due, see `address_book::pop_due`.
  /// @pre `begin` has been called.
  void dial_due();

  /// Notes that a dial of `address` reached this node itself.
  void note_led_back(const std::string& address);

  /// Notes that a dial of `address` reached `node`.
  /// @param found the address that the node announces.
  void note_met(const std::string& address, const std::string& node,
                const std::string& found);

  /// Notes that a dial of `address` failed or that the node found there did not
  /// complete the handshake.
  void note_failed(const std::string& address, const std::string& why);

  /// Releases the transport. Nothing may be dialed afterwards.
  void end() {
    net_ = nullptr;
  }

private:
  time_point now() const;

  caf::event_based_actor* owner_;
  address_book book_;
  std::shared_ptr<cluster_transport> net_; ///< Null when not searching.
};

} // namespace troupe::actors
