#include <csignal>
#include <gtest/gtest.h>

#include "support/child_process.hpp"
#include "support/mosquitto_broker.hpp"
#include "support/waiting.hpp"

namespace mcp_mqtt::test {
namespace {

TEST(ConformanceFixture, AnswersAsTheSuiteExpects) {
  if (!MosquittoBroker::available()) GTEST_SKIP() << "mosquitto is not installed";
  MosquittoBroker broker;
  ChildProcess server({CONFORMANCE_SERVER, "--broker", broker.url(), "--name", "fixture"});
  ChildProcess client({CONFORMANCE_CLIENT, "--broker", broker.url(), "--name", "fixture"});
  const auto status = client.wait_for(2 * patience);
  ASSERT_TRUE(status) << "the client did not end:\n" << client.output();
  EXPECT_TRUE(status->success()) << client.output() << client.error_output() << "The server:\n"
                                 << server.output() << server.error_output();
  EXPECT_NE(client.output().find(" checks, 0 failures"), std::string::npos) << client.output();
  server.signal(SIGTERM);
  const auto ended = server.wait_for(patience);
  EXPECT_TRUE(ended && ended->success()) << server.error_output();
}

}  // namespace
}  // namespace mcp_mqtt::test
