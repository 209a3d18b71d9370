#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mqtt/socket_latency.hpp"

// Finding a socket among the descriptors of the process, and leaving the others alone.
namespace mcp_mqtt::mqtt {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() { close_now(); }
  void close_now() {
    if (descriptor_ >= 0) close(descriptor_);
    descriptor_ = -1;
  }
  int get() const { return descriptor_; }
  TcpSocket identity() const {
    struct stat status {};
    EXPECT_EQ(fstat(descriptor_, &status), 0);
    return {descriptor_, status.st_ino};
  }
  bool option(int name) const {
    int value = 0;
    socklen_t length = sizeof value;
    EXPECT_EQ(getsockopt(descriptor_, IPPROTO_TCP, name, &value, &length), 0);
    return value != 0;
  }

 private:
  int descriptor_;
};

TcpEndpoint local_end(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  EXPECT_EQ(getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const auto endpoint = TcpEndpoint::from(reinterpret_cast<sockaddr*>(&address), length);
  EXPECT_TRUE(endpoint);
  return *endpoint;
}

/// Listens on a free port of 127.0.0.1.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_.get(), 8), 0);
  }
  TcpEndpoint endpoint() const { return local_end(socket_.get()); }
  Socket accept() const { return Socket(::accept(socket_.get(), nullptr, nullptr)); }
  Socket connect() const {
    Socket client(::socket(AF_INET, SOCK_STREAM, 0));
    const TcpEndpoint to = endpoint();
    EXPECT_EQ(::connect(client.get(), to.address(), to.length()), 0);
    return client;
  }

 private:
  Socket socket_;
};

TcpEndpoint v6(const char* text, std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  EXPECT_EQ(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
  return *TcpEndpoint::from(reinterpret_cast<sockaddr*>(&address), sizeof address);
}

TEST(SocketLatency, FindsTheSocketsThatLeadToAPeer) {
  const Listener broker;
  const Listener other;
  const Socket one = broker.connect();
  const Socket two = broker.connect();
  const Socket elsewhere = other.connect();
  EXPECT_THAT(tcp_sockets_to({broker.endpoint()}, {}),
              UnorderedElementsAre(one.identity(), two.identity()));
  EXPECT_THAT(tcp_sockets_to({broker.endpoint(), other.endpoint()}, {}),
              UnorderedElementsAre(one.identity(), two.identity(), elsewhere.identity()));
  EXPECT_THAT(tcp_sockets_to({}, {}), IsEmpty());
}

TEST(SocketLatency, LeavesOutThoseThatAreKnown) {
  const Listener broker;
  const Socket old = broker.connect();
  const auto known = open_tcp_sockets();
  const Socket fresh = broker.connect();
  EXPECT_THAT(tcp_sockets_to({broker.endpoint()}, known), ElementsAre(fresh.identity()));
}

TEST(SocketLatency, TakesAReusedDescriptorForANewSocket) {
  const Listener broker;
  Socket old = broker.connect();
  const TcpSocket before = old.identity();
  const auto known = open_tcp_sockets();
  old.close_now();
  const Socket fresh = broker.connect();
  ASSERT_EQ(fresh.get(), before.descriptor) << "the system gives the lowest free number";
  EXPECT_THAT(tcp_sockets_to({broker.endpoint()}, known), ElementsAre(fresh.identity()));

  send_without_delay({before});
  EXPECT_FALSE(fresh.option(TCP_NODELAY)) << "the socket that was meant is gone";
}

TEST(SocketLatency, SetsTheOptionsOfThoseSocketsAlone) {
  const Listener broker;
  const Socket ours = broker.connect();
  const Socket other = broker.connect();
  ASSERT_FALSE(ours.option(TCP_NODELAY));
  send_without_delay({ours.identity()});
  EXPECT_TRUE(ours.option(TCP_NODELAY));
  EXPECT_FALSE(other.option(TCP_NODELAY));

  const int off = 0;
  ASSERT_EQ(setsockopt(ours.get(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off), 0);
  ASSERT_FALSE(ours.option(TCP_QUICKACK));
  acknowledge_without_delay({ours.identity()});
  EXPECT_TRUE(ours.option(TCP_QUICKACK));
}

TEST(SocketLatency, SurvivesDescriptorsThatAreNoSockets) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const Socket reading(pipe_ends[0]);
  const Socket writing(pipe_ends[1]);
  for (const TcpSocket& socket : open_tcp_sockets()) EXPECT_NE(socket.descriptor, reading.get());
  send_without_delay({reading.identity(), {-1, 0}, {99'999, 1}});
  acknowledge_without_delay({reading.identity()});
  EXPECT_FALSE(since_last_receive({reading.identity()}));
}

TEST(SocketLatency, KnowsWhenTheLastByteArrived) {
  const Listener broker;
  const Socket client = broker.connect();
  const Socket server = broker.accept();
  ASSERT_EQ(send(server.get(), "x", 1, 0), 1);
  char byte = 0;
  ASSERT_EQ(recv(client.get(), &byte, 1, 0), 1);
  const auto age = since_last_receive({client.identity()});
  ASSERT_TRUE(age);
  EXPECT_LT(*age, std::chrono::seconds(10));
  EXPECT_FALSE(since_last_receive({}));
  EXPECT_FALSE(since_last_receive({{client.get(), 0}})) << "another inode is another socket";
}

TEST(TcpEndpoint, ComparesIpv4WithItsIpv6Form) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(1883);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto v4 = TcpEndpoint::from(reinterpret_cast<sockaddr*>(&address), sizeof address);
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host(), "127.0.0.1");
  EXPECT_EQ(v4->port(), 1883);
  EXPECT_FALSE(v4->is_v6());
  EXPECT_TRUE(v4->same_peer(v6("::ffff:127.0.0.1", 1883)));
  EXPECT_FALSE(v4->same_peer(v6("::ffff:127.0.0.1", 1884)));
  EXPECT_FALSE(v4->same_peer(v6("::1", 1883)));
  EXPECT_EQ(v6("::1", 1).host(), "::1");
  EXPECT_TRUE(v6("::1", 1).is_v6());
}

TEST(TcpEndpoint, TakesNothingElse) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  const auto* const raw = reinterpret_cast<sockaddr*>(&address);
  EXPECT_FALSE(TcpEndpoint::from(nullptr, 0));
  EXPECT_FALSE(TcpEndpoint::from(raw, 4)) << "cut short";
  address.sin_family = AF_UNIX;
  EXPECT_FALSE(TcpEndpoint::from(raw, sizeof address));
}

}  // namespace
}  // namespace mcp_mqtt::mqtt
