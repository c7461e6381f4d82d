#include "net/http/routes.hpp"

#include "base/ascii.hpp"
#include "base/guarded.hpp"
#include "net/http/cross_origin.hpp"
#include "troupe/error.hpp"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>

#include <algorithm>
#include <utility>

namespace troupe::net {

namespace {

/// Returns a name-based UUID of the contents (RFC 4122 section 4.3), which
/// distinguishes versions of a page and is the same on all nodes.
std::string make_etag(std::string_view bytes) {
  boost::uuids::name_generator_sha1 name_of{boost::uuids::ns::oid()};
  return '"' + to_string(name_of(bytes.data(), bytes.size())) + '"';
}

std::string line(std::string_view name, std::string_view value) {
  std::string result{name};
  result += ": ";
  result += value;
  result += "\r\n";
  return result;
}

caf::error fault(std::string_view pattern, std::string_view what) {
  return make_error(errc::invalid_config, "route \"" + std::string{pattern}
                                            + "\" " + std::string{what});
}

/// Refuses patterns that no path can match, and misplaced wildcards.
caf::error check(std::string_view pattern) {
  if (!pattern.starts_with('/'))
    return fault(pattern, "does not start with '/'");
  auto is_graphic = [](char c) { return c > ' ' && c < 0x7f; };
  if (!std::ranges::all_of(pattern, is_graphic)
      || pattern.find_first_of("?#") != std::string_view::npos)
    return fault(pattern,
                 "contains a character that is not part of the path "
                 "of a request");
  if (auto i = pattern.find('*');
      i != std::string_view::npos
      && (i + 1 != pattern.size() || pattern[i - 1] != '/'))
    return fault(pattern, "has a '*' that is not its last segment");
  return {};
}

caf::error check(std::string_view pattern, const std::optional<cors>& others) {
  auto err = check(pattern);
  return err || !others ? err : check_cors(*others);
}

/// Removes a built-in page from `x`.
/// @returns an error if `x` has content or a handler of the program.
caf::error make_room(route& x) {
  if (x.get || x.files || (x.page && x.probe == probe::none))
    return fault(x.pattern, "has content already");
  x.page.reset();
  x.probe = probe::none;
  return {};
}

/// Returns `/rooms/` for `/rooms/*`.
std::string_view prefix(std::string_view pattern) {
  return pattern.substr(0, pattern.size() - 1);
}

} // namespace

page::page(const content& x)
  : bytes{x.bytes},
    owner{x.owner},
    etag{make_etag(x.bytes)} {
  cache_fields = line("ETag", etag) + line("Cache-Control", "no-cache");
  body_fields = line("Content-Type", x.type)
                + line("Content-Length", std::to_string(x.bytes.size()))
                + line("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : x.fields)
    body_fields += line(name, value);
}

std::shared_ptr<actors::upper_layer>
route::attach(std::shared_ptr<actors::lower_layer> socket, request req,
              worker& event_loop) const {
  std::shared_ptr<actors::upper_layer> result;
  auto attached = guarded("http", "making the actor of a client", [&] {
    result = endpoint->attach(socket, std::move(req), event_loop);
  });
  if (!attached)
    socket->close(close_code::internal_error, "");
  return result;
}

routes::routes() {
  auto add_probe = [this](std::string path, probe what) {
    auto& entry = at(std::move(path));
    entry.page.emplace(content{"ok\n", "text/plain; charset=utf-8"});
    entry.probe = what;
  };
  add_probe("/healthz", probe::health);
  add_probe("/readyz", probe::readiness);
}

caf::error routes::add(std::string pattern, std::shared_ptr<endpoint> x) {
  if (auto err = check(pattern))
    return err;
  auto& entry = at(std::move(pattern));
  if (entry.endpoint)
    return fault(entry.pattern, "has an endpoint already");
  entry.limits = std::make_shared<ws_limits>(x->settings());
  entry.endpoint = std::move(x);
  return {};
}

caf::error routes::add(std::string pattern, const content& x) {
  if (auto err = check(pattern))
    return err;
  auto& entry = at(std::move(pattern));
  if (auto err = make_room(entry))
    return err;
  entry.page.emplace(x);
  return {};
}

caf::error routes::add(std::string pattern, http_handler f,
                       std::optional<cors> others) {
  if (auto err = check(pattern, others))
    return err;
  auto& entry = at(std::move(pattern));
  if (auto err = make_room(entry))
    return err;
  entry.get = std::move(f);
  entry.get_cors = std::move(others);
  return {};
}

caf::error routes::add(std::string pattern, const std::string& folder,
                       const file_options& how) {
  if (auto err = check(pattern, how.cors))
    return err;
  if (!pattern.ends_with("/*"))
    return fault(pattern, "does not end with \"/*\", as one of a folder must");
  if (auto err = file_service::check(how))
    return err;
  auto files = net::folder::at(folder);
  if (!files)
    return std::move(files.error());
  auto& entry = at(std::move(pattern));
  if (auto err = make_room(entry))
    return err;
  entry.files.emplace(std::move(*files), how);
  entry.get_cors = how.cors;
  return {};
}

caf::error routes::add_post(std::string pattern, http_handler f,
                            std::optional<cors> others) {
  if (auto err = check(pattern, others))
    return err;
  auto& entry = at(std::move(pattern));
  if (entry.post)
    return fault(entry.pattern, "has a handler for POST already");
  entry.post = std::move(f);
  entry.post_cors = std::move(others);
  return {};
}

const route* routes::find(std::string_view path) const {
  if (auto i = exact_.find(path); i != exact_.end())
    return &i->second;
  for (const auto& x : patterns_)
    if (path.starts_with(prefix(x.pattern)))
      return &x;
  return nullptr;
}

bool routes::is_any_lost() const {
  auto is_lost = [](const route& x) {
    return x.endpoint && x.endpoint->is_lost();
  };
  return std::ranges::any_of(patterns_, is_lost)
         || std::ranges::any_of(exact_, [&](const auto& x) {
              return is_lost(x.second);
            });
}

route& routes::at(std::string pattern) {
  if (!pattern.ends_with("/*")) {
    auto& result = exact_[base::normalize_path(pattern)];
    result.pattern = std::move(pattern);
    return result;
  }
  pattern = base::normalize_path(pattern);
  auto i = std::ranges::find_if(patterns_, [&](const route& x) {
    return x.pattern.size() < pattern.size() || x.pattern == pattern;
  });
  if (i == patterns_.end() || i->pattern != pattern)
    i = patterns_.insert(i, route{.pattern = std::move(pattern)});
  return *i;
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    auto x = base::trim(base::split_off(if_none_match, ','));
    if (x.starts_with("W/"))
      x.remove_prefix(2);
    if (x == "*" || x == etag)
      return true;
  }
  return false;
}

} // namespace troupe::net
