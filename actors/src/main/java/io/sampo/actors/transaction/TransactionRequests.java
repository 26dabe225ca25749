package io.sampo.actors.transaction;

import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.record.MessageDraft;
import java.util.List;

/** What a {@link TransactionChecker} is asked for, and its answers. */
public final class TransactionRequests {
  private TransactionRequests() {}

  /** A request; each is answered once. */
  public sealed interface Request extends TransactionChecker.Command, Undeliverable {}

  /**
   * Stores a half message. Takes over the draft and releases it.
   *
   * @param half as {@link HalfMessage#toHalf} makes it
   * @param recognised whether it may be the retry of one, or have one
   */
  public record StoreHalf(MessageDraft half, boolean recognised, ReplyTo<HalfReply> replyTo)
      implements Request {
    @Override
    public void undelivered() {
      half.release();
      replyTo.tell(TransactionRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link StoreHalf}. */
  public sealed interface HalfReply {}

  /**
   * The half message is stored and waits for its end.
   *
   * @param offset its number among the half messages
   * @param position its place in the log
   */
  public record HalfStored(long offset, long position) implements HalfReply {}

  /**
   * This was the retry of a send whose answer was missed; that half message waits for its end.
   *
   * @param offset its number among the half messages
   * @param position its place in the log
   * @param queueId the queue that it goes to
   */
  public record StoredBefore(long offset, long position, int queueId) implements HalfReply {}

  /** What becomes of a half message. */
  public enum Outcome {
    /** The message is delivered. */
    COMMIT,
    /** It never is. */
    ROLLBACK
  }

  /**
   * Ends a half message, also a parked one.
   *
   * @param offset as it was answered when it was stored
   * @param position as well
   * @param producerGroup the one that sent it
   */
  public record EndHalf(
      long offset, long position, String producerGroup, Outcome outcome, ReplyTo<EndReply> replyTo)
      implements Request {
    @Override
    public void undelivered() {
      replyTo.tell(TransactionRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link EndHalf} and {@link ResumeChecks}. */
  public sealed interface EndReply {}

  /** It is done, and durable. */
  public enum TransactionDone implements EndReply {
    INSTANCE
  }

  /** Has the producers of a parked half message asked again, as often as those of a new one. */
  public record ResumeChecks(long position, ReplyTo<EndReply> replyTo) implements Request {
    @Override
    public void undelivered() {
      replyTo.tell(TransactionRefused.NOT_LEADING);
    }
  }

  /**
   * Asks for what is undecided.
   *
   * @param parkedAfter of the parked ones only those behind this offset, -1 for all
   * @param parkedMax how many of them
   */
  public record GetPending(long parkedAfter, int parkedMax, ReplyTo<PendingReply> replyTo)
      implements Request {
    @Override
    public void undelivered() {
      replyTo.tell(TransactionRefused.NOT_LEADING);
    }
  }

  /**
   * Asks which part of the log is still needed.
   *
   * @param replyTo told the position of the oldest half message without an end, {@link
   *     Long#MAX_VALUE} when there is none
   */
  public record GetOldestNeeded(ReplyTo<Long> replyTo) implements Request {
    @Override
    public void undelivered() {
      replyTo.tell(0L);
    }
  }

  /** The answer to {@link GetPending}. */
  public sealed interface PendingReply {}

  /**
   * What is undecided.
   *
   * @param undecided how many half messages have no end
   * @param parkedCount how many of them are parked
   * @param parked of those as many as were asked for, oldest first
   */
  public record Pending(int undecided, int parkedCount, List<HalfState> parked)
      implements PendingReply {}

  /** The log refused; nothing changed if it is {@link AppendRefused#isCertain() certain}. */
  public record NotStored(AppendRefused reason) implements HalfReply, EndReply {}

  /** Why a request was refused; nothing changed. */
  public enum TransactionRefused implements HalfReply, EndReply, PendingReply {
    /** As many half messages are undecided as may be; try again. */
    TOO_MANY_PENDING,
    /** None waits for an end there: it never did, or has its end already. */
    NO_SUCH_HALF,
    /** The half message was sent by another producer group. */
    OTHER_PRODUCER_GROUP,
    /** Another end of it is being stored. */
    ENDS_ALREADY,
    /** No half message is parked there, or it is being resumed or ended. */
    NOT_PARKED,
    /** The half message can't be read; the node's log says why. */
    READ_FAILED,
    /** The log group is not, or no longer, led here, or too many wait for it; try again. */
    NOT_LEADING
  }
}
