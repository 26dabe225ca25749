package io.sampo.routing.request;

import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.BoundsReply;
import io.sampo.actors.group.Queue.ReadAtFound;
import io.sampo.actors.group.Queue.ReadAtReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Asks queues of one log group for their bounds and for when one message of each was stored. When
 * one can't answer, its refusal answers the request. Any thread.
 */
final class QueueSurvey {
  /** Which message of a queue is asked about. */
  @FunctionalInterface
  interface Choice {
    long offset(QueueKey queue, Bounds bounds);
  }

  /**
   * What a queue said.
   *
   * @param storedAtMs when the chosen message was stored, 0 when there is no such message
   */
  record Fact(Bounds bounds, long storedAtMs) {}

  private static final int ONE_MESSAGE = 1; // a first message comes however large

  private final LeaderCache leaders;
  private final Exchange request;
  private final String logGroup;
  private final Choice choice;
  private final Consumer<Map<QueueKey, Fact>> receiver;
  private final Map<QueueKey, Fact> facts = new ConcurrentHashMap<>();
  private final AtomicInteger unanswered = new AtomicInteger();

  /**
   * @param receiver gets what all queues said
   */
  QueueSurvey(
      LeaderCache leaders,
      Exchange request,
      String logGroup,
      Choice choice,
      Consumer<Map<QueueKey, Fact>> receiver) {
    this.leaders = leaders;
    this.request = request;
    this.logGroup = logGroup;
    this.choice = choice;
    this.receiver = receiver;
  }

  /** Asks. Call once. */
  void ask(Set<QueueKey> queues) {
    if (queues.isEmpty()) {
      receiver.accept(Map.of());
      return;
    }
    unanswered.set(queues.size());
    for (QueueKey queue : queues) {
      leaders.tellQueue(logGroup, queue, new Queue.GetBounds(reply -> onBounds(queue, reply)));
    }
  }

  private void onBounds(QueueKey queue, BoundsReply reply) {
    if (reply instanceof Bounds bounds) {
      long offset = choice.offset(queue, bounds);
      if (offset < bounds.minOffset() || offset >= bounds.maxOffset()) {
        onFact(queue, new Fact(bounds, 0));
      } else {
        leaders.tellQueue(
            logGroup,
            queue,
            new Queue.ReadAt(
                new long[] {offset}, ONE_MESSAGE, read -> onRecord(queue, bounds, read)));
      }
    } else if (reply instanceof ReadRefused refused) {
      onRefused(queue, refused);
    }
  }

  private void onRecord(QueueKey queue, Bounds bounds, ReadAtReply reply) {
    if (reply instanceof ReadAtFound found) {
      long storedAtMs = 0;
      for (LogSlice slice : found.slices()) {
        try (slice) {
          ByteBuffer bytes = slice.bytes();
          storedAtMs = MessageRecord.storeTimestamp(bytes, bytes.position());
        }
      }
      onFact(queue, new Fact(bounds, storedAtMs));
    } else if (reply instanceof ReadRefused refused) {
      onRefused(queue, refused);
    }
  }

  private void onFact(QueueKey queue, Fact fact) {
    facts.put(queue, fact);
    if (unanswered.decrementAndGet() == 0) {
      receiver.accept(facts);
    }
  }

  private void onRefused(QueueKey queue, ReadRefused refused) {
    if (refused == ReadRefused.NOT_LEADING) {
      leaders.forgetQueue(logGroup, queue);
    }
    Refusals.of(refused).answer(request);
  }
}
