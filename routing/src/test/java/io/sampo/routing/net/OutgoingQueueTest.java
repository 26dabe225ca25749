package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutgoingQueueTest {
  private static final class Item extends Outgoing {
    private final int thread;
    private final int number;
    private final AtomicInteger ended = new AtomicInteger();

    Item(int thread, int number) {
      this.thread = thread;
      this.number = number;
    }

    @Override
    void write(FrameBatch frames) {
      throw new IllegalStateException("not written here");
    }

    @Override
    void discard() {
      ended.incrementAndGet();
    }
  }

  private static List<Integer> numbers(@Nullable Outgoing first) {
    List<Integer> numbers = new ArrayList<>();
    for (Outgoing item = first; item != null; item = item.next) {
      numbers.add(((Item) item).number);
    }
    return numbers;
  }

  @Test
  void itemsAreTakenInTheOrderInWhichTheyCame() {
    OutgoingQueue queue = new OutgoingQueue();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.push(new Item(0, 1))).as("somebody has to see to it").isTrue();
    assertThat(queue.push(new Item(0, 2))).isFalse();
    assertThat(queue.push(new Item(0, 3))).isFalse();
    assertThat(queue.isEmpty()).isFalse();

    assertThat(numbers(queue.takeAll())).containsExactly(1, 2, 3);
    assertThat(queue.takeAll()).isNull();
    assertThat(queue.push(new Item(0, 4))).isTrue();
  }

  @Test
  void aClosedQueueDiscardsWhatItHasAndWhatComes() {
    OutgoingQueue queue = new OutgoingQueue();
    Item before = new Item(0, 1);
    Item after = new Item(0, 2);
    queue.push(before);

    queue.close();
    assertThat(queue.push(after)).isFalse();
    queue.close();

    assertThat(queue.isClosed()).isTrue();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.takeAll()).isNull();
    assertThat(before.ended).hasValue(1);
    assertThat(after.ended).hasValue(1);
  }

  @Test
  void everyItemEndsOnceWhileThreadsPushAndTheQueueCloses() throws InterruptedException {
    int threads = 3;
    int each = 20_000;
    OutgoingQueue queue = new OutgoingQueue();
    AtomicInteger wakeUps = new AtomicInteger();
    CountDownLatch pushed = new CountDownLatch(threads);
    List<List<Item>> items = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<Item> own = new ArrayList<>();
      for (int i = 0; i < each; i++) {
        own.add(new Item(t, i));
      }
      items.add(own);
      new Thread(
              () -> {
                for (Item item : own) {
                  if (queue.push(item)) {
                    wakeUps.incrementAndGet();
                  }
                }
                pushed.countDown();
              })
          .start();
    }
    int[] lastOfThread = {-1, -1, -1};
    int takenBatches = 0;
    int taken = 0;
    while (taken < threads * each / 2) {
      Outgoing batch = queue.takeAll();
      takenBatches += batch == null ? 0 : 1;
      while (batch != null) {
        Item item = (Item) batch;
        assertThat(item.number).as("order of one thread").isGreaterThan(lastOfThread[item.thread]);
        lastOfThread[item.thread] = item.number;
        item.ended.incrementAndGet();
        taken++;
        batch = batch.next;
      }
    }
    queue.close();
    assertThat(pushed.await(30, TimeUnit.SECONDS)).isTrue();

    assertThat(items).allSatisfy(own -> assertThat(own).allMatch(item -> item.ended.get() == 1));
    assertThat(wakeUps.get()).as("one per batch").isBetween(takenBatches, takenBatches + 1);
  }
}
