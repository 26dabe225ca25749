package io.sampo.actors.group;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogSlice;
import java.util.List;

/** SKELETON of the queue actor: its protocol, which the routing module builds on. */
public final class Queue {
  private Queue() {}

  /** What a queue is told. */
  public sealed interface Command {}

  /** Appends messages, all or none; takes over the drafts and releases them. */
  public record Append(List<MessageDraft> messages, ReplyTo<AppendReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      messages.forEach(MessageDraft::release);
      replyTo.tell(AppendRefused.NOT_LEADING);
    }
  }

  /**
   * Reads from an offset; waits for messages when there are none.
   *
   * @param offset the first offset wanted
   * @param limits how much
   * @param filter which messages
   * @param waitMillis how long the answer may wait for a message, 0 not at all
   */
  public record Pull(
      long offset,
      PullLimits limits,
      EntryFilter filter,
      long waitMillis,
      ReplyTo<PullReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** How much one pull may bring. At least one message comes, however large. */
  public record PullLimits(int messages, int bytes) {}

  /** Decides by what the index knows. */
  @FunctionalInterface
  public interface EntryFilter {
    EntryFilter ALL = tagHash -> true;

    boolean matches(int tagHash);
  }

  /** The answer to a pull. */
  public sealed interface PullReply {}

  /**
   * Messages.
   *
   * @param slices their records in order; whoever gets this closes them
   * @param nextOffset where to go on, after the last entry looked at
   */
  public record Found(
      List<LogSlice> slices, int messages, long nextOffset, long minOffset, long maxOffset)
      implements PullReply {}

  /** Nothing new came within the wait. */
  public record NothingNew(long nextOffset, long minOffset, long maxOffset) implements PullReply {}

  /** Entries were looked at and none matched. */
  public record NothingMatched(long nextOffset, long minOffset, long maxOffset)
      implements PullReply {}

  /** The offset is outside the queue; go on at {@code nextOffset}. */
  public record OffsetMoved(long nextOffset, long minOffset, long maxOffset) implements PullReply {}

  /** Why a read was not done. Only a pull can be refused as {@link #TOO_MANY_WAITING}. */
  public enum ReadRefused implements PullReply, BoundsReply, SearchReply {
    /** Too many pulls wait at this queue. */
    TOO_MANY_WAITING,
    /** The log could not be read; the node's log says why. */
    READ_FAILED,
    /** The queue is not, or no longer, led here; try again. */
    NOT_LEADING
  }

  /** Asks for the bounds of what is committed. */
  public record GetBounds(ReplyTo<BoundsReply> replyTo) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetBounds}. */
  public sealed interface BoundsReply {}

  /**
   * The offsets of a queue.
   *
   * @param minOffset the oldest message
   * @param maxOffset after the newest committed message
   * @param oldestStoreTimestampMs when the oldest message was stored, -1 when there is none
   */
  public record Bounds(long minOffset, long maxOffset, long oldestStoreTimestampMs)
      implements BoundsReply {}

  /**
   * Asks for the first offset stored at or after a time, or with {@code upper} the last one at or
   * before it.
   */
  public record SearchOffset(long timestampMs, boolean upper, ReplyTo<SearchReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(ReadRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link SearchOffset}. */
  public sealed interface SearchReply {}

  /** The offset that was searched. */
  public record OffsetFound(long offset) implements SearchReply {}
}
