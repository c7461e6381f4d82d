#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe::net {

/// The values of metrics at one time, in the format of Prometheus.
class exposition {
public:
  using labels = std::vector<std::pair<std::string, std::string>>;

  /// A class of a histogram: values up to `bound`.
  struct bucket {
    double bound;
    uint64_t count; ///< Values of this class only.
  };

  /// The media type of `text`.
  static constexpr auto media_type = "text/plain; version=0.0.4; charset=utf-8";

  /// Adds a value that never decreases. Values of one name have different
  /// labels.
  /// @param help describes the metric; that of the first value is used.
  void add_counter(const std::string& name, const std::string& help,
                   double value, labels by = {});

  /// Adds a value that may decrease.
  void add_gauge(const std::string& name, const std::string& help, double value,
                 labels by = {});

  /// Adds a histogram.
  /// @param buckets in ascending order; the last one has no bound (infinity).
  void add_histogram(const std::string& name, const std::string& help,
                     std::span<const bucket> buckets, double sum,
                     labels by = {});

  std::string text() const;

private:
  prometheus::ClientMetric& add(const std::string& name,
                                const std::string& help,
                                prometheus::MetricType type, labels by);

  std::vector<prometheus::MetricFamily> families_;
};

} // namespace troupe::net
