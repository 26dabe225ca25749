package io.sampo.storage.upkeep;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** How a thread ends that a part of the log has for itself. Any thread. */
public final class OwnThread {
  private OwnThread() {}

  /**
   * Waits until it has done what it was given, however long that takes: what it works with is about
   * to be closed. Who is interrupted meanwhile is so afterwards.
   */
  public static void end(ExecutorService thread) {
    thread.shutdown();
    boolean interrupted = false;
    boolean ended = false;
    while (!ended) {
      try {
        ended = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
