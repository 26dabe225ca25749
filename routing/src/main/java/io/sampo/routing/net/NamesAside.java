package io.sampo.routing.net;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Resolves the names of other nodes' hosts on a thread of its own, {@code sampo-net-names}, which
 * is there while it is needed: the JDK's way may wait for a name server, and event loops never
 * wait.
 */
final class NamesAside extends AddressResolverGroup<InetSocketAddress> {
  private static final long IDLE_SECONDS = 10;

  private final ExecutorService names;

  NamesAside() {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // of connections to other nodes, which are few
            new DefaultThreadFactory("sampo-net-names", true));
    executor.allowCoreThreadTimeOut(true);
    this.names = executor;
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new Resolver(executor, names).asAddressResolver();
  }

  /** Resolves nothing any more. */
  @Override
  public void close() {
    names.shutdownNow();
    super.close();
  }

  private static final class Resolver extends InetNameResolver {
    private final ExecutorService names;

    Resolver(EventExecutor executor, ExecutorService names) {
      super(executor);
      this.names = names;
    }

    @Override
    protected void doResolve(String host, Promise<InetAddress> promise) {
      aside(promise, () -> promise.trySuccess(InetAddress.getByName(host)));
    }

    @Override
    protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
      aside(promise, () -> promise.trySuccess(List.of(InetAddress.getAllByName(host))));
    }

    private interface Step {
      void run() throws UnknownHostException;
    }

    private void aside(Promise<?> promise, Step step) {
      try {
        names.execute(
            () -> {
              try {
                step.run();
              } catch (UnknownHostException e) {
                promise.tryFailure(e);
              }
            });
      } catch (RejectedExecutionException e) {
        promise.tryFailure(e); // the node stops
      }
    }
  }
}
