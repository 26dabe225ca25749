package io.sampo.multijvm.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.history.GroupHistory.Kind;
import io.sampo.multijvm.history.GroupHistory.Violation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories of a group that takes even keys, with one fault each. */
class GroupHistoryTest {
  private final List<Received> stored = new ArrayList<>();
  private final List<Received> deliveries = new ArrayList<>();

  GroupHistoryTest() {
    for (int key = 0; key < 6; key++) {
      stored.add(new Received("queue", key, new Place(key % 2, key / 2)));
    }
    deliver(0, 0, 0);
    deliver(2, 0, 1);
    deliver(4, 0, 2);
  }

  @Test
  void whatTheFilterLetsThroughIsEnough() {
    assertThat(kinds()).isEmpty();
  }

  @Test
  void messagesMayComeAgainAndFromTheRetryTopic() {
    deliver(2, 0, 1);
    deliveries.add(new Received("group", 4, Place.NONE));
    assertThat(kinds()).isEmpty();
  }

  @Test
  void aMessageThatNeverCameIsLost() {
    deliveries.remove(1);
    assertThat(kinds()).containsExactly(Kind.LOST);
  }

  @Test
  void aMessageThatIsInNoQueueIsAPhantom() {
    deliver(8, 0, 4);
    assertThat(kinds()).containsExactly(Kind.PHANTOM);
  }

  @Test
  void aMessageThatTheFilterHoldsBackIsUnwanted() {
    deliver(3, 1, 1);
    assertThat(kinds()).containsExactly(Kind.UNWANTED);
  }

  @Test
  void aMessageFromAnotherPlaceHasMoved() {
    deliver(4, 0, 3);
    assertThat(kinds()).containsExactly(Kind.MOVED);
  }

  @Test
  void aMessageThatIsStoredTwiceMayComeFromEither() {
    stored.add(new Received("queue", 4, new Place(0, 3)));
    deliver(4, 0, 3);
    assertThat(kinds()).isEmpty();
  }

  private void deliver(long key, int queue, long offset) {
    deliveries.add(new Received("group", key, new Place(queue, offset)));
  }

  private List<Kind> kinds() {
    return GroupHistory.violations(stored, key -> key % 2 == 0, deliveries).stream()
        .map(Violation::kind)
        .toList();
  }
}
