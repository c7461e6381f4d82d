// troupe-load: puts load on a WebSocket server, verifies what it receives and
// measures what the server needs for it. See README.md.
#include "measure.hpp"
#include "options.hpp"
#include "population.hpp"
#include "traffic.hpp"

#include <exception>
#include <iostream>
#include <stdexcept>

using namespace troupe::bench;

namespace {

report run(const options& opts) {
  if (opts.workload == "fanout")
    return traffic{opts, audience::everybody, opts.members, opts.senders}.run(
      opts.workload, "deliveries");
  if (opts.workload == "echo")
    return traffic{opts, audience::sender, opts.connections, opts.connections}
      .run(opts.workload, "messages");
  if (opts.workload == "idle")
    return run_idle(opts);
  if (opts.workload == "connect")
    return run_connect(opts);
  throw std::invalid_argument{"unknown workload " + opts.workload};
}

} // namespace

int main(int argc, char** argv) {
  try {
    auto opts = parse_options(argc, argv);
    if (!opts) {
      std::cerr << usage_text();
      return 0;
    }
    run(*opts).print();
    return 0;
  } catch (const std::invalid_argument& error) {
    std::cerr << "troupe-load: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "troupe-load: " << error.what() << '\n';
    return 1;
  }
}
