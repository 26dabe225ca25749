package io.sampo.bench.load;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How many sends may be under way at once. Any thread. */
final class Window {
  private static final long DRAIN_TIMEOUT_SECONDS = 30;

  private final Semaphore free;
  private final int size;

  Window(int size) {
    this.size = size;
    this.free = new Semaphore(size);
  }

  /** Waits for a place. */
  void enter() throws InterruptedException {
    free.acquire();
  }

  void leave() {
    free.release();
  }

  /** Waits until nothing is under way. */
  void awaitEmpty() throws InterruptedException {
    if (!free.tryAcquire(size, DRAIN_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          (size - free.availablePermits()) + " sends got no answer in 30 s");
    }
    free.release(size);
  }
}
