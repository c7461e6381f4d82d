// Blocking work: the handler passes a job to a detached actor, which has its
// own thread, and returns. The actor sends the result to the id of the
// connection. If that has ended, the result is dropped.

#include <troupe/troupe.hpp>

#include <thread>

using troupe::connection;

namespace {

/// Processes one job after the other.
caf::behavior worker(caf::event_based_actor* self, const caf::actor& registry,
                     const troupe::config& settings) {
  self->link_to(registry); // The worker terminates with the server.
  troupe::publisher out{*self, registry, settings};
  return {[out](const std::string& id, const std::string& title) {
    // Placeholder for a blocking call of a database, a disk or a library.
    std::this_thread::sleep_for(std::chrono::seconds{1});
    out.to_connection(id).emit("report", "report on " + title);
  }};
}

} // namespace

int main(int argc, char** argv) {
  return troupe::run(argc, argv, [](troupe::app& app) {
    auto& endpoint = app.endpoint("/reports");
    auto reports = app.system().spawn<caf::detached>(
      worker, endpoint.registry(), endpoint.settings());
    endpoint.on_connection([reports](connection& c) {
      c.on("order", [reports](connection& me, const std::string& title) {
        me.self().send(reports, me.id(), title);
        me.emit("ordered", title);
      });
    });
  });
}
