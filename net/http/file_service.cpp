#include "net/http/file_service.hpp"

#include "base/ascii.hpp"
#include "net/http/byte_range.hpp"
#include "net/http/content_coding.hpp"
#include "net/http/handshake.hpp"
#include "net/http/header_fields.hpp"
#include "net/http/media_type.hpp"
#include "net/http/routes.hpp"
#include "troupe/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace troupe::net {

using boost::beast::http::status;

namespace {

/// A file that was compressed in advance.
struct coding {
  std::string_view name;
  std::string_view suffix; ///< Of the file.
};

/// The better one first.
constexpr std::array codings{coding{"br", ".br"}, coding{"gzip", ".gz"}};

/// What a client may compare with an earlier response.
struct validators {
  std::string etag;
  std::string last_modified;
};

std::string hex(uint64_t x) {
  std::array<char, 16> buf;
  auto end = std::to_chars(buf.data(), buf.data() + buf.size(), x, 16).ptr;
  return {buf.data(), end};
}

/// The tag is as strong as the clock of the file system is exact.
/// @param suffix distinguishes the files of one path.
validators validators_of(const found_file& x, std::string_view suffix) {
  constexpr uint64_t second = 1'000'000'000;
  auto time = static_cast<uint64_t>(x.changed.tv_sec) * second
              + static_cast<uint64_t>(x.changed.tv_nsec);
  return {'"' + hex(time) + '-' + hex(x.size) + std::string{suffix} + '"',
          format_date(x.changed.tv_sec)};
}

/// Returns whether the client has the file already (RFC 9110 section 13.2.2).
/// Dates are compared as text: browsers repeat what they have received.
bool is_known(const request& req, const validators& x) {
  if (auto tags = req.header("If-None-Match"); !tags.empty())
    return matches(tags, x.etag);
  return req.header("If-Modified-Since") == x.last_modified;
}

/// Returns the part of a file that the client wants; nothing if it gets all.
std::optional<byte_range> wanted_range(const request& req, const validators& x,
                                       uint64_t size) {
  auto condition = req.header("If-Range");
  if (req.method() != "GET"
      || (!condition.empty() && condition != x.etag
          && condition != x.last_modified))
    return std::nullopt;
  return parse_range(req.header("Range"), size);
}

const refusal not_found{status::not_found, "not found"};

reply refuse(error_code why) {
  switch (why.value()) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return make_reply({status::service_unavailable, "too many open files"});
    default:
      return make_reply(not_found);
  }
}

/// Adds the missing '/' to the path of a folder, so that links relative to it
/// work.
reply redirect(const request& req) {
  std::string to{req.path()};
  to += '/';
  if (auto query = req.target().find('?'); query != std::string_view::npos)
    to += req.target().substr(query);
  return {begin_reply(status::permanent_redirect) + "Location: " + to + "\r\n"
          + text_fields(0)};
}

/// Returns the codings that the client accepts, the preferred one first.
std::vector<coding> accepted_codings(const request& req) {
  auto field = req.header("Accept-Encoding");
  std::vector<coding> result;
  for (const auto& x : codings)
    if (quality_of(x.name, field) > 0)
      result.push_back(x);
  std::ranges::stable_sort(result, std::greater{}, [&](const coding& x) {
    return quality_of(x.name, field);
  });
  return result;
}

/// What is sent of a file.
struct representation {
  found_file file;
  coding how = {}; ///< Empty if it is the file itself.
};

/// Replaces `file` by what was compressed in advance, if the client accepts it.
representation choose(const folder& where, const request& req,
                      const std::string& name, found_file file) {
  for (const auto& x : accepted_codings(req)) {
    error_code ec;
    auto better = where.open(name + std::string{x.suffix}, ec);
    if (!ec && !better.is_folder)
      return {std::move(better), x};
  }
  return {std::move(file)};
}

std::string content_range(const std::string& part, uint64_t size) {
  return "Content-Range: bytes " + part + '/' + std::to_string(size) + "\r\n";
}

/// Returns the header lines that describe the content of a response.
std::string describe(const std::string& name, const representation& x,
                     const std::optional<byte_range>& range) {
  auto size = x.file.size;
  auto result = "Content-Type: " + std::string{media_type(name)}
                + "\r\nContent-Length: "
                + std::to_string(range ? range->size : size)
                + "\r\nX-Content-Type-Options: nosniff\r\n"
                  "Accept-Ranges: bytes\r\n";
  if (!x.how.name.empty())
    result.append("Content-Encoding: ").append(x.how.name).append("\r\n");
  if (range)
    result += content_range(std::to_string(range->first) + '-'
                              + std::to_string(range->first + range->size - 1),
                            size);
  return result;
}

/// @param fields header lines of all responses with a file.
reply send(const request& req, const std::string& name, representation x,
           std::string fields) {
  auto valid = validators_of(x.file, x.how.suffix);
  fields += "ETag: " + valid.etag + "\r\nLast-Modified: " + valid.last_modified
            + "\r\n";
  if (is_known(req, valid))
    return {begin_reply(status::not_modified) + fields};
  auto range = wanted_range(req, valid, x.file.size);
  if (range && range->size == 0)
    return make_reply({status::range_not_satisfiable, "no such range",
                       content_range("*", x.file.size)});
  auto part = range.value_or(byte_range{0, x.file.size});
  reply result{begin_reply(range ? status::partial_content : status::ok)
               + fields + describe(name, x, range)};
  if (part.size > 0)
    result.file.emplace(std::move(x.file.file), part.first, part.size);
  return result;
}

} // namespace

file_service::file_service(folder where, const file_options& how)
  : where_{std::move(where)},
    fields_{"Vary: Accept-Encoding\r\n" + to_lines(how.fields)} {
  auto is_cache_control = [](const header_field& x) {
    return base::equal_without_case(x.name, "Cache-Control");
  };
  if (std::ranges::none_of(how.fields, is_cache_control))
    fields_ += "Cache-Control: no-cache\r\n";
}

caf::error file_service::check(const file_options& how) {
  if (auto name = find_invalid(how.fields); !name.empty())
    return make_error(errc::invalid_config,
                      "an invalid or reserved header field: " + name);
  return {};
}

reply file_service::respond(const request& req, std::string_view path) const {
  auto name = decode_path(path);
  if (!name)
    return make_reply(not_found);
  if (name->empty() || name->ends_with('/'))
    *name += "index.html";
  error_code ec;
  auto found = where_.open(*name, ec);
  if (ec)
    return refuse(ec);
  if (found.is_folder)
    return path.ends_with('/') ? make_reply(not_found) : redirect(req);
  return send(req, *name, choose(where_, req, *name, std::move(found)),
              fields_);
}

} // namespace troupe::net
