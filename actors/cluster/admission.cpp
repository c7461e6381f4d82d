#include "actors/cluster/admission.hpp"

#include "troupe/log.hpp"

#include <caf/config.hpp>

namespace troupe::actors {

std::string admission::protocol() {
  return "troupe/" + std::to_string(protocol_version) + " caf/"
         + std::to_string(CAF_VERSION);
}

std::string admission::objection(const hello& msg) const {
  if (msg.cluster != cluster_)
    return "it belongs to cluster \"" + msg.cluster + "\", and we to \""
           + cluster_ + '"';
  if (msg.protocol != protocol())
    return "it speaks " + msg.protocol + ", and we " + protocol();
  if (msg.node.empty() || msg.node == node_)
    return "its name is \"" + msg.node + "\", and that is taken";
  return {};
}

void admission::log_refusal(const std::string& address,
                            const std::string& why) {
  if (refusals_.size() >= most_refusals)
    refusals_.clear();
  if (std::exchange(refusals_[address], why) != why)
    log_limited(log_level::warning, {.category = "cluster"},
                "refused node at " + address + ": " + why);
}

} // namespace troupe::actors
