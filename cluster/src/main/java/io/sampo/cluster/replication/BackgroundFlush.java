package io.sampo.cluster.replication;

import org.apache.pekko.actor.typed.ActorRef;

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
  BackgroundFlush(ActorRef<LogFlusher.Command> flusher, long bytesMax) {
    this.flusher = flusher;
    this.bytesMax = bytesMax;
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
