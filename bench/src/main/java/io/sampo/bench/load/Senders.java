package io.sampo.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a load that send. A failure in one surfaces when they are joined. Owned by the
 * load's main thread.
 */
final class Senders {
  private static final long JOIN_TIMEOUT_MS = TimeUnit.SECONDS.toMillis(30);

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  /** What a sending thread does; interruption ends it. */
  interface Task {
    void run() throws Exception;
  }

  void start(String name, Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (Exception e) {
                failure.compareAndSet(null, e);
              }
            },
            name);
    thread.setDaemon(true);
    thread.start();
    threads.add(thread);
  }

  void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join(JOIN_TIMEOUT_MS);
      if (thread.isAlive()) {
        throw new IllegalStateException(thread.getName() + " doesn't end");
      }
    }
    Throwable first = failure.get();
    if (first != null) {
      throw new IllegalStateException("a sending thread failed", first);
    }
  }
}
