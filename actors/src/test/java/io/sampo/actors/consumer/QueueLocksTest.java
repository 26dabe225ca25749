package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.QueueLocks.Durability;
import io.sampo.record.QueueKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueueLocksTest {
  private static final GroupQueue ONE = new GroupQueue("broker-0", new QueueKey("T", 0));
  private static final GroupQueue TWO = new GroupQueue("broker-0", new QueueKey("T", 1));
  private static final GroupQueue OTHER_LOG = new GroupQueue("broker-1", new QueueKey("T", 0));
  private static final List<GroupQueue> BOTH = List.of(ONE, TWO);

  private final QueueLocks locks = new QueueLocks(new QueueLocks.Limits(60, 120, 2));

  @Test
  void aFreeQueueIsLockedAndKeptFromOthers() {
    assertThat(locks.lock("a", List.of(ONE), true, 0)).containsExactly(ONE);
    assertThat(locks.lock("b", BOTH, true, 59)).containsExactly(TWO);
  }

  @Test
  void queuesOfTwoLogGroupsAreTwo() {
    assertThat(locks.lock("a", List.of(ONE), true, 0)).containsExactly(ONE);
    assertThat(locks.lock("b", List.of(ONE, OTHER_LOG), true, 0)).containsExactly(OTHER_LOG);
  }

  @Test
  void aLockThatIsNotRenewedGoesToWhoAsksAfterItsTime() {
    locks.lock("a", List.of(ONE), true, 0);
    locks.lock("a", List.of(ONE), true, 50);
    assertThat(locks.lock("b", List.of(ONE), true, 109)).isEmpty();
    assertThat(locks.lock("b", List.of(ONE), true, 110)).containsExactly(ONE);
    assertThat(locks.lock("a", List.of(ONE), true, 111)).isEmpty();
  }

  @Test
  void anyLockIsHeldUntilItsTimeIsOver() {
    assertThat(locks.isAnyHeld(0)).isFalse();
    locks.lock("a", List.of(ONE), true, 0);
    assertThat(locks.isAnyHeld(59)).isTrue();
    assertThat(locks.isAnyHeld(60)).isFalse();
  }

  @Test
  void aLockGivenBackIsFreeAtOnceAndOnlyItsHolderGivesItBack() {
    locks.lock("a", List.of(ONE), true, 0);
    locks.unlock("b", List.of(ONE));
    assertThat(locks.lock("b", List.of(ONE), true, 1)).isEmpty();
    locks.unlock("a", List.of(ONE));
    assertThat(locks.lock("b", List.of(ONE), true, 1)).containsExactly(ONE);
  }

  @Test
  void aLockIsConfirmedOnceItIsDurable() {
    List<GroupQueue> held = locks.lock("a", BOTH, true, 0);
    assertThat(locks.durability(held)).isEqualTo(Durability.WITH_NEXT_BATCH);
    assertThat(locks.confirm("a", held, 0)).isEmpty();

    assertThat(locks.startBatch()).isEqualTo(LockTable.of(Map.of(ONE, "a", TWO, "a")));
    assertThat(locks.durability(held)).isEqualTo(Durability.WITH_BATCH_UNDERWAY);
    assertThat(locks.confirm("a", held, 0)).isEmpty();

    locks.batchStored();
    assertThat(locks.durability(held)).isEqualTo(Durability.STORED);
    assertThat(locks.confirm("a", held, 0)).containsExactly(ONE, TWO);
    assertThat(locks.canWrite()).isFalse();
  }

  @Test
  void aRenewalIsNotWritten() {
    store(locks.lock("a", BOTH, true, 0));
    assertThat(locks.durability(locks.lock("a", BOTH, true, 20))).isEqualTo(Durability.STORED);
    assertThat(locks.canWrite()).isFalse();
  }

  @Test
  void aLockThatWasLostWhileItWasWrittenIsNotConfirmed() {
    List<GroupQueue> held = locks.lock("a", BOTH, true, 0);
    locks.startBatch();
    assertThat(locks.lock("b", List.of(ONE), true, 60)).containsExactly(ONE);
    locks.batchStored();

    assertThat(locks.confirm("a", held, 61)).containsExactly(TWO);
    assertThat(locks.startBatch()).isEqualTo(LockTable.of(Map.of(ONE, "b")));
  }

  @Test
  void aBatchThatWasPerhapsWrittenIsWrittenAgainWithWhatIsNewer() {
    locks.lock("a", BOTH, true, 0);
    locks.startBatch();
    locks.unlock("a", List.of(ONE));
    locks.batchLost();
    assertThat(locks.startBatch()).isEqualTo(LockTable.of(Map.of(ONE, LockTable.NOBODY, TWO, "a")));
  }

  @Test
  void aRecoveredLockCountsAsRenewed() {
    locks.recovered(LockTable.of(Map.of(ONE, "a")), 1000);
    assertThat(locks.lock("b", List.of(ONE), true, 1059)).isEmpty();
    assertThat(locks.lock("b", List.of(ONE), true, 1060)).containsExactly(ONE);
  }

  @Test
  void whoIsNoMemberAcquiresNothingAndRenewsForAWhile() {
    assertThat(locks.lock("a", List.of(ONE), false, 0)).isEmpty();
    assertThat(locks.canWrite()).isFalse();

    locks.lock("a", List.of(ONE), true, 0);
    assertThat(locks.lock("a", BOTH, false, 50)).containsExactly(ONE);
    assertThat(locks.lock("a", BOTH, false, 100)).containsExactly(ONE);
    assertThat(locks.lock("a", BOTH, false, 120)).as("absent too long").isEmpty();
    assertThat(locks.lock("b", List.of(ONE), true, 160)).containsExactly(ONE);
  }

  @Test
  void whoIsNoMemberDoesNotReviveAnExpiredLockButAMemberDoes() {
    locks.lock("a", List.of(ONE), true, 0);
    assertThat(locks.lock("a", List.of(ONE), false, 60)).isEmpty();
    assertThat(locks.lock("a", List.of(ONE), true, 60)).containsExactly(ONE);
  }

  @Test
  void aClientWithoutANameLocksNothing() {
    assertThat(locks.lock("", List.of(ONE), true, 0)).isEmpty();
  }

  @Test
  void locksBeyondTheLimitAreNotGivenUntilOthersAreGone() {
    store(locks.lock("a", BOTH, true, 0));
    assertThat(locks.isFull()).isTrue();
    assertThat(locks.lock("b", List.of(OTHER_LOG), true, 0)).isEmpty();

    locks.dropExpired(59);
    assertThat(locks.isFull()).isTrue();
    locks.dropExpired(60);
    assertThat(locks.isEmpty()).isTrue();
    assertThat(locks.startBatch())
        .isEqualTo(LockTable.of(Map.of(ONE, LockTable.NOBODY, TWO, LockTable.NOBODY)));
    assertThat(locks.lock("b", List.of(OTHER_LOG), true, 60)).containsExactly(OTHER_LOG);
  }

  @Test
  void whatCollectsWhileTheJournalIsDownHasTheSameLimit() {
    for (int queue = 0; queue < 2; queue++) {
      List<GroupQueue> fleeting =
          List.of(new GroupQueue("broker-0", new QueueKey("fleeting", queue)));
      assertThat(locks.lock("a", fleeting, true, 0)).hasSize(1);
      locks.unlock("a", fleeting);
    }
    assertThat(locks.lock("a", List.of(ONE), true, 0)).isEmpty();
    locks.startBatch();
    assertThat(locks.lock("a", List.of(ONE), true, 0)).containsExactly(ONE);
  }

  @Test
  void aReleasedQueueIsNotInTheTable() {
    LockTable both = LockTable.of(Map.of(ONE, "a", OTHER_LOG, "b"));
    LockTable one = both.with(LockTable.of(Map.of(ONE, LockTable.NOBODY)));
    assertThat(one).isEqualTo(LockTable.of(Map.of(OTHER_LOG, "b")));
    assertThat(one.with(LockTable.of(Map.of(OTHER_LOG, "a", ONE, "a"))))
        .isEqualTo(LockTable.of(Map.of(OTHER_LOG, "a", ONE, "a")));
    assertThat(one.with(LockTable.of(Map.of(OTHER_LOG, LockTable.NOBODY))))
        .isEqualTo(LockTable.EMPTY);
  }

  private void store(List<GroupQueue> held) {
    assertThat(held).isNotEmpty();
    locks.startBatch();
    locks.batchStored();
  }
}
