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

  private final ScriptedReplicaLog log = new ScriptedReplicaLog();

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
        progress.appended(queue, queue.key, nextOffset);
        expected.merge(
            queue,
            new QueueCommitted(nextOffset, 1),
            (before, now) -> new QueueCommitted(now.nextOffset(), before.answered() + 1));
      }

      if (batch % 7 == 0) {
        progress.clear();
        expected.clear();
      }
      progress.tellCommitted(log);

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
  void aQueueWithOnlyRefusedAppendsStaysWhereTheLogSaysItIs() {
    BatchProgress progress = new BatchProgress(1);
    Told queue = new Told(0);

    progress.refused(queue, queue.key);
    progress.refused(queue, queue.key);
    progress.tellCommitted(log);

    assertThat(queue.heard).containsExactly(new QueueCommitted(0, 2));
  }
}
