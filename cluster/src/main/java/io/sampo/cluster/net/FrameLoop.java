package io.sampo.cluster.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of all connections with other nodes: it makes and takes them, reads what comes, sends
 * on what found no room, and ends those that are silent. It sleeps while there is none.
 *
 * <p>Always holds: what goes wrong on one connection ends that one; nothing is done here that
 * waits, also not for a name server. When the thread ends and nobody wanted that (by an {@link
 * Error}, or a mistake in this package) its owner is told, all connections end and all ports close.
 */
public final class FrameLoop {
  private static final Logger LOG = LoggerFactory.getLogger(FrameLoop.class);
  private static final long TICK_MS = 100;
  private static final int READ_BYTES = 256 << 10;
  private static final int BACKLOG = 128;

  private final Selector selector;
  private final Executor blocking;
  private final Traffic traffic;
  private final Consumer<Throwable> onBroken;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean closing;

  // The loop's thread only.
  private final ByteBuffer received = ByteBuffer.allocateDirect(READ_BYTES);
  private final Set<FrameConnection> connections = new HashSet<>();
  private final List<FrameListener> listeners = new ArrayList<>();
  private long tickedNanos;

  private FrameLoop(
      Selector selector,
      String threadName,
      Executor blocking,
      Traffic traffic,
      Consumer<Throwable> onBroken) {
    this.selector = selector;
    this.blocking = blocking;
    this.traffic = traffic;
    this.onBroken = onBroken;
    this.thread = new Thread(this::run, threadName);
    thread.setDaemon(true);
  }

  /**
   * Starts the thread.
   *
   * @param blocking where names are looked up, which may wait
   * @param traffic counts what goes over the connections
   * @param onBroken told on the thread when it ends though nobody wanted that; must not throw
   */
  public static FrameLoop start(
      String threadName, Executor blocking, Traffic traffic, Consumer<Throwable> onBroken) {
    try {
      FrameLoop loop = new FrameLoop(Selector.open(), threadName, blocking, traffic, onBroken);
      loop.thread.start();
      return loop;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Connects with another node; what is sent meanwhile is kept. That it doesn't come about is told
   * as the end of a connection is.
   *
   * @param address may be one whose name was not looked up yet
   */
  public FrameConnection connect(
      InetSocketAddress address, ConnectionRules rules, FrameHandler handler) {
    FrameConnection connection = new FrameConnection(this, rules, handler);
    try {
      blocking.execute(
          () -> {
            InetSocketAddress found = lookedUp(address);
            execute(
                () -> {
                  connections.add(connection);
                  connection.connectTo(found);
                });
          });
    } catch (RejectedExecutionException e) {
      execute(() -> connection.finish(e));
    }
    return connection;
  }

  /**
   * Takes connections from now on.
   *
   * @param address port 0 takes a free one
   * @param acceptor asked for each connection that comes
   * @return where it listens; fails when the port is taken
   */
  public CompletionStage<InetSocketAddress> listen(
      InetSocketAddress address, ConnectionRules rules, FrameListener.Acceptor acceptor) {
    CompletableFuture<InetSocketAddress> bound = new CompletableFuture<>();
    blocking.execute(
        () -> {
          InetSocketAddress found = lookedUp(address);
          execute(() -> bind(found, rules, acceptor, bound));
        });
    return bound;
  }

  private void bind(
      InetSocketAddress address,
      ConnectionRules rules,
      FrameListener.Acceptor acceptor,
      CompletableFuture<InetSocketAddress> bound) {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open();
      try {
        channel.configureBlocking(false);
        channel.bind(address, BACKLOG);
        FrameListener listener = new FrameListener(this, channel, rules, acceptor);
        listener.listen(channel.register(selector, SelectionKey.OP_ACCEPT, listener));
        listeners.add(listener);
        bound.complete((InetSocketAddress) channel.getLocalAddress());
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      bound.completeExceptionally(e);
    }
  }

  private static InetSocketAddress lookedUp(InetSocketAddress address) {
    return address.isUnresolved()
        ? new InetSocketAddress(address.getHostString(), address.getPort())
        : address;
  }

  /** Ends all connections; done when that is done. */
  public CompletionStage<Void> close() {
    closing = true;
    selector.wakeup();
    return ended;
  }

  Traffic traffic() {
    return traffic;
  }

  /** Has something done on the loop's thread; nothing happens when it has ended. */
  void execute(Runnable task) {
    tasks.add(task);
    if (Thread.currentThread() != thread) {
      selector.wakeup();
    }
  }

  SelectionKey register(SelectableChannel channel, int operations, FrameConnection connection)
      throws IOException {
    connections.add(connection);
    return channel.register(selector, operations, connection);
  }

  void forget(FrameConnection connection) {
    connections.remove(connection);
  }

  private void run() {
    try {
      while (!closing) {
        if (connections.isEmpty() && listeners.stream().noneMatch(FrameListener::isPausing)) {
          selector.select(this::onReady);
        } else {
          selector.select(this::onReady, TICK_MS);
        }
        runTasks();
        tick();
      }
    } catch (Throwable e) { // whatever it is, the node must not go on without this thread
      closing = true;
      onBroken.accept(e);
    } finally {
      end();
    }
  }

  private void onReady(SelectionKey key) {
    if (key.attachment() instanceof FrameConnection connection) {
      connection.onReady(received);
    } else if (key.attachment() instanceof FrameListener listener) {
      listener.onReady();
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private void tick() {
    long nowNanos = System.nanoTime();
    if (nowNanos - tickedNanos < TimeUnit.MILLISECONDS.toNanos(TICK_MS)) {
      return;
    }
    tickedNanos = nowNanos;
    listeners.forEach(FrameListener::goOn);
    for (FrameConnection connection : List.copyOf(connections)) {
      connection.onTick(nowNanos);
    }
  }

  private void end() {
    closing = true;
    try {
      runTasks();
      List.copyOf(connections).forEach(connection -> connection.finish(null));
    } finally {
      listeners.forEach(FrameListener::close);
      try {
        selector.close();
      } catch (IOException e) {
        LOG.debug("the selector was not closed cleanly", e);
      }
      ended.complete(null);
    }
  }
}
