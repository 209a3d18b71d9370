#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "command_line/bridged_host.hpp"
#include "command_line/workshop.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/temp_directory.hpp"

namespace mcp_mqtt::test {

/// A broker, workshops on it, and what a bridge is told of it.
class BridgeFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
    broker_ = std::make_unique<MosquittoBroker>();
  }

  std::vector<std::string> environment() const {
    const std::string home = folder_.path().string();
    return {"MCP_MQTT_BROKER=" + broker_->url(),
            "MCP_MQTT_USERNAME=", "MCP_MQTT_PASSWORD=", "XDG_CONFIG_HOME=" + home, "HOME=" + home};
  }
  std::unique_ptr<Workshop> workshop(const std::string& name) const {
    return std::make_unique<Workshop>(broker_->url(), name);
  }
  std::unique_ptr<BridgedHost> bridge(std::vector<std::string> arguments) const {
    return std::make_unique<BridgedHost>(std::move(arguments), environment());
  }

  TempDirectory folder_;
  std::unique_ptr<MosquittoBroker> broker_;
};

}  // namespace mcp_mqtt::test
