// troupe-load: generates load for a WebSocket server, verifies the received
// messages and measures the resources that the server uses. See README.md.
#include "hello_flood.hpp"
#include "measure.hpp"
#include "options.hpp"
#include "population.hpp"
#include "traffic.hpp"

#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string_view>

using namespace troupe::bench;

namespace {

using workload = report (*)(const options&);

const std::map<std::string_view, workload> workloads = {
  {"churn", run_churn},   {"connect", run_connect}, {"echo", run_echo},
  {"fanout", run_fanout}, {"hellos", run_hellos},   {"idle", run_idle},
  {"leave", run_leave},   {"request", run_request}, {"rooms", run_rooms},
  {"slow", run_slow},
};

report run(const options& opts) {
  auto found = workloads.find(opts.workload);
  if (found == workloads.end())
    throw std::invalid_argument{"unknown workload " + opts.workload};
  return found->second(opts);
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
