#pragma once

#include <gtest/gtest.h>

#include "fault/scale.hpp"
#include "support/mosquitto_broker.hpp"

namespace mcp_mqtt::test {

/// The service that the servers of most fault tests are instances of.
inline constexpr const char* fault_service = "fault/desk";

/// What all fault tests need: a mosquitto that they may kill.
class FaultSite : public ::testing::Test {
 protected:
  void SetUp() override {
    log_as_asked();
    if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  }
};

}  // namespace mcp_mqtt::test
