#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <sys/resource.h>
#include <thread>

#include "fault/host.hpp"
#include "fault/peer_process.hpp"
#include "fault/site.hpp"

// Many clients on one server, and one client that wants more than its share.
namespace mcp_mqtt::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Each client has a handful of descriptors, and so has the broker's side.
void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

class Load : public FaultSite {};

/// A client that makes its calls one after the other, each when the one before is answered.
class Caller {
 public:
  Caller(const std::string& url, CallLedger ledger, std::size_t calls)
      : ledger_(std::move(ledger)), left_(calls) {
    ClientOptions options{.name = "caller"};
    options.connection.keep_alive = 600s;
    options.worker_threads = 1;
    client_ = std::make_unique<McpClient>(options);
    client_->connect(url);
    session_ =
        client_->open(fault_service, {.timeout = 8 * patience, .initialize_timeout = 4 * patience});
  }

  void start(const EventLog<bool>& finished) { next(finished); }

 private:
  void next(const EventLog<bool>& finished) {
    if (left_ == 0) {
      finished.push(true);
      return;
    }
    --left_;
    ledger_.make(session_, "work", {.timeout = 120s},
                 [this, finished](const Result<CallToolResult>&) { next(finished); });
  }

  CallLedger ledger_;
  std::size_t left_;
  ClientSession session_;
  std::unique_ptr<McpClient> client_;  // last: its end waits for callbacks
};

TEST_F(Load, ManyClientsLoseNoCall) {
  const std::size_t clients = long_run() ? 1'000 : 60;
  const std::size_t calls_each = long_run() ? 100 : 40;
  raise_descriptor_limit();
  MosquittoOptions options;
  // A stock broker drops what one subscriber has not taken after a thousand messages.
  options.lines = {"max_queued_messages 100000", "max_inflight_messages 1000"};
  MosquittoBroker broker(options);
  const ServerProcess server(broker.url(), fault_service, "desk-1");

  const CallLedger ledger;
  std::vector<std::unique_ptr<Caller>> callers(clients);
  const auto connecting = Clock::now();
  {
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        try {
          for (std::size_t mine = next++; mine < clients; mine = next++) {
            callers[mine] = std::make_unique<Caller>(broker.url(), ledger, calls_each);
          }
        } catch (const McpError& error) {
          ADD_FAILURE() << "a client cannot open its session: " << error.what();
        }
      });
    }
  }
  ASSERT_TRUE(std::none_of(callers.begin(), callers.end(), [](auto& one) { return !one; }));
  const std::chrono::duration<double> connected = Clock::now() - connecting;

  const auto calling = Clock::now();
  const EventLog<bool> finished;
  for (const auto& caller : callers) caller->start(finished);
  ASSERT_TRUE(finished.wait_for_count(clients, 40 * patience));
  const std::chrono::duration<double> took = Clock::now() - calling;
  const auto figures = ledger.figures();
  ledger.expect_sound(false);
  EXPECT_EQ(figures.answered, clients * calls_each);

  McpClient control{{.name = "control"}};
  control.connect(broker.url());
  const Json runs =
      Json::parse(control.open(fault_service, {.timeout = 4 * patience}).call_tool("runs").text());
  EXPECT_EQ(runs["runs"], figures.calls);
  EXPECT_EQ(runs["again"], 0);
  std::cout << "reliability: clients=" << clients << " " << figures
            << " handler_runs=" << runs["runs"] << " opened_in_s=" << connected.count()
            << " calls_per_s=" << static_cast<double>(figures.calls) / took.count()
            << " server_rss_kib=" << resident_kib(server.pid()) << std::endl;
}

/// The median time of calls made one after the other.
std::chrono::duration<double, std::micro> median_latency(const ClientSession& session,
                                                         const std::string& tool,
                                                         std::size_t calls) {
  std::vector<std::chrono::duration<double, std::micro>> times;
  for (std::size_t i = 0; i < calls; ++i) {
    const auto begin = Clock::now();
    session.call_tool(tool, {{"call", i}});
    times.push_back(Clock::now() - begin);
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

/// A client that always has more requests under way than its server takes of one.
class Flood {
 public:
  Flood(const std::string& url, std::string tool) : tool_(std::move(tool)), client_(options()) {
    client_.connect(url);
    session_ = client_.open(fault_service, {.timeout = patience});
    for (std::size_t i = 0; i < at_once; ++i) next();
  }
  ~Flood() {
    stopped_ = true;
    client_.stop();
  }

  std::size_t busy() const { return busy_; }
  std::size_t answered() const { return answered_; }
  std::size_t other() const { return other_; }
  bool wait_until_refused() const { return refused_.wait_for_count(1); }

 private:
  static constexpr std::size_t at_once = 256;

  static ClientOptions options() {
    ClientOptions options{.name = "flood"};
    options.worker_threads = 1;
    return options;
  }

  void next() {
    session_.async_call_tool(tool_, {{"call", 0}}, {}, [this](const auto& outcome) {
      if (stopped_) return;
      if (outcome) {
        ++answered_;
      } else if (outcome.error().code == error_code::server_busy) {
        if (++busy_ == 1) refused_.push(true);
      } else {
        ++other_;
      }
      next();
    });
  }

  std::string tool_;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::size_t> busy_ = 0;
  std::atomic<std::size_t> answered_ = 0;
  std::atomic<std::size_t> other_ = 0;
  EventLog<bool> refused_;
  ClientSession session_;
  McpClient client_;  // last: its end waits for callbacks
};

/// A flood of calls of a tool, and what becomes of another client's calls of it meanwhile.
void flood_with(const std::string& tool, std::size_t calls, double bound) {
  MosquittoBroker broker;
  const ServerProcess server(broker.url(), fault_service, "desk-1");
  McpClient quiet{{.name = "quiet"}};
  quiet.connect(broker.url());
  const auto session = quiet.open(fault_service, {.timeout = patience});
  median_latency(session, tool, calls / 4);  // warm
  const auto idle = median_latency(session, tool, calls);
  const Flood flood(broker.url(), tool);
  ASSERT_TRUE(flood.wait_until_refused());
  const auto flooded = median_latency(session, tool, calls);
  const double ratio = flooded / idle;
  EXPECT_GT(flood.busy(), 0U);
  EXPECT_EQ(flood.other(), 0U);
  EXPECT_LT(ratio, bound);
  std::cout << "reliability: flood of=" << tool << " idle_median_us=" << idle.count()
            << " flooded_median_us=" << flooded.count() << " ratio=" << ratio
            << " promised_ratio=3 refused_as_busy=" << flood.busy()
            << " flood_answered=" << flood.answered() << std::endl;
}

// Its handlers want all threads for themselves.
TEST_F(Load, AFloodOfWorkIsRefusedAndTheOthersAreServed) {
  flood_with("nap", long_run() ? 1'000 : 60, long_run() ? 3 : 6);
}

// Next to no work: what is wanted here is the broker, the loop and the processor, of which a
// machine with two cores has too little for a flood, a broker, a server and one who measures.
TEST_F(Load, AFloodOfMessagesIsRefusedAndTheOthersAreServed) {
  flood_with("work", long_run() ? 5'000 : 400, 10);
}

}  // namespace
}  // namespace mcp_mqtt::test
