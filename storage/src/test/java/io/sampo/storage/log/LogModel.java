package io.sampo.storage.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a log should hold, as plainly as possible: per queue the list of its messages, and after
 * every closed batch how many there were in all.
 */
final class LogModel {
  private record Message(String body, int tagHash, long timestampMs, long position) {}

  private record Written(QueueKey queue, Message message) {}

  private final List<Written> inOrder = new ArrayList<>();
  private final Map<QueueKey, List<Message>> queues = new HashMap<>();
  private final TreeMap<Long, Integer> countAtEnd = new TreeMap<>(Map.of(0L, 0));
  private final TreeMap<Long, Long> epochAtEnd = new TreeMap<>(Map.of(0L, 0L));
  private long epoch;

  void appended(
      QueueKey queue, String body, int tagHash, long storeTimestampMs, RecordPlace place) {
    List<Message> messages = queues.computeIfAbsent(queue, key -> new ArrayList<>());
    assertThat(place.queueOffset).as("offset in %s", queue).isEqualTo(messages.size());
    long timestampMs =
        messages.isEmpty()
            ? storeTimestampMs
            : Math.max(storeTimestampMs, messages.get(messages.size() - 1).timestampMs);
    Message message = new Message(body, tagHash, timestampMs, place.position);
    messages.add(message);
    inOrder.add(new Written(queue, message));
  }

  void epochBegan(long newest) {
    epoch = newest;
  }

  /** Call when no batch is open. */
  void batchEnded(long writtenPosition) {
    countAtEnd.put(writtenPosition, inOrder.size());
    epochAtEnd.put(writtenPosition, epoch);
  }

  /** A crash left what was written up to a position, which must be the end of a batch. */
  void cutTo(long position) {
    assertThat(countAtEnd).as("ends of batches").containsKey(position);
    int count = countAtEnd.headMap(position, true).lastEntry().getValue();
    while (inOrder.size() > count) {
      Written last = inOrder.remove(inOrder.size() - 1);
      queues.computeIfPresent(
          last.queue,
          (queue, messages) -> {
            messages.remove(messages.size() - 1);
            return messages.isEmpty() ? null : messages;
          });
    }
    epoch = epochAtEnd.headMap(position, true).lastEntry().getValue();
    countAtEnd.tailMap(position, false).clear();
    epochAtEnd.tailMap(position, false).clear();
  }

  /** The highest end of a batch that isn't above a position. */
  long boundaryNotAbove(long position) {
    return countAtEnd.floorKey(Math.max(0, position));
  }

  int size() {
    return inOrder.size();
  }

  /** Compares everything that readers can see. */
  void assertSameAs(SegmentedLog log) {
    assertThat(log.epoch()).isEqualTo(epoch);
    assertThat(log.queues()).containsExactlyInAnyOrderElementsOf(queues.keySet());
    queues.forEach((queue, messages) -> assertSame(log, queue, messages));
  }

  private static void assertSame(SegmentedLog log, QueueKey queue, List<Message> messages) {
    QueueView view = log.queue(queue);
    assertThat(view.firstOffset()).isZero();
    assertThat(view.nextOffset()).as("%s", queue).isEqualTo(messages.size());
    int[] next = {0};
    long end =
        view.scan(
            0,
            Long.MAX_VALUE,
            (offset, position, sizeBytes, tagHash) -> {
              Message expected = messages.get(next[0]);
              assertThat(offset).isEqualTo(next[0]++);
              assertThat(position).isEqualTo(expected.position);
              assertThat(tagHash).isEqualTo(expected.tagHash);
              assertThat(Drafts.body(log, queue, offset, position, sizeBytes))
                  .isEqualTo(expected.body);
              return true;
            });
    assertThat(end).isEqualTo(messages.size());
    assertTimes(view, messages);
  }

  private static void assertTimes(QueueView view, List<Message> messages) {
    for (int i = 0; i < messages.size(); i += 1 + messages.size() / 3) {
      long time = messages.get(i).timestampMs + (i % 3) - 1;
      long expected = messages.size();
      for (int offset = 0; offset < messages.size(); offset++) {
        if (messages.get(offset).timestampMs >= time) {
          expected = offset;
          break;
        }
      }
      assertThat(view.offsetAtOrAfter(time, messages.size())).isEqualTo(expected);
    }
  }
}
