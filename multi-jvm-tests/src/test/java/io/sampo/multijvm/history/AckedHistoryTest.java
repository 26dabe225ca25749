package io.sampo.multijvm.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.multijvm.history.AckedHistory.Kind;
import io.sampo.multijvm.history.AckedHistory.Promise;
import io.sampo.multijvm.history.AckedHistory.Violation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Feeds the checker histories with one fault each: it must name that fault, and no other. */
class AckedHistoryTest {
  private final List<Sent> sent = new ArrayList<>();
  private final List<Received> received = new ArrayList<>();
  private long clock;

  @ParameterizedTest
  @EnumSource
  void aPerfectHistoryHasNoViolation(Promise promise) {
    for (int i = 0; i < 100; i++) {
      acknowledge(i, i % 4, i / 4);
      deliver("c", i, i % 4, i / 4);
    }
    assertThat(AckedHistory.violations(promise, sent, received)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void anAcknowledgedMessageThatNeverCameIsLost(Promise promise) {
    acknowledge(1, 0, 0);
    acknowledge(2, 0, 1);
    deliver("c", 1, 0, 0);
    assertThat(kinds(promise)).containsExactly(Kind.LOST);
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownSendMayComeOrNot(Promise promise) {
    sent.add(Sent.unknown(1, 0, 5));
    sent.add(Sent.unknown(2, 0, 5));
    deliver("c", 1, 0, 0);
    assertThat(kinds(promise)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aMessageThatNobodySentIsAPhantom(Promise promise) {
    acknowledge(1, 0, 0);
    deliver("c", 1, 0, 0);
    deliver("c", 77, 0, 1);
    assertThat(kinds(promise)).containsExactly(Kind.PHANTOM);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageThatWasTakenBackAndYetComesIsRevived(Promise promise) {
    sent.add(Sent.withdrawn(1, 0, 5));
    sent.add(Sent.withdrawn(2, 0, 5));
    deliver("c", 2, 0, 0);
    assertThat(kinds(promise)).containsExactly(Kind.REVIVED);
  }

  @ParameterizedTest
  @EnumSource
  void anAcknowledgementWithoutAPlaceAsksForTheMessageOnly(Promise promise) {
    sent.add(Sent.acknowledged(1, Place.NONE, 50, 60));
    sent.add(Sent.acknowledged(2, new Place(0, 1), 0, 10));
    sent.add(Sent.acknowledged(3, Place.NONE, 0, 10));
    deliver("c", 1, 0, 0);
    deliver("c", 2, 0, 1);
    assertThat(kinds(promise)).containsExactly(Kind.LOST);
  }

  @ParameterizedTest
  @EnumSource
  void aPlaceThatHoldsAnotherMessageLaterIsRewritten(Promise promise) {
    sent.add(Sent.unknown(1, 0, 5));
    acknowledge(2, 0, 0);
    deliver("before the crash", 1, 0, 0);
    deliver("after it", 2, 0, 0);
    assertThat(kinds(promise)).containsExactly(Kind.REWRITTEN);
  }

  @ParameterizedTest
  @EnumSource
  void onePlaceAcknowledgedToTwoSendsIsRewritten(Promise promise) {
    acknowledge(1, 0, 0);
    acknowledge(2, 0, 0);
    deliver("c", 1, 0, 0);
    assertThat(kinds(promise)).containsExactly(Kind.LOST, Kind.REWRITTEN);
  }

  @ParameterizedTest
  @EnumSource
  void aMessageFromAnotherPlaceThanAcknowledgedHasMoved(Promise promise) {
    acknowledge(1, 0, 0);
    deliver("c", 1, 2, 0);
    assertThat(kinds(promise)).containsExactly(Kind.MOVED);
  }

  @Test
  void aSendThatWasTriedSeveralTimesMayBeElsewhereToo() {
    sent.add(Sent.acknowledged(1, new Place("b", 0, 7), 0, 5).withRetries());
    received.add(new Received("c", 1, new Place("a", 0, 3)));
    assertThat(kinds(Promise.AT_LEAST_ONCE)).containsExactly(Kind.MOVED);
    received.add(new Received("c", 1, new Place("b", 0, 7)));
    assertThat(kinds(Promise.AT_LEAST_ONCE)).isEmpty();
    assertThat(kinds(Promise.EXACTLY_ONCE)).containsExactly(Kind.DUPLICATED);
  }

  @ParameterizedTest
  @EnumSource
  void queuesOfDifferentBrokersAreDifferentQueues(Promise promise) {
    sent.add(Sent.acknowledged(1, new Place("a", 0, 0), 0, 1));
    sent.add(Sent.acknowledged(2, new Place("b", 0, 0), 2, 3));
    sent.add(Sent.acknowledged(3, new Place("b", 0, 1), 4, 5));
    received.add(new Received("c", 2, new Place("b", 0, 0)));
    received.add(new Received("c", 1, new Place("a", 0, 0)));
    received.add(new Received("c", 3, new Place("b", 0, 1)));
    assertThat(kinds(promise)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aSkippedPlaceIsAGapAndAWrongStep(Promise promise) {
    sent.add(Sent.unknown(2, 0, 1));
    acknowledge(1, 0, 0);
    acknowledge(3, 0, 2);
    deliver("c", 1, 0, 0);
    deliver("c", 3, 0, 2);
    assertThat(kinds(promise)).containsExactly(Kind.GAP, Kind.REORDERED);
  }

  @ParameterizedTest
  @EnumSource
  void aSendThatLiesBeforeOneAcknowledgedEarlierIsReordered(Promise promise) {
    acknowledge(1, 0, 1);
    acknowledge(2, 0, 0);
    deliver("c", 2, 0, 0);
    deliver("c", 1, 0, 1);
    assertThat(kinds(promise)).containsExactly(Kind.REORDERED);
  }

  @ParameterizedTest
  @EnumSource
  void sendsUnderWayTogetherMayLieEitherWay(Promise promise) {
    sent.add(Sent.acknowledged(1, new Place(0, 1), 10, 30));
    sent.add(Sent.acknowledged(2, new Place(0, 0), 20, 40));
    deliver("c", 2, 0, 0);
    deliver("c", 1, 0, 1);
    assertThat(kinds(promise)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void theOrderOfSendsIsNotLostBehindALongOne(Promise promise) {
    sent.add(Sent.acknowledged(1, new Place(0, 0), 50, 60)); // began after key 3 was done
    sent.add(Sent.acknowledged(2, new Place(0, 1), 0, 100)); // overlaps both
    sent.add(Sent.acknowledged(3, new Place(0, 2), 10, 20));
    for (long key = 1; key <= 3; key++) {
      deliver("c", key, 0, key - 1);
    }
    assertThat(kinds(promise)).containsExactly(Kind.REORDERED);
  }

  @ParameterizedTest
  @EnumSource
  void queuesHaveNoOrderAmongEachOther(Promise promise) {
    acknowledge(1, 1, 0);
    acknowledge(2, 0, 0);
    deliver("c", 2, 0, 0);
    deliver("c", 1, 1, 0);
    assertThat(kinds(promise)).isEmpty();
  }

  @Test
  void aMessageThatComesTwiceIsADuplicateUnlessThatWasAllowed() {
    acknowledge(1, 0, 0);
    deliver("first start", 1, 0, 0);
    deliver("second start", 1, 0, 0);
    assertThat(kinds(Promise.EXACTLY_ONCE)).containsExactly(Kind.DUPLICATED);
    assertThat(kinds(Promise.AT_LEAST_ONCE)).isEmpty();
  }

  @Test
  void aSendOfUnknownOutcomeThatIsStoredTwiceIsADuplicateUnlessThatWasAllowed() {
    sent.add(Sent.unknown(1, 0, 5));
    deliver("c", 1, 0, 0);
    deliver("c", 1, 0, 1);
    assertThat(kinds(Promise.EXACTLY_ONCE)).containsExactly(Kind.DUPLICATED);
    assertThat(kinds(Promise.AT_LEAST_ONCE)).isEmpty();
  }

  @Test
  void deliveriesOutOfOrderAreReorderedEvenWhenNothingIsMissing() {
    for (int i = 0; i < 4; i++) {
      acknowledge(i, 0, i);
    }
    for (int offset : new int[] {0, 2, 1, 3}) {
      deliver("c", offset, 0, offset);
    }
    assertThat(kinds(Promise.EXACTLY_ONCE))
        .containsExactly(Kind.REORDERED, Kind.REORDERED, Kind.REORDERED);
    assertThat(kinds(Promise.AT_LEAST_ONCE)).containsExactly(Kind.REORDERED, Kind.REORDERED);
  }

  @Test
  void startingAgainFromAnEarlierPlaceIsAllowedAfterACrashOnly() {
    for (int i = 0; i < 3; i++) {
      acknowledge(i, 0, i);
    }
    for (int offset : new int[] {0, 1, 2, 1, 2}) {
      deliver("c", offset, 0, offset);
    }
    assertThat(kinds(Promise.AT_LEAST_ONCE)).isEmpty();
    assertThat(kinds(Promise.EXACTLY_ONCE)).contains(Kind.DUPLICATED, Kind.REORDERED);
  }

  @Test
  void aHistoryWhoseKeysAreNotUniqueIsRefused() {
    acknowledge(1, 0, 0);
    acknowledge(1, 0, 1);
    assertThatThrownBy(() -> kinds(Promise.AT_LEAST_ONCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("key 1");
  }

  /** Each send begins and ends before the next begins. */
  private void acknowledge(long key, int queue, long offset) {
    long started = clock++;
    sent.add(Sent.acknowledged(key, new Place(queue, offset), started, clock++));
  }

  private void deliver(String session, long key, int queue, long offset) {
    received.add(new Received(session, key, new Place(queue, offset)));
  }

  private List<Kind> kinds(Promise promise) {
    return AckedHistory.violations(promise, sent, received).stream().map(Violation::kind).toList();
  }
}
