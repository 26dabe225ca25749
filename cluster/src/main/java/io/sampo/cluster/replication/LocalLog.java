package io.sampo.cluster.replication;

import io.sampo.storage.log.LogReader;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A log of this node as others on the node see it: whom to tell, where to read, and how far. The
 * commit log actor writes it, any thread reads it.
 *
 * <p>Epoch and commit position are two fields and read one after the other: a reader that saw an
 * epoch may find a commit position of a later one, which is never lower.
 */
public final class LocalLog {
  private final String logGroup;
  private final ActorRef<CommitLog.Command> commitLog;
  private final LogReader reader;
  private volatile long ledEpoch;
  private volatile long committedPosition;
  private volatile @Nullable ReplicaStatus status;
  private volatile long toldAtNs = System.nanoTime();

  LocalLog(String logGroup, ActorRef<CommitLog.Command> commitLog, LogReader reader) {
    this.logGroup = logGroup;
    this.commitLog = commitLog;
    this.reader = reader;
  }

  /** The log group whose replica this is. */
  public String logGroup() {
    return logGroup;
  }

  /** The actor that owns the log. */
  public ActorRef<CommitLog.Command> commitLog() {
    return commitLog;
  }

  /** The read side. It shows more than is committed, see {@link #committedPosition()}. */
  public LogReader reader() {
    return reader;
  }

  /** The epoch under which the log is led here, 0 when it isn't. */
  public long ledEpoch() {
    return ledEpoch;
  }

  /**
   * Records that start below this position are committed and may be shown; those at or above it may
   * still be lost. 0 until the log is led for the first time. Never falls.
   */
  public long committedPosition() {
    return committedPosition;
  }

  /** What the replica was a moment ago; null before it first said so. */
  public @Nullable ReplicaStatus status() {
    return status;
  }

  /**
   * Whether the log's actor has not had a turn for longer than that: its disk neither carries out
   * what it was told to nor says that it can't.
   */
  public boolean isStuckFor(Duration limit) {
    return System.nanoTime() - toldAtNs > limit.toNanos();
  }

  /** Commit log's thread, many times in a second. */
  void status(ReplicaStatus newStatus) {
    status = newStatus;
    toldAtNs = System.nanoTime();
  }

  /** Commit log's thread. */
  void led(long epoch, long committedTo) {
    committedPosition = committedTo;
    ledEpoch = epoch;
  }

  /** Commit log's thread. */
  void leadershipEnded() {
    ledEpoch = 0;
  }

  /** Commit log's thread. */
  void committed(long position) {
    committedPosition = position;
  }
}
