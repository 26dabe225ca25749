package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.PopLine.Waiting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who waits in line for the queues of a topic. */
class PopLineTest {
  private final PopLine line = new PopLine("broker-0", "T");

  private Waiting park(int queueId, long deadlineMs) {
    Waiting one =
        new Waiting(
            new Popping.Wish("broker-0", "T", queueId, 4, 1, 1, 0, false, null, false),
            reply -> {},
            deadlineMs);
    line.park(one);
    return one;
  }

  @Test
  void aQueueServesThoseWhoWantItInTheirOrderAndNoMoreThanItHas() {
    Waiting first = park(-1, 10);
    park(2, 10);
    Waiting third = park(1, 10);
    park(-1, 10);
    List<Waiting> served = new ArrayList<>();
    line.removeServed(line.slot(1), () -> served.size() < 2, served::add);

    assertThat(served).containsExactly(first, third);
    assertThat(line.waitingCount()).isEqualTo(2);
  }

  @Test
  void nobodysDeadlineIsMissed() {
    assertThat(line.firstDeadlineMs()).isEqualTo(Long.MAX_VALUE);
    park(-1, 30);
    park(1, 20);
    assertThat(line.firstDeadlineMs()).isEqualTo(20);
    line.removeServed(line.slot(1), () -> true, one -> one.deadlineMs() == 20);
    assertThat(line.firstDeadlineMs()).isLessThanOrEqualTo(30);
    line.removeServed(one -> false);
    assertThat(line.firstDeadlineMs()).isEqualTo(30);
    line.removeServed(one -> true);
    assertThat(line.firstDeadlineMs()).isEqualTo(Long.MAX_VALUE);
  }
}
