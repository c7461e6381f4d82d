#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>

namespace troupe::growth {

/// Another node, in a process of its own so that its costs are not counted.
class far_node {
public:
  /// Starts one that joins the cluster of the node at `port`.
  explicit far_node(uint16_t port);

  far_node(const far_node&) = delete;
  far_node& operator=(const far_node&) = delete;

  ~far_node();

  /// Makes it do `what`, one of `act`'s words, at size `n`. Does not wait.
  void order(const std::string& what, size_t n);

  /// Ends it at once, without a word to others.
  void kill();

  /// What such a process does.
  static void run(uint16_t port);

private:
  pid_t pid_ = -1;
  int orders_ = -1;
};

} // namespace troupe::growth
