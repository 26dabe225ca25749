package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.wire.body.QueueName;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How queues are shared out, as official clients do it by themselves. */
class QueueSharesTest {
  private static final List<String> THREE = List.of("a", "b", "c");

  @Test
  void runsOfQueues() {
    QueueShares shares = new QueueShares("AVG", queues(8), THREE);
    assertThat(ids(shares.own("a"))).containsExactly(0, 1, 2);
    assertThat(ids(shares.own("b"))).containsExactly(3, 4, 5);
    assertThat(ids(shares.own("c"))).containsExactly(6, 7);
    assertThat(shares.own("d")).isEmpty();
  }

  @Test
  void queuesInTurn() {
    QueueShares shares = new QueueShares("AVG_BY_CIRCLE", queues(8), THREE);
    assertThat(ids(shares.own("a"))).containsExactly(0, 3, 6);
    assertThat(ids(shares.own("c"))).containsExactly(2, 5);
  }

  @Test
  void everyQueueHasOneOwnerWhateverTheNumbers() {
    for (String strategy : List.of("AVG", "AVG_BY_CIRCLE")) {
      for (int queues = 0; queues < 10; queues++) {
        for (int members = 1; members < 12; members++) {
          List<String> names = IntStream.range(0, members).mapToObj(i -> "m" + i).toList();
          QueueShares shares = new QueueShares(strategy, queues(queues), names);
          List<QueueName> all = new ArrayList<>();
          names.forEach(name -> all.addAll(shares.own(name)));
          assertThat(all).containsExactlyInAnyOrderElementsOf(queues(queues));
        }
      }
    }
  }

  @Test
  void queuesOfTheNextMembersAreShared() {
    QueueShares shares = new QueueShares("AVG", queues(6), THREE);
    assertThat(ids(shares.shared("c", 1))).containsExactly(4, 5, 0, 1);
    assertThat(ids(shares.shared("a", 9))).containsExactly(0, 1, 2, 3, 4, 5);
    QueueShares crowded = new QueueShares("AVG", queues(2), THREE);
    assertThat(ids(crowded.shared("c", 1))).containsExactly(0);
    assertThat(crowded.shared("d", 1)).isEmpty();
    assertThat(new QueueShares("AVG", List.of(), THREE).shared("a", 1)).isEmpty();
  }

  private static List<QueueName> queues(int count) {
    return IntStream.range(0, count).mapToObj(id -> new QueueName("broker-0", "T", id)).toList();
  }

  private static List<Integer> ids(List<QueueName> queues) {
    return queues.stream().map(QueueName::queueId).toList();
  }
}
