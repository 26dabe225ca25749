package io.sampo.client;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What the parts of one consumer share.
 *
 * @param client connections, routes, heartbeats
 * @param settings how to consume
 * @param timer runs delayed tasks on the loop thread
 * @param loop the thread that owns the state of queues and assignment; after the end it does
 *     nothing
 * @param listeners the threads that listeners run on
 */
record ConsumerContext(
    SampoClient client,
    ConsumerSettings settings,
    ScheduledThreadPoolExecutor timer,
    Executor loop,
    Executor listeners) {
  static ConsumerContext of(
      SampoClient client,
      ConsumerSettings settings,
      ScheduledThreadPoolExecutor timer,
      Executor listeners) {
    return new ConsumerContext(client, settings, timer, ignoringEnd(timer), ignoringEnd(listeners));
  }

  /** Runs a task on the loop thread after a pause, unless the consumer has ended by then. */
  void later(Duration pause, Runnable task) {
    try {
      timer.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      if (!timer.isShutdown()) {
        throw e;
      }
    }
  }

  /** Answers that come after the end have nobody left to care. */
  private static Executor ignoringEnd(Executor executor) {
    return task -> {
      try {
        executor.execute(task);
      } catch (RejectedExecutionException e) {
        // Neither executor has a bound, so this is the end and nothing else.
      }
    };
  }
}
