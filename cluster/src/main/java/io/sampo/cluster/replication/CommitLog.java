package io.sampo.cluster.replication;

import io.sampo.record.MessageDraft;
import io.sampo.storage.log.LogReader;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * SKELETON of the actor that owns a replica's log: its protocol, which the actors module builds on.
 */
public final class CommitLog {
  private CommitLog() {}

  /** What the commit log is told. */
  public sealed interface Command {}

  /** Asks to lead: the log takes a new epoch, makes it durable and serves appends that name it. */
  public record Lead(ActorRef<LeadReply> replyTo) implements Command {}

  /** The answer to {@link Lead}. */
  public sealed interface LeadReply {}

  /** The log is led under this epoch. */
  public record Leading(long epoch, LogReader log) implements LeadReply {}

  /** The log can't be led here; the reason is for people. */
  public record LeadRefused(String reason) implements LeadReply {}

  /**
   * Appends messages of one queue, all or none. Takes over the drafts and releases them.
   *
   * @param epoch the leadership that the sender acts under
   * @param drafts at least one, all of one queue
   * @param progress told once per batch how far the queue is committed; null when nobody reads
   *     along
   * @param replyTo answered once the acknowledgement rule holds, or with the refusal
   */
  public record Append(
      long epoch,
      List<MessageDraft> drafts,
      @Nullable ReplyTo<QueueCommitted> progress,
      ReplyTo<AppendReply> replyTo)
      implements Command, Undeliverable {
    @Override
    public void undelivered() {
      drafts.forEach(MessageDraft::release);
      replyTo.tell(AppendRefused.NOT_LEADING);
    }
  }

  /**
   * A queue's progress.
   *
   * @param nextOffset every message below it is committed
   * @param answered how many appends of the queue were answered (also refused ones) since the last
   *     such message
   */
  public record QueueCommitted(long nextOffset, int answered) {}
}
