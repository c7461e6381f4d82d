#pragma once

#include "net/metrics/exposition.hpp"

namespace troupe::net {

/// Adds the metrics that Prometheus' client libraries have for each process:
/// processor time, memory, file descriptors, threads and the time of the start.
void add_process_metrics(exposition& to);

} // namespace troupe::net
