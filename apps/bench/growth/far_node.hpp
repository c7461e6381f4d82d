#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>

namespace troupe::growth {

/// Another node in a separate process, so that its costs are not counted.
class far_node {
public:
  /// Starts a node that joins the cluster of the node at `port`.
  explicit far_node(uint16_t port);

  far_node(const far_node&) = delete;
  far_node& operator=(const far_node&) = delete;

  ~far_node();

  /// Makes the node do `what`, a word of `servant::act`, at size `n`. Does not
  /// wait.
  void order(const std::string& what, size_t n);

  /// Ends the process at once, without a goodbye to other nodes.
  void kill();

  /// Main function of the other process.
  static void run(uint16_t port);

private:
  pid_t pid_ = -1;
  int orders_ = -1;
};

} // namespace troupe::growth
