package io.sampo.cluster.replication;

import io.sampo.storage.log.LogFailedException;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * Has the {@link LogFlusher} flush early when much was written, by whomever. The commit log's
 * thread only.
 */
final class BackgroundFlush {
  private final ActorRef<LogFlusher.Command> flusher;
  private final long bytesMax;
  private long askedAt;

  /**
   * @param bytesMax how much may be written before it is flushed
   */
  private BackgroundFlush(ActorRef<LogFlusher.Command> flusher, long bytesMax) {
    this.flusher = flusher;
    this.bytesMax = bytesMax;
  }

  /**
   * Starts a flusher as a child of the commit log.
   *
   * @param onFailure told of the failure after which there is none; on the flusher's thread
   */
  static BackgroundFlush start(
      ActorContext<?> context,
      ReplicaLog log,
      CommitLogSettings.BackgroundFlush settings,
      Consumer<LogFailedException> onFailure) {
    return new BackgroundFlush(
        context.spawn(
            LogFlusher.create(log, settings.interval(), onFailure),
            "flusher",
            LogFlusher.dispatcher()),
        settings.bytes());
  }

  void written(long writtenPosition) {
    if (writtenPosition - askedAt >= bytesMax) {
      flusher.tell(LogFlusher.Command.MUCH_WRITTEN);
      askedAt = writtenPosition;
    } else if (writtenPosition < askedAt) { // the log was cut
      askedAt = writtenPosition;
    }
  }
}
