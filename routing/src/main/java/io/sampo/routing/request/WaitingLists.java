package io.sampo.routing.request;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.schedule.Scheduler.ListPending;
import io.sampo.actors.schedule.Scheduler.PendingMessage;
import io.sampo.actors.transaction.HalfState;
import io.sampo.actors.transaction.TransactionRequests;
import io.sampo.actors.transaction.TransactionRequests.GetPending;
import io.sampo.record.MessageIds;
import io.sampo.routing.request.Brokers.Broker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.jspecify.annotations.Nullable;

/**
 * Lists what waits in a log group, a page at a time, for those who look after a node: half messages
 * that are parked, and messages that are delivered later. An extension because Pekko makes who asks
 * for them. Any thread.
 */
public final class WaitingLists implements Extension {
  /** The most entries of a page. */
  public static final int PAGE_MAX = Scheduler.LIST_MAX;

  private static final Id ID = new Id();
  private static final int TIMEOUT_SECONDS = 5;

  /** Null until clients are let in. */
  private volatile @Nullable Source source;

  private record Source(LeaderCache leaders, Brokers brokers) {}

  private WaitingLists() {}

  /** The lists of a node. */
  public static WaitingLists get(ActorSystem<?> system) {
    return ID.apply(system);
  }

  void serve(LeaderCache leaders, Brokers brokers) {
    source = new Source(leaders, brokers);
  }

  /** An answer. */
  public sealed interface Answer {}

  /**
   * Parked half messages.
   *
   * @param undecided how many half messages have no end
   * @param parked how many of them are parked
   * @param next where the next page begins, null when there is none
   */
  public record ParkedPage(
      String logGroup, int undecided, int parked, List<ParkedHalf> messages, @Nullable Long next)
      implements Answer {}

  /**
   * A parked half message.
   *
   * @param offset its number among the half messages
   * @param msgId what 323 resumes it by
   * @param checks how often its producers were asked
   */
  public record ParkedHalf(long offset, String msgId, int checks) {}

  /**
   * Messages that are delivered later, the next one first.
   *
   * @param complete false while the log is still being read: then there may be more
   * @param waiting how many wait altogether
   * @param next where the next page begins, null when there is none
   */
  public record TimerPage(
      String logGroup,
      boolean complete,
      long waiting,
      List<Timer> messages,
      @Nullable NextTimers next)
      implements Answer {}

  /**
   * A message that is delivered later.
   *
   * @param dueMs milliseconds since the epoch
   * @param offset its number among all that were to be delivered later
   * @param uniqueKey the id that its producer gave it, null without one
   */
  public record Timer(
      long dueMs,
      long offset,
      String msgId,
      String topic,
      int queueId,
      @Nullable String uniqueKey) {}

  /** Behind the last message of a page. */
  public record NextTimers(long from, long after) {}

  /** Why there is no list. */
  public enum NoList implements Answer {
    /** This node has no such log group. */
    NO_SUCH_LOG_GROUP,
    /** It is not led here, or doesn't answer in time; try again. */
    NOT_NOW
  }

  /**
   * Parked half messages, oldest first.
   *
   * @param after the number behind which the page begins, -1 for the first page
   * @param limit 1 to {@link #PAGE_MAX}
   */
  public CompletionStage<Answer> parked(String logGroup, long after, int limit) {
    Source from = source;
    Broker broker = from == null ? null : find(from, logGroup);
    if (from == null || broker == null) {
      return none(from);
    }
    CompletableFuture<TransactionRequests.PendingReply> reply = new CompletableFuture<>();
    from.leaders()
        .tellPart(
            logGroup, LogGroup.Part.TRANSACTIONS, new GetPending(after, limit, reply::complete));
    return inTime(
        reply.thenApply(
            pending ->
                pending instanceof TransactionRequests.Pending found
                    ? page(broker, found, limit)
                    : NoList.NOT_NOW));
  }

  private static ParkedPage page(Broker broker, TransactionRequests.Pending found, int limit) {
    List<HalfState> halves = found.parked();
    return new ParkedPage(
        broker.name(),
        found.undecided(),
        found.parkedCount(),
        halves.stream()
            .map(
                half ->
                    new ParkedHalf(
                        half.offset(),
                        MessageIds.encode(broker.storeHost(), half.position()),
                        half.checks()))
            .toList(),
        halves.size() < limit ? null : halves.get(halves.size() - 1).offset());
  }

  /**
   * Messages that are delivered later, in the order of delivery.
   *
   * @param fromMs due from this time on, in milliseconds since the epoch
   * @param after of those of that very time only the ones behind this number, -1 for all
   * @param limit 1 to {@link #PAGE_MAX}
   */
  public CompletionStage<Answer> timers(String logGroup, long fromMs, long after, int limit) {
    Source from = source;
    Broker broker = from == null ? null : find(from, logGroup);
    if (from == null || broker == null) {
      return none(from);
    }
    CompletableFuture<Scheduler.PendingReply> reply = new CompletableFuture<>();
    from.leaders()
        .tellPart(
            logGroup,
            LogGroup.Part.SCHEDULE,
            new ListPending(fromMs, after, limit, reply::complete));
    return inTime(
        reply.thenApply(
            pending ->
                pending instanceof Scheduler.Pending found
                    ? page(broker, found, limit)
                    : NoList.NOT_NOW));
  }

  private static TimerPage page(Broker broker, Scheduler.Pending found, int limit) {
    List<PendingMessage> messages = found.messages();
    NextTimers next = null;
    if (messages.size() >= limit) {
      PendingMessage last = messages.get(messages.size() - 1);
      next = new NextTimers(last.dueMs(), last.offset());
    }
    return new TimerPage(
        broker.name(),
        found.complete(),
        found.count(),
        messages.stream().map(message -> timer(broker, message)).toList(),
        next);
  }

  private static Timer timer(Broker broker, PendingMessage message) {
    return new Timer(
        message.dueMs(),
        message.offset(),
        MessageIds.encode(broker.storeHost(), message.position()),
        message.target().topic(),
        message.target().queueId(),
        message.uniqueKey());
  }

  private static @Nullable Broker find(Source source, String logGroup) {
    for (Broker broker : source.brokers().brokers()) {
      if (broker.name().equals(logGroup)) {
        return broker;
      }
    }
    return null;
  }

  private static CompletionStage<Answer> none(@Nullable Source source) {
    return CompletableFuture.completedFuture(
        source == null ? NoList.NOT_NOW : NoList.NO_SUCH_LOG_GROUP);
  }

  private static CompletionStage<Answer> inTime(CompletableFuture<Answer> answer) {
    return answer.completeOnTimeout(NoList.NOT_NOW, TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private static final class Id extends ExtensionId<WaitingLists> {
    @Override
    public WaitingLists createExtension(ActorSystem<?> system) {
      return new WaitingLists();
    }
  }
}
