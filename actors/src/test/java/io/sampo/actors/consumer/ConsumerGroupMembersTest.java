package io.sampo.actors.consumer;

import static io.sampo.actors.consumer.SampleMembers.member;
import static io.sampo.actors.consumer.SampleMembers.tags;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.consumer.ConsumerGroup.GetSubscription;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.HeartbeatReply;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.ConsumerGroup.NoSubscription;
import io.sampo.actors.consumer.ConsumerGroup.SubscriptionFound;
import io.sampo.actors.consumer.ConsumerGroup.SubscriptionReply;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** The members of a group: who is told of whom, and whom a new leader expects. */
class ConsumerGroupMembersTest extends ConsumerGroupHarness {
  @Test
  void heartbeatMakesAMemberThatEveryoneSees() {
    ActorRef<ConsumerGroup.Command> group = start();
    RecordingLink first = new RecordingLink();
    RecordingLink second = new RecordingLink();

    join(group, "b", first);
    assertThat(first.takeChanges()).isEqualTo(1);
    awaitNotified(group);
    join(group, "a", second);

    assertThat(members(group)).containsExactly("a", "b");
    assertThat(first.takeChanges()).isEqualTo(1);
    assertThat(second.takeChanges()).isEqualTo(1);
  }

  @Test
  void changesShortlyAfterANotificationAreToldTogether() {
    ActorRef<ConsumerGroup.Command> group = start();
    RecordingLink first = new RecordingLink();
    RecordingLink last = new RecordingLink();
    join(group, "1", first);
    first.takeChanges();
    for (int i = 2; i < 10; i++) {
      join(group, "" + i, new RecordingLink());
    }
    join(group, "x", last);
    assertThat(first.takeChanges()).isZero();
    assertThat(last.takeChanges()).isZero();

    pass(SETTINGS.notifyInterval());

    assertThat(members(group)).hasSize(10);
    assertThat(first.takeChanges()).isEqualTo(1);
    assertThat(last.takeChanges()).isEqualTo(1);
    pass(SETTINGS.notifyInterval());
    assertThat(members(group)).hasSize(10);
    assertThat(first.takeChanges()).as("nothing changed since").isZero();
  }

  @Test
  void leaveTellsThoseWhoStay() {
    ActorRef<ConsumerGroup.Command> group = start();
    RecordingLink stays = new RecordingLink();
    RecordingLink leaves = new RecordingLink();
    join(group, "a", stays);
    join(group, "b", leaves);
    awaitNotified(group);
    stays.takeChanges();

    group.tell(new Leave("b", leaves));

    assertThat(members(group)).containsExactly("a");
    assertThat(stays.takeChanges()).isEqualTo(1);
  }

  @Test
  void memberThatFallsSilentIsRemovedAndTheOthersAreTold() {
    ActorRef<ConsumerGroup.Command> group = start();
    RecordingLink lively = new RecordingLink();
    join(group, "silent", new RecordingLink());
    join(group, "lively", lively);
    for (int i = 0; i < 3; i++) {
      pass(Duration.ofSeconds(30));
      join(group, "lively", lively);
    }
    assertThat(members(group)).containsExactly("lively", "silent");
    lively.takeChanges();

    pass(Duration.ofSeconds(40));

    assertThat(members(group)).containsExactly("lively");
    assertThat(lively.takeChanges()).isEqualTo(1);
  }

  @Test
  void subscriptionIsAnsweredAsTheNewestHeartbeatSaid() {
    ActorRef<ConsumerGroup.Command> group = start();
    TestProbe<HeartbeatReply> client = kit.createTestProbe();
    TestProbe<SubscriptionReply> asker = kit.createTestProbe();
    group.tell(new GetSubscription("orders", asker.getRef()::tell));
    asker.expectMessage(NoSubscription.INSTANCE);

    group.tell(
        new Heartbeat(
            member("a", tags("orders", "x || y", 3)), new RecordingLink(), client.getRef()::tell));
    client.expectMessage(Joined.INSTANCE);

    group.tell(new GetSubscription("orders", asker.getRef()::tell));
    asker.expectMessage(new SubscriptionFound(tags("orders", "x || y", 3)));
  }

  @Test
  void membersAreExpectedAgainByANewLeaderAndNotForEver() {
    ActorRef<ConsumerGroup.Command> group = start();
    RecordingLink left = new RecordingLink();
    join(group, "a", new RecordingLink());
    join(group, "b", new RecordingLink());
    join(group, "left", left);
    awaitStored("a", "b", "left");
    group.tell(new Leave("left", left));
    assertThat(members(group)).containsExactly("a", "b");
    awaitStored("a", "b");
    kit.stop(group);

    ActorRef<ConsumerGroup.Command> again = start();

    assertThat(members(again)).containsExactly("a", "b");
    RecordingLink first = new RecordingLink();
    join(again, "b", first);
    join(again, "c", new RecordingLink());
    assertThat(members(again)).containsExactly("a", "b", "c");
    awaitNotified(again);
    first.takeChanges();

    pass(SETTINGS.rejoinTimeout());

    assertThat(members(again)).containsExactly("b", "c");
    assertThat(first.takeChanges()).isEqualTo(1);
    awaitStored("b", "c");
  }

  @Test
  void membersAreWrittenAgainWhenTheirJournalFails() {
    ActorRef<ConsumerGroup.Command> group = start();
    assertThat(offset(group, QUEUE)).isEqualTo(-1);
    journal.failNextPersisted(ROLL_ID);
    LoggingTestKit.warn("the journal of billing's members failed")
        .expect(
            kit.system(),
            () -> {
              join(group, "a", new RecordingLink());
              return null;
            });
    assertThat(members(group)).containsExactly("a");

    pass(Duration.ofMillis(200));

    awaitStored("a");
  }
}
