package io.sampo.actors.consumer;

import static io.sampo.actors.consumer.SampleMembers.member;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.HeartbeatReply;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.ConsumerGroup.MembersReply;
import io.sampo.actors.consumer.GroupOffsets.OffsetsMoved;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.GetOffset;
import io.sampo.actors.consumer.OffsetKeeping.OffsetFound;
import io.sampo.actors.consumer.OffsetKeeping.OffsetReply;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterEach;

/** A group on a journal in memory, which can be held up and can fail. */
abstract class ConsumerGroupHarness {
  static final String ID = "broker-0/group/billing";
  static final String ROLL_ID = "broker-0/roll/billing";
  static final GroupQueue QUEUE = new GroupQueue("broker-0", new QueueKey("orders", 0));
  static final GroupQueue OTHER = new GroupQueue("broker-0", new QueueKey("orders", 1));
  static final ConsumerSettings SETTINGS =
      settings(new PopSettings(100, 10, Duration.ofSeconds(10), Duration.ofSeconds(120)));

  final ActorTestKit kit = ActorTestKit.create(config());
  final ManualTime time = ManualTime.get(kit.system());
  final PlayedProof proof = new PlayedProof();
  final AtomicLong nowMs = new AtomicLong(1_000_000);
  final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  final HeldJournal held = new HeldJournal(journal);
  final TestProbe<CommitReply> committer = kit.createTestProbe();

  static ConsumerSettings settings(PopSettings pops) {
    return new ConsumerSettings(
        Duration.ofMinutes(2),
        Duration.ofSeconds(45),
        Duration.ofMillis(100),
        10,
        10,
        100,
        Duration.ofMillis(200),
        100,
        1000,
        Duration.ofSeconds(60),
        100,
        pops);
  }

  @AfterEach
  void stop() {
    held.letGo();
    kit.shutdownTestKit();
  }

  void awaitStored(String... members) {
    committer.awaitAssert(
        () -> {
          assertThat(storedMembers()).containsExactlyInAnyOrder(members);
          return null;
        });
  }

  /** Who is a member by the events in the journal. */
  Set<String> storedMembers() {
    Roll roll = Roll.EMPTY;
    for (Object event : journal.persistedInStorage(ROLL_ID)) {
      GroupRoll.RollChanged changed = (GroupRoll.RollChanged) event;
      roll = roll.with(changed.joined(), changed.left());
    }
    return roll.clientIds();
  }

  ActorRef<ConsumerGroup.Command> start() {
    return kit.spawn(
        ConsumerGroup.create(
            new ConsumerGroup.Identity("broker-0", "billing"),
            new ConsumerGroup.Surroundings(SETTINGS, nowMs::get, proof)));
  }

  void join(ActorRef<ConsumerGroup.Command> group, String clientId, RecordingLink link) {
    TestProbe<HeartbeatReply> client = kit.createTestProbe();
    group.tell(new Heartbeat(member(clientId), link, client.getRef()::tell));
    client.expectMessage(Joined.INSTANCE);
    assertThat(members(group)).as("also: the links have been told").contains(clientId);
  }

  List<String> members(ActorRef<ConsumerGroup.Command> group) {
    TestProbe<MembersReply> asker = kit.createTestProbe();
    group.tell(new GetMembers(asker.getRef()::tell));
    return asker.expectMessageClass(Members.class).clientIds();
  }

  /** All changes have been told, and the next is told at once. */
  void awaitNotified(ActorRef<ConsumerGroup.Command> group) {
    for (int i = 0; i < 2; i++) {
      members(group);
      pass(SETTINGS.notifyInterval());
    }
    members(group);
  }

  long offset(ActorRef<ConsumerGroup.Command> group, GroupQueue queue) {
    TestProbe<OffsetReply> asker = kit.createTestProbe();
    group.tell(new GetOffset(queue, asker.getRef()::tell));
    return asker.expectMessageClass(OffsetFound.class).offset();
  }

  void pass(Duration duration) {
    nowMs.addAndGet(duration.toMillis());
    time.timePasses(duration);
  }

  static OffsetsMoved moved(Map<GroupQueue, Long> offsets) {
    return new OffsetsMoved(OffsetTable.of(offsets));
  }

  static Config config() {
    return PersistenceTestKitPlugin.getInstance()
        .config()
        .withFallback(PersistenceTestKitSnapshotPlugin.config())
        .withFallback(ManualTime.config())
        .withFallback(ConfigFactory.load());
  }
}
