package io.sampo.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.TimerTask;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.sampo.wire.FrameBudget;
import io.sampo.wire.FrameDecoder;
import io.sampo.wire.RemotingCommand;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Requests to addresses, and their answers: owns the IO threads, the timer and one connection per
 * address. Thread-safe. Futures complete on an IO thread or on the timer's, so what hangs on them
 * must not block.
 */
final class Transport implements AutoCloseable {
  private static final int FRAME_BYTES_MAX = 16 * 1024 * 1024;
  private static final long UNFINISHED_FRAMES_BYTES_MAX = 128L * 1024 * 1024;
  private static final int FLUSH_AFTER_WRITES = 256;
  private static final long TICK_MS = 20;
  private static final long SHUTDOWN_SECONDS_MAX = 5;

  private final ThreadGroup threads = new ThreadGroup("sampo-client");
  private final EventLoopGroup ioThreads;
  private final Timer timer;
  private final Bootstrap bootstrap;
  private final FrameBudget unfinishedFrames = new FrameBudget(UNFINISHED_FRAMES_BYTES_MAX);
  private final Map<String, Endpoint> endpoints = new ConcurrentHashMap<>();
  private final Greeter greeter;
  private final BiConsumer<String, RemotingCommand> onServerRequest;
  private volatile boolean closed;

  /**
   * @param greeter told of each connection that was made, before anything is sent over it
   * @param onServerRequest takes what servers ask or tell, see {@link Connection}
   */
  Transport(
      int ioThreadCount,
      Duration connectTimeout,
      Greeter greeter,
      BiConsumer<String, RemotingCommand> onServerRequest) {
    this.greeter = greeter;
    this.onServerRequest = onServerRequest;
    this.ioThreads =
        new MultiThreadIoEventLoopGroup(
            ioThreadCount, threadFactory("sampo-client-io"), NioIoHandler.newFactory());
    this.timer =
        new HashedWheelTimer(threadFactory("sampo-client-timer"), TICK_MS, TimeUnit.MILLISECONDS);
    this.bootstrap =
        new Bootstrap()
            .group(ioThreads)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connectTimeout.toMillis());
  }

  /** Sends a request; the future fails with {@link ClientException} or what the reader throws. */
  <T> CompletableFuture<T> call(String address, Request request, ResponseReader<T> reader) {
    return send(
        new PendingRequest<>(address, request, reader),
        pending -> endpoints.computeIfAbsent(address, this::endpoint).send(pending));
  }

  private <T> CompletableFuture<T> send(
      PendingRequest<T> pending, Consumer<PendingRequest<T>> way) {
    if (closed) {
      pending.fail(new TransportException("the client is closed", null));
      return pending.future();
    }
    try {
      pending.timeout(
          timer.newTimeout(pending, pending.request().timeout().toMillis(), TimeUnit.MILLISECONDS));
    } catch (IllegalStateException e) { // closed in the meantime
      pending.fail(new TransportException("the client is closed", e));
      return pending.future();
    }
    way.accept(pending);
    return pending.future();
  }

  /**
   * Runs something later, on the timer's thread: it must be short.
   *
   * @param ifClosed run instead when the client is closed before, so that nobody waits for ever
   */
  void schedule(Duration delay, Runnable action, Runnable ifClosed) {
    Scheduled scheduled = new Scheduled(action, ifClosed);
    try {
      if (!closed) {
        timer.newTimeout(scheduled, delay.toMillis(), TimeUnit.MILLISECONDS);
        return;
      }
    } catch (IllegalStateException e) {
      if (!closed) {
        throw e;
      }
    }
    ifClosed.run();
  }

  /** True on a thread that must not wait for an answer, since it is one that delivers them. */
  boolean isOwnThread() {
    return Thread.currentThread().getThreadGroup() == threads;
  }

  /** Fails what is pending, closes all connections and stops all threads. */
  @Override
  public void close() {
    closed = true;
    endpoints.values().forEach(Endpoint::close);
    ioThreads.shutdownGracefully(0, SHUTDOWN_SECONDS_MAX, TimeUnit.SECONDS).syncUninterruptibly();
    for (Timeout unfinished : timer.stop()) {
      if (unfinished.task() instanceof PendingRequest<?> pending) {
        pending.fail(new TransportException("the client is closed", null));
      } else if (unfinished.task() instanceof Scheduled scheduled) {
        scheduled.ifClosed.run();
      }
    }
  }

  private ThreadFactory threadFactory(String name) {
    return new DefaultThreadFactory(name, true, Thread.NORM_PRIORITY, threads);
  }

  private Endpoint endpoint(String address) {
    return new Endpoint(address, () -> connect(address), System::nanoTime);
  }

  private CompletionStage<Connection> connect(String address) {
    CompletableFuture<Connection> made = new CompletableFuture<>();
    InetSocketAddress remote;
    try {
      remote = Addresses.parse(address);
    } catch (IllegalArgumentException e) {
      made.completeExceptionally(e);
      return made;
    }
    // Made in the initializer, which runs on the IO thread before the connection becomes active.
    CompletableFuture<Connection> handler = new CompletableFuture<>();
    ChannelFuture connecting =
        bootstrap
            .clone()
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    Connection connection =
                        new Connection(
                            address, channel, command -> onServerRequest.accept(address, command));
                    channel
                        .pipeline()
                        .addLast(new FlushConsolidationHandler(FLUSH_AFTER_WRITES, true))
                        .addLast(new FrameDecoder(FRAME_BYTES_MAX, unfinishedFrames))
                        .addLast(connection);
                    handler.complete(connection);
                  }
                })
            .connect(remote);
    connecting.addListener(
        done -> {
          if (done.isSuccess()) {
            Connection connection = handler.join();
            greeter.onConnected(address, new Line(address, connection));
            made.complete(connection); // so that what waited for it goes behind the greeting
          } else {
            made.completeExceptionally(done.cause());
          }
        });
    return made;
  }

  /** Says what a server has to hear first. Runs on an IO thread and doesn't block. */
  interface Greeter {
    void onConnected(String address, Line line);
  }

  /** One connection, for what has to be said on it and on no other. */
  final class Line {
    private final String address;
    private final Connection connection;

    private Line(String address, Connection connection) {
      this.address = address;
      this.connection = connection;
    }

    /** As {@link Transport#call}. */
    <T> CompletableFuture<T> call(Request request, ResponseReader<T> reader) {
      return send(new PendingRequest<>(address, request, reader), connection::send);
    }
  }

  private record Scheduled(Runnable action, Runnable ifClosed) implements TimerTask {
    @Override
    public void run(Timeout expired) {
      action.run();
    }
  }
}
