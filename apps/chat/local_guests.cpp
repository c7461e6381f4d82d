#include "local_guests.hpp"

namespace chat {

const caf::actor* local_guests::find(const std::string& id) const {
  auto i = connections_.find(id);
  return i == connections_.end() ? nullptr : &i->second;
}

void local_guests::refuse(const caf::actor& connection,
                          const std::string& about, std::string reason) const {
  tell(connection, "refused", refusal{about, std::move(reason)});
}

void local_guests::close_taken_over(const caf::actor& connection) const {
  owner_->send(connection, troupe::msg::disconnect{
                             taken_over, "continued on another connection"});
}

} // namespace chat
