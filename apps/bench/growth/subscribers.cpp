/// Subjects about subscribers.

#include "crew.hpp"
#include "meter.hpp"
#include "subjects.hpp"
#include "world.hpp"

#include <caf/send.hpp>

namespace troupe::growth {

namespace {

/// `n` actors subscribe by sending `what(actor)` to `publisher`, and terminate.
template <class F>
void come_and_go(const std::string& subject, size_t n, world& w,
                 const caf::actor& publisher, F what) {
  auto xs = w.actors().spawn(n);
  measure(subject + "-come", n, [&] {
    for (const auto& x : xs)
      caf::anon_send(publisher, what(x));
    w.sync();
  });
  measure(subject + "-go", n, [&] {
    crew::end(xs);
    w.counts().await(event::died, n);
    w.sync();
  });
}

} // namespace

void subscribers(size_t n) {
  world w;
  come_and_go("subscribers", n, w, w.registry(),
              [](const caf::actor& x) { return msg::subscribe{x}; });
}

void node_subscribers(size_t n) {
  world w;
  come_and_go("node-subscribers", n, w, w.cluster().handle(),
              [](const caf::actor& x) { return subscribe_nodes{x}; });
}

} // namespace troupe::growth
