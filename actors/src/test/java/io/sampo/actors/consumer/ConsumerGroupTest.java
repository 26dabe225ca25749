package io.sampo.actors.consumer;

import static io.sampo.actors.consumer.SampleMembers.member;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.HeartbeatReply;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.ConsumerGroup.MembersReply;
import io.sampo.actors.consumer.ConsumerGroup.Settle;
import io.sampo.actors.consumer.ConsumerGroup.Settled;
import io.sampo.actors.consumer.OffsetKeeping.AdvanceOffset;
import io.sampo.actors.consumer.OffsetKeeping.CheckPull;
import io.sampo.actors.consumer.OffsetKeeping.CheckReply;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.GetOffset;
import io.sampo.actors.consumer.OffsetKeeping.OffsetCommitted;
import io.sampo.actors.consumer.OffsetKeeping.OffsetFound;
import io.sampo.actors.consumer.OffsetKeeping.OffsetReply;
import io.sampo.actors.consumer.OffsetKeeping.OffsetsReset;
import io.sampo.actors.consumer.OffsetKeeping.PullGoesOn;
import io.sampo.actors.consumer.OffsetKeeping.PullMoved;
import io.sampo.actors.consumer.OffsetKeeping.ResetOffsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.Test;

/** The offsets of a group: durable before they are answered, once for many, and forgotten. */
class ConsumerGroupTest extends ConsumerGroupHarness {
  @Test
  void commitIsAnsweredOnceItIsDurable() {
    ActorRef<ConsumerGroup.Command> group = start();
    group.tell(new CommitOffset(QUEUE, 5, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(5));
    journal.expectNextPersisted(ID, moved(Map.of(QUEUE, 5L)));
    assertThat(offset(group, QUEUE)).isEqualTo(5);
    assertThat(offset(group, OTHER)).isEqualTo(-1);
  }

  @Test
  void everythingIsAnsweredWhileTheJournalWrites() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    held.hold();
    group.tell(new CommitOffset(QUEUE, 1, committer.getRef()::tell));
    held.awaitWrite();

    join(group, "a", new RecordingLink());
    assertThat(members(group)).containsExactly("a");
    assertThat(offset(group, QUEUE)).as("the newest, durable or not").isEqualTo(1);
    committer.expectNoMessage();

    held.letGo();
    committer.expectMessage(new OffsetCommitted(1));
  }

  @Test
  void stormOfCommitsDuringOneWriteIsOneEvent() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    held.hold();
    group.tell(new CommitOffset(QUEUE, 1, committer.getRef()::tell));
    held.awaitWrite();
    for (long offset = 2; offset <= 50; offset++) {
      group.tell(new CommitOffset(QUEUE, offset, committer.getRef()::tell));
      group.tell(new CommitOffset(OTHER, offset, reply -> {}));
    }
    assertThat(offset(group, QUEUE)).isEqualTo(50);
    held.letGo();

    for (long offset = 1; offset <= 50; offset++) {
      committer.expectMessage(new OffsetCommitted(offset));
    }
    journal.expectNextPersisted(ID, moved(Map.of(QUEUE, 1L)));
    journal.expectNextPersisted(ID, moved(Map.of(QUEUE, 50L, OTHER, 50L)));
    journal.expectNothingPersisted(ID);
  }

  @Test
  void advancedOffsetsAreWrittenTogetherAfterTheFlushInterval() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    group.tell(new AdvanceOffset(QUEUE, 1));
    group.tell(new AdvanceOffset(QUEUE, 2));
    group.tell(new AdvanceOffset(OTHER, 3));
    assertThat(offset(group, QUEUE)).isEqualTo(2);
    pass(Duration.ofMillis(199));
    journal.expectNothingPersisted(ID);

    pass(Duration.ofMillis(1));

    journal.expectNextPersisted(ID, moved(Map.of(QUEUE, 2L, OTHER, 3L)));
  }

  @Test
  void offsetAdvancedDuringAWriteIsWrittenAfterTheNextInterval() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    held.hold();
    group.tell(new CommitOffset(QUEUE, 1, committer.getRef()::tell));
    held.awaitWrite();
    group.tell(new AdvanceOffset(QUEUE, 2));
    assertThat(offset(group, QUEUE)).isEqualTo(2);
    held.letGo();
    committer.expectMessage(new OffsetCommitted(1));
    journal.expectNextPersisted(ID, moved(Map.of(QUEUE, 1L)));

    // The answer above was given before the timer was set, so ask once to be behind that.
    assertThat(offset(group, QUEUE)).isEqualTo(2);
    pass(SETTINGS.offsetFlushInterval());
    journal.expectNextPersisted(ID, moved(Map.of(QUEUE, 2L)));
  }

  @Test
  void groupThatStartsAgainGoesOnAtItsOffsets() {
    ActorRef<ConsumerGroup.Command> group = start();
    group.tell(new CommitOffset(QUEUE, 5, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(5));
    kit.stop(group);

    ActorRef<ConsumerGroup.Command> again = start();

    assertThat(offset(again, QUEUE)).isEqualTo(5);
    again.tell(new AdvanceOffset(QUEUE, 4));
    assertThat(offset(again, QUEUE)).as("an old pull doesn't move it back").isEqualTo(5);
  }

  @Test
  void questionsWaitForTheJournalWhileHeartbeatsDoNot() {
    held.holdReads();
    ActorRef<ConsumerGroup.Command> group = start();
    TestProbe<OffsetReply> asker = kit.createTestProbe();
    TestProbe<MembersReply> other = kit.createTestProbe();
    group.tell(new GetOffset(QUEUE, asker.getRef()::tell));
    group.tell(new GetMembers(other.getRef()::tell));
    TestProbe<HeartbeatReply> client = kit.createTestProbe();
    group.tell(new Heartbeat(member("a"), new RecordingLink(), client.getRef()::tell));
    client.expectMessage(Joined.INSTANCE);
    asker.expectNoMessage();
    other.expectNoMessage();
    held.letGo();
    asker.expectMessage(new OffsetFound(-1));
    other.expectMessage(new Members(List.of("a")));
  }

  @Test
  void failedWriteIsDoneAgainAndAnsweredThenWhileMembersStay() {
    ActorRef<ConsumerGroup.Command> group = start();
    join(group, "a", new RecordingLink());
    group.tell(new CommitOffset(QUEUE, 1, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(1));

    journal.failNextPersisted(ID);
    LoggingTestKit.warn("the journal of billing failed")
        .expect(
            kit.system(),
            () -> {
              group.tell(new CommitOffset(QUEUE, 2, committer.getRef()::tell));
              return null;
            });
    committer.expectNoMessage();
    assertThat(members(group)).containsExactly("a");
    assertThat(offset(group, QUEUE)).isEqualTo(2);

    pass(Duration.ofMillis(200));

    committer.expectMessage(new OffsetCommitted(2));
    assertThat(journal.persistedInStorage(ID))
        .containsExactly(moved(Map.of(QUEUE, 1L)), moved(Map.of(QUEUE, 2L)));
  }

  @Test
  void whoWaitsWhenTheLeadershipEndsHearsIt() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    held.hold();
    group.tell(new CommitOffset(QUEUE, 1, committer.getRef()::tell));
    held.awaitWrite();
    kit.system().classicSystem().stop(Adapter.toClassic(group));
    committer.expectMessage(GroupRefused.NOT_LEADING);
  }

  @Test
  void settledGroupHasWrittenAllThatItTook() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    TestProbe<Settled> asker = kit.createTestProbe();
    group.tell(new Settle(asker.getRef()::tell));
    asker.expectMessage(Settled.INSTANCE);

    held.hold();
    group.tell(new CommitOffset(QUEUE, 1, committer.getRef()::tell));
    held.awaitWrite();
    group.tell(new AdvanceOffset(OTHER, 2));
    group.tell(new Settle(asker.getRef()::tell));
    asker.expectNoMessage();
    held.letGo();

    asker.expectMessage(Settled.INSTANCE);
    assertThat(journal.persistedInStorage(ID))
        .containsExactly(moved(Map.of(QUEUE, 1L)), moved(Map.of(OTHER, 2L)));
  }

  @Test
  void resetIsKeptOverARestartUntilTheConsumerHasFollowed() {
    ActorRef<ConsumerGroup.Command> first = start();
    RecordingLink link = new RecordingLink();
    join(first, "a", link);
    first.tell(new CommitOffset(QUEUE, 50, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(50));
    first.tell(new ResetOffsets(Map.of(QUEUE, 7L), committer.getRef()::tell));
    committer.expectMessage(OffsetsReset.INSTANCE);
    assertThat(link.takeResets()).isEqualTo(1);
    kit.stop(first);

    ActorRef<ConsumerGroup.Command> second = start();
    second.tell(new CommitOffset(QUEUE, 51, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(7));
    assertThat(offset(second, QUEUE)).isEqualTo(7);
    join(second, "a", link);
    assertThat(link.takeResets()).isEqualTo(1);
    assertThat(check(second, OTHER, 3)).isEqualTo(new PullGoesOn(true));
    assertThat(check(second, QUEUE, 51)).isEqualTo(new PullMoved(7));
    assertThat(check(second, QUEUE, 7)).isEqualTo(new PullGoesOn(false));
    second.tell(new CommitOffset(QUEUE, 8, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(8));
    kit.stop(second);

    ActorRef<ConsumerGroup.Command> third = start();
    assertThat(offset(third, QUEUE)).isEqualTo(8);
    assertThat(check(third, QUEUE, 51)).isEqualTo(new PullGoesOn(false));
    join(third, "a", link);
    assertThat(link.takeResets()).isZero();
  }

  @Test
  void offsetsAreForgottenAlsoOverARestart() {
    ActorRef<ConsumerGroup.Command> first = start();
    first.tell(new CommitOffset(QUEUE, 50, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(50));
    first.tell(new OffsetKeeping.ForgetOffsets(committer.getRef()::tell));
    committer.expectMessage(OffsetKeeping.OffsetsForgotten.INSTANCE);
    assertThat(offset(first, QUEUE)).isEqualTo(-1);
    kit.stop(first);

    ActorRef<ConsumerGroup.Command> second = start();
    assertThat(offset(second, QUEUE)).isEqualTo(-1);
    second.tell(new CommitOffset(QUEUE, 3, committer.getRef()::tell));
    committer.expectMessage(new OffsetCommitted(3));
    assertThat(offset(second, QUEUE)).isEqualTo(3);
  }

  private CheckReply check(ActorRef<ConsumerGroup.Command> group, GroupQueue queue, long offset) {
    TestProbe<CheckReply> asker = kit.createTestProbe();
    group.tell(new CheckPull(queue, offset, asker.getRef()::tell));
    return asker.receiveMessage();
  }

  @Test
  void aLeaderThatWasReplacedAnswersNeitherMembersNorOffsets() {
    ActorRef<ConsumerGroup.Command> group = start();
    join(group, "a", new RecordingLink());
    TestProbe<Object> asker = kit.createTestProbe();
    proof.hold();
    group.tell(new GetMembers(asker.getRef()::tell));
    group.tell(new GetOffset(QUEUE, asker.getRef()::tell));
    asker.awaitAssert(() -> assertThat(proof.waiting()).isEqualTo(2));
    asker.expectNoMessage();
    proof.answer(false);

    asker.expectMessage(GroupRefused.NOT_LEADING);
    asker.expectMessage(GroupRefused.NOT_LEADING);
  }
}
