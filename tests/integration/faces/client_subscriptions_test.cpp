#include <atomic>
#include <thread>

#include "integration/faces/site.hpp"

// Subscriptions to resources as objects: shared, ended with the object, carried over to the next
// session.
namespace mcp_mqtt::test {
namespace {

class ClientSubscriptions : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    if (IsSkipped()) return;
    server_ = make_server("plants-1");
    client_ = std::make_unique<McpClient>(client_options());
    client_->connect(url());
    plants_ = client_->open("plants", {.timeout = patience});
  }

  std::unique_ptr<McpServer> make_server(const std::string& id,
                                         ChangeRoute route = ChangeRoute::both) const {
    ServerOptions options = server_options(id, "plants");
    options.resource_updates = route;
    auto server = std::make_unique<McpServer>(options);
    for (const char* uri : {"plant://soil", "plant://air"}) {
      server->add_resource(Resource{.uri = uri, .name = uri}, "dry");
    }
    server->on_subscription([watched = watched_](const auto&, const std::string& uri, bool on) {
      watched.push((on ? "+" : "-") + uri);
    });
    server->start(url());
    return server;
  }
  static auto into(const EventLog<ResourceUpdated>& log) {
    return [log](const ResourceUpdated& update) { log.push(update); };
  }

  const EventLog<std::string> watched_;
  std::unique_ptr<McpServer> server_;
  std::unique_ptr<McpClient> client_;
  ClientSession plants_;
};

TEST_P(ClientSubscriptions, UpdatesAreToldOnceToThoseWhoSubscribed) {
  const EventLog<ResourceUpdated> soil;
  const EventLog<ResourceUpdated> air;
  const auto on_soil = plants_.subscribe("plant://soil", into(soil));
  const auto on_air = plants_.subscribe("plant://air", into(air));
  EXPECT_EQ(on_soil.uri(), "plant://soil");
  server_->notify_resource_updated("plant://soil");
  const auto update = soil.take();
  ASSERT_TRUE(update);
  EXPECT_EQ(update->uri, "plant://soil");
  EXPECT_FALSE(update->resubscribed);
  server_->notify_resource_updated("plant://air");
  ASSERT_TRUE(air.take());
  plants_.ping();
  EXPECT_EQ(soil.size(), 0U);
  EXPECT_EQ(air.size(), 0U);
}

TEST_P(ClientSubscriptions, TheLastOneToAResourceEndsItAtTheServer) {
  const EventLog<ResourceUpdated> first;
  const EventLog<ResourceUpdated> second;
  auto a = plants_.subscribe("plant://soil", into(first));
  auto b = plants_.subscribe("plant://soil", into(second));
  EXPECT_EQ(watched_.take(), "+plant://soil");
  server_->notify_resource_updated("plant://soil");
  EXPECT_TRUE(first.take());
  EXPECT_TRUE(second.take());
  a = {};
  server_->notify_resource_updated("plant://soil");
  EXPECT_TRUE(second.take());
  const auto c = std::move(b);
  server_->notify_resource_updated("plant://soil");
  EXPECT_TRUE(second.take());
  EXPECT_EQ(watched_.size(), 0U);
  const_cast<ResourceSubscription&>(c).unsubscribe();
  EXPECT_EQ(watched_.take(), "-plant://soil");
  EXPECT_EQ(first.size(), 0U);
}

TEST_P(ClientSubscriptions, NothingIsToldAfterTheObjectIsGone) {
  for (int round = 0; round < 20; ++round) {
    auto alive = std::make_unique<std::atomic<bool>>(true);
    {
      const auto watch = plants_.subscribe(
          "plant://soil", [state = alive.get()](const auto&) { EXPECT_TRUE(state->load()); });
      server_->notify_resource_updated("plant://soil");
      if (round % 2 == 0) plants_.ping();
    }
    *alive = false;
    alive.reset();
  }
  plants_.ping();
}

TEST_P(ClientSubscriptions, MayEndInItsOwnCallback) {
  const EventLog<std::string> told;
  auto watch = std::make_shared<ResourceSubscription>();
  *watch = plants_.subscribe("plant://soil", [watch, told](const ResourceUpdated& update) {
    watch->unsubscribe();
    told.push(update.uri);
  });
  server_->notify_resource_updated("plant://soil");
  EXPECT_EQ(told.take(), "plant://soil");
  EXPECT_FALSE(*watch);
  EXPECT_TRUE(watched_.wait_for([](const auto& one) { return one == "-plant://soil"; }));
}

TEST_P(ClientSubscriptions, GoesOnInTheNextSessionWithTheService) {
  const EventLog<ResourceUpdated> updates;
  const auto watch = plants_.subscribe("plant://soil", into(updates));
  server_.reset();
  server_ = make_server("plants-2", ChangeRoute::per_session);
  const auto again = client_->open("plants", {.timeout = patience, .server_id = "plants-2"});
  const auto renewed = updates.take();
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(renewed->resubscribed);
  EXPECT_EQ(renewed->uri, "plant://soil");
  server_->notify_resource_updated("plant://soil");
  const auto update = updates.take();
  ASSERT_TRUE(update);
  EXPECT_FALSE(update->resubscribed);
}

TEST_P(ClientSubscriptions, AsyncAndOutlivingItsClient) {
  const EventLog<ResourceUpdated> updates;
  const EventLog<std::shared_ptr<ResourceSubscription>> made;
  plants_.async_subscribe(
      "plant://soil", into(updates), {}, [made](Result<ResourceSubscription> outcome) {
        made.push(outcome ? std::make_shared<ResourceSubscription>(*std::move(outcome)) : nullptr);
      });
  const auto watch = made.take();
  ASSERT_TRUE(watch && *watch);
  server_->notify_resource_updated("plant://soil");
  EXPECT_TRUE(updates.take());
  client_.reset();
  EXPECT_EQ((*watch)->uri(), "plant://soil");
  (*watch)->unsubscribe();
  EXPECT_EQ(error_of([&] { plants_.subscribe("plant://soil", into(updates)); }).kind,
            ErrorKind::stopped);
}

MCP_MQTT_ON_EVERY_SITE(ClientSubscriptions);

}  // namespace
}  // namespace mcp_mqtt::test
