package io.sampo.client;

import io.sampo.record.UniqueKeys;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.header.ConsumerGroupHeader;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What producers and consumers of one process share: a client id, connections, routes, heartbeats,
 * threads. Make one, and from it any number of {@link Producer} and {@link Consumer}; close them
 * first and it last.
 *
 * <p>Thread-safe. It keeps one connection per address, connects again by itself with a back-off,
 * and fails with a {@link TransportException} what gets no answer in time.
 */
public final class SampoClient implements AutoCloseable {
  private static final AtomicInteger INSTANCES = new AtomicInteger();

  private final String clientId;
  private final Duration requestTimeout;
  private final UniqueKeys uniqueKeys;
  private final Transport transport;
  private final RouteCache routes;
  private final Membership membership;

  private SampoClient(Builder builder) {
    InetAddress machine = Addresses.ofThisMachine();
    long processId = ProcessHandle.current().pid();
    int instance = INSTANCES.incrementAndGet();
    String givenId = builder.clientId;
    this.clientId =
        givenId != null
            ? givenId
            : machine.getHostAddress() + "@" + processId + "#" + System.nanoTime();
    this.requestTimeout = builder.requestTimeout;
    this.uniqueKeys =
        new UniqueKeys(
            machine.getAddress(),
            processId,
            31 * clientId.hashCode() + instance,
            Clock.system(ZoneId.systemDefault()));
    this.transport =
        new Transport(
            builder.ioThreads, builder.connectTimeout, this::onConnected, this::onServerRequest);
    NameServers nameServers =
        new NameServers(transport, Addresses.parseList(builder.nameServers), requestTimeout);
    this.routes = new RouteCache(nameServers, transport, System::nanoTime);
    this.membership = new Membership(clientId, transport, routes, requestTimeout);
    routes.start();
    membership.start();
  }

  /**
   * Starts a client.
   *
   * @param nameServers "host:port;host:port"
   */
  public static Builder builder(String nameServers) {
    return new Builder(nameServers);
  }

  /** Under which id brokers know this client. */
  public String clientId() {
    return clientId;
  }

  /** Starts a producer that uses this client. */
  public Producer.Builder newProducer(String group) {
    return Producer.builder(this, group);
  }

  /** Starts a consumer that uses this client; one per group. */
  public Consumer.Builder newConsumer(String group) {
    return Consumer.builder(this, group);
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  UniqueKeys uniqueKeys() {
    return uniqueKeys;
  }

  Transport transport() {
    return transport;
  }

  RouteCache routes() {
    return routes;
  }

  Membership membership() {
    return membership;
  }

  /**
   * Fails what has no answer yet, closes all connections and stops all threads. Takes up to 5 s.
   *
   * @throws IllegalStateException on one of the client's own threads
   */
  @Override
  public void close() {
    if (transport.isOwnThread()) {
      throw new IllegalStateException("a client can't be closed on a thread of its own");
    }
    transport.close();
  }

  private void onConnected(String address, Transport.Line line) {
    membership.onConnected(address, line);
  }

  private void onServerRequest(String address, RemotingCommand command) {
    if (command.code() == RequestCode.NOTIFY_CONSUMER_IDS_CHANGED) {
      membership.onMembersChanged(ConsumerGroupHeader.read(command.fields()).consumerGroup());
    }
  }

  /** Collects the settings of a client. */
  public static final class Builder {
    private final String nameServers;
    private Duration requestTimeout = Duration.ofSeconds(3);
    private Duration connectTimeout = Duration.ofSeconds(3);
    private int ioThreads = 1;
    private @Nullable String clientId;

    private Builder(String nameServers) {
      this.nameServers = nameServers;
    }

    /** How long to wait for the answer to anything but a send or a pull. 3 s. */
    public Builder requestTimeout(Duration timeout) {
      this.requestTimeout = Checks.positive("the request timeout", timeout);
      return this;
    }

    /** How long to wait for a connection. 3 s. */
    public Builder connectTimeout(Duration timeout) {
      this.connectTimeout = Checks.positive("the connect timeout", timeout);
      return this;
    }

    /** Threads for all connections. 1, which is enough for hundreds of MB/s. */
    public Builder ioThreads(int count) {
      this.ioThreads = Checks.atLeast("the number of IO threads", 1, count);
      return this;
    }

    /** The id; by default address, process id and time. Two clients of one id break balancing. */
    public Builder clientId(String id) {
      this.clientId = id;
      return this;
    }

    /**
     * Starts the client; nothing is connected yet.
     *
     * @throws IllegalArgumentException when a name-server address is malformed
     */
    public SampoClient build() {
      Addresses.parseList(nameServers);
      return new SampoClient(this);
    }
  }
}
