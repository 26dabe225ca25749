package io.sampo.routing.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.sampo.wire.FrameBudget;
import io.sampo.wire.FrameDecoder;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every port that RocketMQ clients connect to: bound by {@link #bind}, accepting after {@link
 * #serve}, gone after {@link #stop}. In between the ports are known, which port 0 makes necessary:
 * routes and message ids name them. Connections that come before wait in the backlog. At ports that
 * were only reserved ({@link #reserve}) they are refused until {@link #openReserved}.
 *
 * <p>All ports share the event loops (threads {@code sampo-net-…}) and the limits.
 */
public final class RemotingServer {
  private static final Logger LOG = LoggerFactory.getLogger(RemotingServer.class);
  private static final long LOOPS_QUIET_MILLIS = 0;
  private static final long LOOPS_STOP_MILLIS = 2000;
  private static final int STOP_CHECK_MILLIS = 10;

  private final NetSettings settings;
  private final Transport transport;
  private final EventLoopGroup acceptLoop;
  private final EventLoopGroup loops;
  private final Connections connections;
  private final HeldBytes held;
  private final AnswerMemory answers;
  private final FrameBudget frameBudget;

  /** Of links to other nodes, which clients must not be able to cut. */
  private final FrameBudget linkBudget;

  private final Map<PortRole, Channel> ports = new ConcurrentHashMap<>();
  private final Map<PortRole, InetSocketAddress> reserved = new LinkedHashMap<>();
  private final NamesAside names = new NamesAside();
  private final AtomicReference<@Nullable CompletableFuture<Void>> stopped =
      new AtomicReference<>();
  private volatile Session.@Nullable Factory sessions;

  private RemotingServer(NetSettings settings, Transport transport) {
    this.settings = settings;
    this.transport = transport;
    IoHandlerFactory io = transport.newFactory();
    this.acceptLoop =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("sampo-net-accept"), io);
    this.loops =
        new MultiThreadIoEventLoopGroup(
            settings.eventLoops(), new DefaultThreadFactory("sampo-net"), io);
    this.connections = new Connections(settings.connectionsMax());
    this.held = new HeldBytes(settings.limits().heldBytes());
    this.answers = new AnswerMemory(settings.limits().allWriteMemoryBytes());
    this.frameBudget = new FrameBudget(settings.limits().heldBytes());
    this.linkBudget =
        new FrameBudget(
            Math.max(2L * settings.limits().frameBytes(), settings.limits().heldBytes() / 2));
  }

  /** How sockets are served: by Linux's epoll where that works, else by the JDK's selector. */
  enum Transport {
    EPOLL {
      @Override
      IoHandlerFactory newFactory() {
        return EpollIoHandler.newFactory();
      }

      @Override
      Class<? extends ServerChannel> channelType() {
        return EpollServerSocketChannel.class;
      }

      @Override
      Class<? extends Channel> clientChannelType() {
        return EpollSocketChannel.class;
      }
    },
    NIO {
      @Override
      IoHandlerFactory newFactory() {
        return NioIoHandler.newFactory();
      }

      @Override
      Class<? extends ServerChannel> channelType() {
        return NioServerSocketChannel.class;
      }

      @Override
      Class<? extends Channel> clientChannelType() {
        return NioSocketChannel.class;
      }
    };

    abstract IoHandlerFactory newFactory();

    abstract Class<? extends ServerChannel> channelType();

    abstract Class<? extends Channel> clientChannelType();

    static Transport best() {
      return Epoll.isAvailable() ? EPOLL : NIO;
    }
  }

  /**
   * Binds the ports; nothing is accepted yet.
   *
   * @param wanted the port of each role, 0 for any free one
   * @throws BindException naming the port that can't be had; nothing stays bound then
   */
  public static RemotingServer bind(
      NetSettings settings, InetAddress host, Map<PortRole, Integer> wanted) throws BindException {
    return bind(settings, host, wanted, Transport.best());
  }

  static RemotingServer bind(
      NetSettings settings, InetAddress host, Map<PortRole, Integer> wanted, Transport transport)
      throws BindException {
    RemotingServer server = new RemotingServer(settings, transport);
    try {
      for (Map.Entry<PortRole, Integer> entry : wanted.entrySet()) {
        server.bindPort(entry.getKey(), new InetSocketAddress(host, entry.getValue()));
      }
    } catch (BindException e) {
      server.stopNow();
      throw e;
    }
    return server;
  }

  /**
   * Binds only the ports that any number will do for, and keeps the others for {@link
   * #openReserved}: who connects there is refused, and is never let in and then cut off. For a node
   * whose clients have others to go to, while its own start may take long.
   *
   * @param wanted the port of each role, 0 for any free one
   */
  public static RemotingServer reserve(
      NetSettings settings, InetAddress host, Map<PortRole, Integer> wanted) throws BindException {
    Map<PortRole, Integer> drawn = new LinkedHashMap<>(wanted);
    drawn.values().removeIf(port -> port != 0);
    RemotingServer server = bind(settings, host, drawn);
    wanted.forEach(
        (role, port) -> {
          if (port != 0) {
            server.reserved.put(role, new InetSocketAddress(host, port));
          }
        });
    return server;
  }

  /**
   * Binds what was reserved, if anything was.
   *
   * @throws BindException naming the port that somebody else took
   */
  public void openReserved() throws BindException {
    for (Map.Entry<PortRole, InetSocketAddress> port : reserved.entrySet()) {
      bindPort(port.getKey(), port.getValue());
    }
    reserved.clear();
  }

  private void bindPort(PortRole role, InetSocketAddress address) throws BindException {
    ChannelFuture bound = binding(role, address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw failure(role, address, bound.cause());
    }
    ports.put(role, bound.channel());
  }

  private static BindException failure(PortRole role, InetSocketAddress address, Throwable cause) {
    BindException failure =
        new BindException(
            "the "
                + role
                + " port "
                + address.getPort()
                + " at "
                + address.getAddress().getHostAddress()
                + " can't be bound: "
                + cause.getMessage());
    failure.initCause(cause);
    return failure;
  }

  private ChannelFuture binding(PortRole role, InetSocketAddress address) {
    NetSettings.Limits limits = settings.limits();
    return new ServerBootstrap()
        .group(acceptLoop, loops)
        .channel(transport.channelType())
        .option(ChannelOption.SO_BACKLOG, settings.backlog())
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.AUTO_READ, false) // until serve
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(limits.writeHighBytes() / 2, limits.writeHighBytes()))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                initConnection(role, channel);
              }
            })
        .bind(address);
  }

  /**
   * Opens one more port on a server that serves. Answered on an event loop with the port that was
   * taken, before anybody is let in there; {@link #accept} does that. Fails with a {@link
   * BindException}.
   */
  public CompletionStage<Integer> open(PortRole role, InetAddress host, int port) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    CompletableFuture<Integer> opened = new CompletableFuture<>();
    var unused =
        binding(role, address)
            .addListener(
                (ChannelFuture bound) -> {
                  if (!bound.isSuccess()) {
                    opened.completeExceptionally(failure(role, address, bound.cause()));
                    return;
                  }
                  ports.put(role, bound.channel());
                  if (stopped.get() != null) {
                    bound.channel().close();
                  }
                  opened.complete(port(role));
                });
    return opened;
  }

  /** Lets clients in at a port that was opened. */
  public void accept(PortRole role) {
    Channel port = ports.get(role);
    if (port != null) {
      port.config().setAutoRead(true);
    }
  }

  private void initConnection(PortRole role, Channel channel) {
    Session.Factory factory = sessions;
    if (factory == null || stopped.get() != null) {
      channel.close();
      return;
    }
    channel
        .pipeline()
        .addLast(new FrameDecoder(settings.limits().frameBytes(), frameBudget))
        .addLast(new ConnectionHandler(role, settings, held, answers, factory, connections));
  }

  /** The port that a role really has. */
  public int port(PortRole role) {
    InetSocketAddress later = reserved.get(role);
    if (later != null) {
      return later.getPort();
    }
    Channel channel = ports.get(role);
    if (channel == null) {
      throw new IllegalArgumentException("no port is bound for " + role);
    }
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  /** Accepts connections from now on. Call once. */
  public void serve(Session.Factory factory) {
    sessions = factory;
    ports.values().forEach(port -> port.config().setAutoRead(true));
  }

  /**
   * A port on another node to relay requests to, served by this node's event loops.
   *
   * @param requestsMax that may be on their way there
   * @param listener hears of what is not answered
   */
  public RelayPeer peer(
      RelayPeer.Address address,
      int requestsMax,
      Duration connectTimeout,
      RelayPeer.Listener listener) {
    return new RelayPeer(
        new RelayBootstrap(
            loops,
            names,
            transport.clientChannelType(),
            settings.limits().frameBytes(),
            linkBudget,
            connectTimeout),
        address,
        requestsMax,
        settings.idleTimeout().dividedBy(2),
        listener);
  }

  /** Runs what is due now and then, never for long. */
  public ScheduledExecutorService timers() {
    return acceptLoop;
  }

  /** How many connections are open. */
  public int connectionCount() {
    return connections.count();
  }

  /**
   * Accepts nothing more, reads nothing more, lets the requests under way be answered, then closes
   * every connection and ends the threads. Pulls that wait for messages are told to try again.
   * Calling it again gives the same result.
   *
   * @param patience how long requests may take to be answered
   */
  public CompletionStage<Void> stop(Duration patience) {
    CompletableFuture<Void> promise = new CompletableFuture<>();
    if (!stopped.compareAndSet(null, promise)) {
      return Objects.requireNonNull(stopped.get());
    }
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    acceptLoop.execute(
        () -> {
          // First and at once, on the thread of all ports: whoever is seen off must not come back
          // into the backlog, where nobody would tell him anything.
          ports.values().forEach(Channel::close);
          connections.forEach(ClientConnection::stop);
          awaitClosed(deadlineNanos, promise);
        });
    return promise;
  }

  private void awaitClosed(long deadlineNanos, CompletableFuture<Void> promise) {
    if (connections.count() > 0 && System.nanoTime() - deadlineNanos < 0) {
      var unused =
          acceptLoop.schedule(
              () -> awaitClosed(deadlineNanos, promise), STOP_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      return;
    }
    if (connections.count() > 0) {
      LOG.info("{} connections are cut off", connections.count());
    }
    stopNow()
        .addListener(
            done -> {
              promise.complete(null);
            });
  }

  private Future<?> stopNow() {
    ports.values().forEach(Channel::close);
    connections.forEach(ClientConnection::close);
    Future<?> loopsEnded =
        loops.shutdownGracefully(LOOPS_QUIET_MILLIS, LOOPS_STOP_MILLIS, TimeUnit.MILLISECONDS);
    loopsEnded.addListener(
        done -> {
          names.close();
          acceptLoop.shutdownGracefully(
              LOOPS_QUIET_MILLIS, LOOPS_STOP_MILLIS, TimeUnit.MILLISECONDS);
        });
    return acceptLoop.terminationFuture();
  }
}
