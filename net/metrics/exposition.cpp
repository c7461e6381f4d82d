#include "net/metrics/exposition.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>

namespace troupe::net {

using prometheus::MetricType;

void exposition::add_counter(const std::string& name, const std::string& help,
                             double value, labels by) {
  add(name, help, MetricType::Counter, std::move(by)).counter.value = value;
}

void exposition::add_gauge(const std::string& name, const std::string& help,
                           double value, labels by) {
  add(name, help, MetricType::Gauge, std::move(by)).gauge.value = value;
}

void exposition::add_histogram(const std::string& name, const std::string& help,
                               std::span<const bucket> buckets, double sum,
                               labels by) {
  auto& result
    = add(name, help, MetricType::Histogram, std::move(by)).histogram;
  for (const auto& x : buckets) {
    result.sample_count += x.count;
    result.bucket.push_back({result.sample_count, x.bound});
  }
  result.sample_sum = sum;
}

std::string exposition::text() const {
  return prometheus::TextSerializer{}.Serialize(families_);
}

prometheus::ClientMetric& exposition::add(const std::string& name,
                                          const std::string& help,
                                          MetricType type, labels by) {
  auto family = std::ranges::find(families_, name,
                                  &prometheus::MetricFamily::name);
  if (family == families_.end())
    family = families_.insert(family, {name, help, type, {}});
  auto& result = family->metric.emplace_back();
  for (auto& [key, value] : by)
    result.label.push_back({std::move(key), std::move(value)});
  return result;
}

} // namespace troupe::net
