package io.sampo.actors.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.OffsetCommitted;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsForgotten;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsReset;
import io.sampo.actors.consumer.OffsetKeeping.ResetOffsets;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OffsetLedgerTest {
  private static final GroupQueue ONE = new GroupQueue("broker-0", new QueueKey("T", 0));
  private static final GroupQueue TWO = new GroupQueue("broker-0", new QueueKey("T", 1));
  private static final GroupQueue THREE = new GroupQueue("broker-1", new QueueKey("T", 0));

  private final OffsetLedger ledger = new OffsetLedger(2, 3);
  private final List<CommitReply> replies = new ArrayList<>();

  @Test
  void unknownQueueHasNoOffset() {
    assertThat(ledger.newest(ONE)).isEqualTo(-1);
  }

  @Test
  void commitIsAnsweredWhenItsBatchIsStoredAndShownAtOnce() {
    commit(ONE, 5);
    assertThat(ledger.newest(ONE)).isEqualTo(5);
    assertThat(ledger.canWrite()).isTrue();

    assertThat(ledger.startBatch()).isEqualTo(OffsetTable.of(Map.of(ONE, 5L)));
    assertThat(ledger.canWrite()).isFalse();
    assertThat(replies).isEmpty();
    ledger.batchStored();
    assertThat(replies).containsExactly(new OffsetCommitted(5));
  }

  @Test
  void whatComesDuringABatchCollectsToOne() {
    commit(ONE, 1);
    ledger.startBatch();
    commit(ONE, 2);
    commit(ONE, 3);
    ledger.advance(TWO, 9);
    assertThat(ledger.canWrite()).as("one batch at a time").isFalse();

    ledger.batchStored();
    assertThat(replies).containsExactly(new OffsetCommitted(1));
    assertThat(ledger.startBatch()).isEqualTo(OffsetTable.of(Map.of(ONE, 3L, TWO, 9L)));
    ledger.batchStored();
    assertThat(replies)
        .containsExactly(new OffsetCommitted(1), new OffsetCommitted(2), new OffsetCommitted(3));
    assertThat(ledger.canWrite()).isFalse();
  }

  @Test
  void commitOfADurableOffsetIsAnsweredWithoutAWrite() {
    commit(ONE, 1);
    ledger.startBatch();
    ledger.batchStored();
    replies.clear();

    commit(ONE, 1);

    assertThat(replies).containsExactly(new OffsetCommitted(1));
    assertThat(ledger.canWrite()).isFalse();
  }

  @Test
  void commitOfAnOffsetThatIsUnderwayWaitsForIt() {
    ledger.advance(ONE, 1);
    commit(ONE, 1);
    assertThat(replies).isEmpty();
    ledger.startBatch();
    commit(ONE, 1);
    assertThat(replies).isEmpty();
    ledger.batchStored();
    assertThat(replies).containsExactly(new OffsetCommitted(1), new OffsetCommitted(1));
  }

  @Test
  void commitMayGoBackButAnAdvanceNeverDoes() {
    commit(ONE, 9);
    ledger.advance(ONE, 4);
    assertThat(ledger.newest(ONE)).isEqualTo(9);
    commit(ONE, 4);
    assertThat(ledger.newest(ONE)).isEqualTo(4);
    ledger.advance(ONE, 5);
    assertThat(ledger.newest(ONE)).isEqualTo(5);
  }

  @Test
  void lostBatchIsWrittenAgainUnderWhatCameSince() {
    commit(ONE, 1);
    ledger.advance(TWO, 1);
    ledger.startBatch();
    commit(ONE, 2);

    ledger.batchLost();

    assertThat(replies).isEmpty();
    assertThat(ledger.startBatch()).isEqualTo(OffsetTable.of(Map.of(ONE, 2L, TWO, 1L)));
    ledger.batchStored();
    assertThat(replies).containsExactly(new OffsetCommitted(1), new OffsetCommitted(2));
  }

  @Test
  void recoveredOffsetsFillInButDoNotOverwrite() {
    commit(ONE, 7);
    ledger.recovered(OffsetTable.of(Map.of(ONE, 3L, TWO, 4L)));
    assertThat(ledger.newest(ONE)).isEqualTo(7);
    assertThat(ledger.newest(TWO)).isEqualTo(4);
    commit(TWO, 4);
    assertThat(replies).as("it is durable").containsExactly(new OffsetCommitted(4));
  }

  @Test
  void queueOfTheSameNumberInAnotherLogGroupIsAnotherQueue() {
    commit(ONE, 1);
    commit(THREE, 2);
    assertThat(ledger.newest(ONE)).isEqualTo(1);
    assertThat(ledger.newest(THREE)).isEqualTo(2);
  }

  @Test
  void oneQueueMoreThanAllowedIsRefused() {
    commit(ONE, 1);
    assertThat(ledger.advance(TWO, 1)).isTrue();
    commit(THREE, 1);
    assertThat(replies).containsExactly(GroupRefused.TOO_MANY_QUEUES);
    assertThat(ledger.advance(THREE, 1)).isFalse();
    assertThat(ledger.newest(THREE)).isEqualTo(-1);
    assertThat(ledger.advance(ONE, 2)).isTrue();
  }

  @Test
  void oneCommitMoreThanMayWaitIsRefusedAndNotTaken() {
    commit(ONE, 1);
    ledger.startBatch();
    commit(ONE, 2);
    commit(ONE, 3);
    commit(ONE, 4);
    assertThat(replies).containsExactly(GroupRefused.TOO_MANY_WAITING);
    assertThat(ledger.newest(ONE)).isEqualTo(3);
  }

  @Test
  void negativeOffsetIsRefused() {
    commit(ONE, -1);
    assertThat(replies).containsExactly(GroupRefused.NEGATIVE_OFFSET);
  }

  @Test
  void everyoneWhoWaitsCanBeRefused() {
    commit(ONE, 1);
    ledger.startBatch();
    commit(ONE, 2);
    ledger.refuseWaiting(GroupRefused.NOT_LEADING);
    assertThat(replies).containsExactly(GroupRefused.NOT_LEADING, GroupRefused.NOT_LEADING);
  }

  @Test
  void tableKeepsWhatAChangeDoesNotName() {
    OffsetTable before = OffsetTable.of(Map.of(ONE, 1L, TWO, 2L));
    OffsetTable after = before.with(OffsetTable.of(Map.of(TWO, 5L, THREE, 6L)));
    assertThat(after).isEqualTo(OffsetTable.of(Map.of(ONE, 1L, TWO, 5L, THREE, 6L)));
    assertThat(before).isEqualTo(OffsetTable.of(Map.of(ONE, 1L, TWO, 2L)));
  }

  @Test
  void resetOffsetStaysUntilAPullFollows() {
    commit(ONE, 9);
    ledger.startBatch();
    ledger.batchStored();
    replies.clear();

    ledger.reset(new ResetOffsets(Map.of(ONE, 4L), replies::add));
    assertThat(replies).isEmpty();
    assertThat(ledger.startBatch()).isEqualTo(OffsetTable.of(Map.of(ONE, 4L), Map.of(ONE, 4L)));
    ledger.batchStored();
    assertThat(replies).containsExactly(OffsetsReset.INSTANCE);
    replies.clear();

    commit(ONE, 10);
    ledger.advance(ONE, 11);
    assertThat(replies).containsExactly(new OffsetCommitted(4));
    assertThat(ledger.newest(ONE)).isEqualTo(4);
    assertThat(ledger.resetOf(ONE, 11)).as("a pull at the old offset").isEqualTo(4);
    assertThat(ledger.resetOf(ONE, 11)).as("again, for the answer may be lost").isEqualTo(4);
    assertThat(ledger.resetOf(TWO, 11)).isEqualTo(-1);
    assertThat(ledger.canWrite()).isFalse();

    assertThat(ledger.resetOf(ONE, 4)).as("it has followed").isEqualTo(-1);
    assertThat(ledger.hasResets()).isFalse();
    assertThat(ledger.startBatch())
        .isEqualTo(OffsetTable.of(Map.of(), Map.of(ONE, OffsetTable.FOLLOWED)));
    ledger.batchStored();
    assertThat(ledger.isClean()).isTrue();
    commit(ONE, 5);
    assertThat(ledger.newest(ONE)).isEqualTo(5);
  }

  @Test
  void resetIsRecoveredOnceAndWrittenAgainAfterALoss() {
    ledger.recovered(OffsetTable.of(Map.of(ONE, 4L), Map.of(ONE, 4L)));
    commit(ONE, 10);
    assertThat(ledger.newest(ONE)).isEqualTo(4);
    assertThat(ledger.resetOf(ONE, 4)).isEqualTo(-1);
    ledger.startBatch();
    ledger.batchLost();
    ledger.recovered(OffsetTable.of(Map.of(ONE, 4L), Map.of(ONE, 4L)));
    assertThat(ledger.hasResets()).as("the journal lags behind").isFalse();
    assertThat(ledger.startBatch())
        .isEqualTo(OffsetTable.of(Map.of(), Map.of(ONE, OffsetTable.FOLLOWED)));
  }

  @Test
  void resetIsTakenWholeOrNotAtAll() {
    ledger.reset(new ResetOffsets(Map.of(ONE, 1L, TWO, 2L, THREE, 3L), replies::add));
    ledger.reset(new ResetOffsets(Map.of(ONE, 1L, TWO, -2L), replies::add));
    assertThat(replies).containsExactly(GroupRefused.TOO_MANY_QUEUES, GroupRefused.NEGATIVE_OFFSET);
    assertThat(ledger.newest(ONE)).isEqualTo(-1);
    assertThat(ledger.hasResets()).isFalse();
    assertThat(ledger.isClean()).isTrue();
  }

  @Test
  void allOffsetsAreForgottenUntilSomebodyCommitsAgain() {
    ledger.recovered(OffsetTable.EMPTY);
    commit(ONE, 9);
    ledger.reset(new ResetOffsets(Map.of(TWO, 4L), replies::add));
    ledger.startBatch();
    ledger.batchStored();
    replies.clear();

    assertThat(ledger.forget(replies::add)).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(replies).as("not durable yet").isEmpty();
    assertThat(ledger.all()).isEmpty();
    assertThat(ledger.hasResets()).isFalse();
    ledger.recovered(OffsetTable.of(Map.of(ONE, 9L, TWO, 4L), Map.of(TWO, 4L)));
    assertThat(ledger.all()).as("the journal lags behind").isEmpty();
    commit(TWO, 5);
    OffsetTable written = ledger.startBatch();
    ledger.batchStored();
    assertThat(replies).containsExactly(OffsetsForgotten.INSTANCE, new OffsetCommitted(5));
    assertThat(OffsetTable.of(Map.of(ONE, 9L, TWO, 4L), Map.of(TWO, 4L)).with(written))
        .isEqualTo(OffsetTable.of(Map.of(TWO, 5L)));
    assertThat(OffsetTable.of(Map.of(ONE, 9L)).with(OffsetTable.of(Map.of(ONE, -1L))))
        .isEqualTo(OffsetTable.EMPTY);
  }

  @Test
  void forgettingIsAnsweredAlsoWhenThereIsNothingOrItIsBeingForgotten() {
    ledger.forget(replies::add);
    assertThat(replies).containsExactly(OffsetsForgotten.INSTANCE);
    commit(ONE, 9);
    ledger.startBatch();
    ledger.batchStored();
    ledger.forget(replies::add);
    ledger.startBatch();
    replies.clear();
    ledger.forget(replies::add);
    assertThat(replies).isEmpty();
    ledger.batchStored();
    assertThat(replies).containsExactly(OffsetsForgotten.INSTANCE, OffsetsForgotten.INSTANCE);
  }

  @Test
  void tableForgetsAResetThatIsOver() {
    OffsetTable reset = OffsetTable.of(Map.of(ONE, 1L, TWO, 2L), Map.of(ONE, 1L, TWO, 2L));
    OffsetTable after = reset.with(OffsetTable.of(Map.of(), Map.of(ONE, OffsetTable.FOLLOWED)));
    assertThat(after).isEqualTo(OffsetTable.of(Map.of(ONE, 1L, TWO, 2L), Map.of(TWO, 2L)));
  }

  private void commit(GroupQueue queue, long offset) {
    ledger.commit(new CommitOffset(queue, offset, replies::add));
  }
}
