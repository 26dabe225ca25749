package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchProgressTest {
  private static final int QUEUES_MAX = 37;

  /** A queue that notes what it is told. */
  private static final class Told implements ReplyTo<QueueCommitted> {
    private final QueueKey key;
    private final List<QueueCommitted> heard = new ArrayList<>();

    Told(int number) {
      key = new QueueKey("topic", number);
    }

    @Override
    public void tell(QueueCommitted reply) {
      heard.add(reply);
    }
  }

  @Test // against a plain map, over many batches, so that nothing of one is left in the next
  void tellsEveryQueueOnceWhatAMapWouldHaveCounted() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    BatchProgress progress = new BatchProgress(QUEUES_MAX);
    List<Told> queues = new ArrayList<>();
    for (int i = 0; i < QUEUES_MAX; i++) {
      queues.add(new Told(i));
    }
    for (int batch = 0; batch < 500; batch++) {
      Map<Told, QueueCommitted> expected = new HashMap<>();
      int appends = random.nextInt(200);
      for (int i = 0; i < appends; i++) {
        Told queue = queues.get(random.nextInt(QUEUES_MAX));
        long nextOffset = random.nextInt(1_000_000);
        progress.committed(queue, nextOffset);
        expected.merge(
            queue,
            new QueueCommitted(nextOffset, 1),
            (before, now) ->
                new QueueCommitted(
                    Math.max(before.nextOffset(), now.nextOffset()), before.answered() + 1));
      }

      progress.tell();

      assertThat(progress.isEmpty()).isTrue();
      for (Told queue : queues) {
        QueueCommitted told = expected.get(queue);
        assertThat(queue.heard)
            .as("seed %d, batch %d, queue %s", seed, batch, queue.key)
            .isEqualTo(told == null ? List.of() : List.of(told));
        queue.heard.clear();
      }
    }
  }

  @Test
  void tellsWhatItHasWhenThereIsNoRoomForAnotherQueue() {
    BatchProgress progress = new BatchProgress(1);
    Told first = new Told(0);
    Told second = new Told(1);

    progress.committed(first, 7);
    progress.committed(first, 8);
    progress.committed(second, 3);
    assertThat(first.heard).containsExactly(new QueueCommitted(8, 2));
    assertThat(second.heard).isEmpty();
    progress.tell();

    assertThat(first.heard).hasSize(1);
    assertThat(second.heard).containsExactly(new QueueCommitted(3, 1));
  }
}
