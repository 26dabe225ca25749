package io.sampo.cluster.replication;

import io.sampo.storage.log.LogFailedException;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Flushes a log in the background, on a thread of its own, so that its writer never waits for the
 * disk: at every interval, and when it is told that much was written. Lives as a child of the
 * commit log, which therefore closes the files only when no flush is under way. Stops after a
 * failure, which is final.
 */
final class LogFlusher {
  private LogFlusher() {}

  /** What the flusher is told. */
  enum Command {
    /** The interval is over. */
    INTERVAL_OVER,
    /** Much was written since the last flush. */
    MUCH_WRITTEN
  }

  /** The dispatcher to spawn it on. */
  static DispatcherSelector dispatcher() {
    return DispatcherSelector.fromConfig("sampo.commit-log.flush-dispatcher");
  }

  /**
   * @param onFailure told the failure; called on the flusher's thread
   */
  static Behavior<Command> create(
      ReplicaLog log, Duration interval, Consumer<LogFailedException> onFailure) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Command.INTERVAL_OVER, interval);
          return Behaviors.receiveMessage(
              command -> {
                try {
                  flush(log);
                  return Behaviors.same();
                } catch (LogFailedException e) {
                  onFailure.accept(e);
                  return Behaviors.stopped();
                }
              });
        });
  }

  private static void flush(ReplicaLog log) throws LogFailedException {
    if (log.reader().flushedPosition() < log.reader().writtenPosition()) {
      log.flush();
    }
  }
}
