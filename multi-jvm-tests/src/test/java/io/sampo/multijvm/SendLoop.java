package io.sampo.multijvm;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.official.ClientFailed;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A thread that repeats a step with a pause until it is stopped. The step records its own outcome;
 * when it fails as sends do on a dead node, the next one comes after a moment. Anything else that
 * it throws ends the loop and is thrown by {@link #stop}.
 */
final class SendLoop implements AutoCloseable {
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(50);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

  private final String name;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
  private volatile boolean stopped;

  private SendLoop(String name) {
    this.name = name;
  }

  /** One step. */
  interface Step {
    void run() throws ClientFailed;
  }

  static SendLoop start(String name, Duration pause, Step step) {
    SendLoop loop = new SendLoop(name);
    Thread thread = new Thread(() -> loop.run(pause, step), "loop-" + name);
    thread.setDaemon(true);
    thread.start();
    return loop;
  }

  private void run(Duration pause, Step step) {
    try {
      while (!stopped) {
        try {
          step.run();
          Await.breathe(pause);
        } catch (ClientFailed e) {
          Await.breathe(PAUSE_AFTER_FAILURE);
        }
      }
    } catch (RuntimeException | Error e) {
      broken.set(e);
    } finally {
      ended.countDown();
    }
  }

  /** Ends the loop after the step that it is at. */
  void stop() throws InterruptedException {
    stopped = true;
    if (!ended.await(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError(name + " is still at a step");
    }
    Throwable cause = broken.get();
    if (cause != null) {
      throw new AssertionError(name + " broke", cause);
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
