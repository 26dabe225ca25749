package io.sampo.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QueueWindowTest {
  private static final TopicQueue QUEUE = new TopicQueue("T", "b", 0);

  private static ReceivedMessage message(long offset) {
    MessageDraft draft = MessageDraft.to(new QueueKey("T", 0)).build();
    ByteBuffer record = ByteBuffer.allocate(MessageRecordWriter.sizeOf(draft));
    MessageRecordWriter.encode(draft, offset, 0, 0, record, 0);
    return new ReceivedMessage(QUEUE, record);
  }

  private static List<ReceivedMessage> messages(long from, long end) {
    List<ReceivedMessage> list = new ArrayList<>();
    for (long offset = from; offset < end; offset++) {
      list.add(message(offset));
    }
    return list;
  }

  private static QueueWindow.Entry started(QueueWindow window) {
    QueueWindow.@Nullable Entry entry = window.start();
    if (entry == null) {
      throw new AssertionError("nothing to start");
    }
    return entry;
  }

  @Test
  void withOneAtATimeMessagesStartInOrderAndAFailingOneHoldsTheRest() {
    QueueWindow window = new QueueWindow(1, 100, 1 << 20);
    window.reset(5);
    window.add(messages(5, 8), 8);

    QueueWindow.Entry first = started(window);
    assertThat(first.message().queueOffset()).isEqualTo(5);
    assertThat(window.start()).isNull();
    window.failed(first);
    assertThat(window.start()).isNull();
    assertThat(window.lowestUnprocessed()).isEqualTo(5);
    assertThat(first.failures()).isEqualTo(1);

    assertThat(window.restart(first)).isTrue();
    window.succeeded(first);
    assertThat(window.lowestUnprocessed()).isEqualTo(6);
    assertThat(started(window).message().queueOffset()).isEqualTo(6);
  }

  @Test
  void theOffsetWaitsForTheLowestWhicheverOrderTheyEndIn() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    QueueWindow window = new QueueWindow(8, 1000, 1 << 20);
    window.reset(0);
    List<QueueWindow.Entry> running = new ArrayList<>();
    TreeSet<Long> unprocessed = new TreeSet<>();
    long end = 0;
    for (int step = 0; step < 5_000; step++) {
      switch (random.nextInt(3)) {
        case 0 -> {
          int count = random.nextInt(4);
          List<ReceivedMessage> added = messages(end, end + count);
          added.forEach(message -> unprocessed.add(message.queueOffset()));
          end += count + random.nextInt(2); // at times the broker has filtered one out
          window.add(added, end);
        }
        case 1 -> {
          QueueWindow.@Nullable Entry entry = window.start();
          if (entry != null) {
            running.add(entry);
          }
        }
        default -> {
          if (!running.isEmpty()) {
            QueueWindow.Entry entry = running.get(random.nextInt(running.size()));
            if (random.nextInt(4) == 0) {
              window.failed(entry);
              assertThat(window.restart(entry)).isTrue();
            } else {
              running.remove(entry);
              window.succeeded(entry);
              unprocessed.remove(entry.message().queueOffset());
            }
          }
        }
      }
      assertThat(running.size()).isLessThanOrEqualTo(8);
      assertThat(window.lowestUnprocessed())
          .as("seed %d, step %d", seed, step)
          .isEqualTo(unprocessed.isEmpty() ? end : unprocessed.first());
      assertThat(window.endOffset()).isEqualTo(end);
    }
  }

  @Test
  void aFullWindowSaysOnceThatItHasRoomAgain() {
    QueueWindow window = new QueueWindow(2, 2, 1 << 20);
    window.reset(0);
    assertThat(window.hasRoom()).isTrue();
    window.add(messages(0, 3), 3);
    assertThat(window.hasRoom()).isFalse();
    QueueWindow.Entry first = started(window);
    QueueWindow.Entry second = started(window);

    assertThat(window.succeeded(second)).isFalse(); // the first still holds its place
    assertThat(window.hasRoom()).isFalse();
    assertThat(window.succeeded(first)).isTrue();
    assertThat(window.hasRoom()).isTrue();
    assertThat(window.succeeded(started(window))).isFalse();
  }

  @Test
  void bytesFillAWindowToo() {
    QueueWindow window = new QueueWindow(1, 100, 2L * message(0).sizeBytes());
    window.reset(0);
    window.add(messages(0, 2), 2);
    assertThat(window.hasRoom()).isFalse();

    assertThat(window.succeeded(started(window))).isTrue();
  }

  @Test
  void whatRanBeforeAResetNoLongerCounts() {
    QueueWindow window = new QueueWindow(1, 100, 1 << 20);
    window.reset(0);
    window.add(messages(0, 2), 2);
    QueueWindow.Entry old = started(window);
    window.reset(50);
    window.add(messages(50, 52), 52);
    QueueWindow.Entry current = started(window);

    window.succeeded(old);
    assertThat(window.restart(old)).isFalse();
    assertThat(window.lowestUnprocessed()).isEqualTo(50);
    assertThat(window.start()).isNull();
    window.succeeded(current);
    assertThat(window.lowestUnprocessed()).isEqualTo(51);
  }

  @Test
  void aClosedWindowIsIdleOnceTheLastListenerHasEnded() {
    QueueWindow window = new QueueWindow(2, 100, 1 << 20);
    window.reset(0);
    window.add(messages(0, 4), 4);
    QueueWindow.Entry first = started(window);
    QueueWindow.Entry second = started(window);
    AtomicInteger idle = new AtomicInteger();

    window.close(idle::incrementAndGet);

    assertThat(window.start()).isNull();
    window.succeeded(first);
    assertThat(idle).hasValue(0);
    window.failed(second);
    assertThat(idle).hasValue(1);
    assertThat(window.restart(second)).isFalse();
    assertThat(window.lowestUnprocessed()).isEqualTo(1);

    QueueWindow never = new QueueWindow(1, 1, 1);
    never.close(idle::incrementAndGet);
    assertThat(idle).hasValue(2);
  }
}
