package io.sampo.actors.consumer;

import static io.sampo.actors.consumer.SampleMembers.member;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.HeartbeatReply;
import io.sampo.actors.consumer.ConsumerGroup.Joined;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.GroupLocks.LocksChanged;
import io.sampo.actors.consumer.QueueLocking.AskLocksHeld;
import io.sampo.actors.consumer.QueueLocking.LockQueues;
import io.sampo.actors.consumer.QueueLocking.LockReply;
import io.sampo.actors.consumer.QueueLocking.LocksHeld;
import io.sampo.actors.consumer.QueueLocking.QueuesLocked;
import io.sampo.actors.consumer.QueueLocking.QueuesUnlocked;
import io.sampo.actors.consumer.QueueLocking.UnlockQueues;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A group's queue locks, on a journal in memory, which can be held up and can fail. */
class ConsumerGroupLocksTest {
  private static final String ID = "broker-0/locks/billing";
  private static final GroupQueue ONE = new GroupQueue("broker-0", new QueueKey("orders", 0));
  private static final GroupQueue TWO = new GroupQueue("broker-0", new QueueKey("orders", 1));
  private static final int WAITING_MAX = 5;
  private static final ConsumerSettings SETTINGS =
      new ConsumerSettings(
          Duration.ofMinutes(2),
          Duration.ofSeconds(45),
          Duration.ofMillis(100),
          10,
          10,
          100,
          Duration.ofMillis(200),
          WAITING_MAX,
          1000,
          Duration.ofSeconds(60),
          2,
          new PopSettings(100, 10, Duration.ofSeconds(10), Duration.ofSeconds(120)));

  private final ActorTestKit kit = ActorTestKit.create(config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final PlayedProof proof = new PlayedProof();
  private final AtomicLong nowMs = new AtomicLong(1_000_000);
  private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  private final HeldJournal held = new HeldJournal(journal);
  private final TestProbe<LockReply> client = kit.createTestProbe();

  @AfterEach
  void stop() {
    held.letGo();
    kit.shutdownTestKit();
  }

  @Test
  void aMemberLocksAndTheOthersDoNotUntilItUnlocks() {
    ActorRef<ConsumerGroup.Command> group = startWith("a", "b");
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    journal.expectNextPersisted(ID, changed(Map.of(ONE, "a")));
    assertThat(lock(group, "b", ONE, TWO)).containsExactly(TWO);

    group.tell(new UnlockQueues("a", List.of(ONE), client.getRef()::tell));
    client.expectMessage(QueuesUnlocked.INSTANCE);

    assertThat(lock(group, "b", ONE, TWO)).containsExactly(ONE, TWO);
    journal.expectNextPersisted(ID, changed(Map.of(TWO, "b")));
    journal.expectNextPersisted(ID, changed(Map.of(ONE, LockTable.NOBODY)));
    journal.expectNextPersisted(ID, changed(Map.of(ONE, "b")));
    journal.expectNothingPersisted(ID);
  }

  @Test
  void aGroupSaysWhetherAnybodyHoldsALock() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    group.tell(new AskLocksHeld(client.getRef()::tell));
    client.expectMessage(new LocksHeld(false));

    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    group.tell(new AskLocksHeld(client.getRef()::tell));
    client.expectMessage(new LocksHeld(true));
  }

  @Test
  void anAcquisitionIsAnsweredOnceItIsDurableAndARenewalAtOnce() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    held.hold();
    askLock(group, "a", TWO);
    held.awaitWrite();

    assertThat(lockWith(kit.createTestProbe(), group, "a", ONE)).containsExactly(ONE);
    client.expectNoMessage();
    held.letGo();
    client.expectMessage(new QueuesLocked(List.of(TWO)));
  }

  @Test
  void whatIsNotWrittenIsAnsweredOnceItIsProvenThatTheGroupIsStillLedHere() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    proof.hold();
    askLock(group, "a", ONE);
    group.tell(new AskLocksHeld(client.getRef()::tell));
    group.tell(new UnlockQueues("b", List.of(ONE), client.getRef()::tell));
    client.awaitAssert(() -> assertThat(proof.waiting()).isEqualTo(3));
    client.expectNoMessage();
    proof.answer(true);

    client.expectMessage(new QueuesLocked(List.of(ONE)));
    client.expectMessage(new LocksHeld(true));
    client.expectMessage(QueuesUnlocked.INSTANCE);
  }

  @Test
  void aLeaderThatWasReplacedRenewsNothing() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    proof.hold();
    askLock(group, "a", ONE);
    client.awaitAssert(() -> assertThat(proof.waiting()).isEqualTo(1));
    proof.answer(false);

    client.expectMessage(GroupRefused.NOT_LEADING);
  }

  @Test
  void whatWasWrittenBeforeTheQuestionProvesNothing() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    held.hold();
    askLock(group, "a", ONE);
    held.awaitWrite();
    TestProbe<LockReply> again = kit.createTestProbe();
    group.tell(new LockQueues("a", List.of(ONE), again.getRef()::tell));
    proof.hold();
    held.letGo();
    client.expectMessage(new QueuesLocked(List.of(ONE)));
    again.awaitAssert(() -> assertThat(proof.waiting()).isEqualTo(1));
    proof.answer(false);

    again.expectMessage(GroupRefused.NOT_LEADING);
  }

  @Test
  void questionsThatWaitForProofAreLimited() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    proof.hold();
    for (int i = 0; i <= WAITING_MAX; i++) {
      askLock(group, "a", ONE);
    }

    client.expectMessage(GroupRefused.TOO_MANY_WAITING);
    proof.answer(true);
    client.receiveSeveralMessages(WAITING_MAX);
  }

  @Test
  void whatIsAskedDuringOneWriteIsOneEvent() {
    ActorRef<ConsumerGroup.Command> group = startWith("a", "b");
    held.hold();
    askLock(group, "a", ONE);
    held.awaitWrite();
    askLock(group, "a", ONE);
    askLock(group, "b", TWO);
    group.tell(new UnlockQueues("b", List.of(TWO), client.getRef()::tell));
    TestProbe<LockReply> last = kit.createTestProbe();
    group.tell(new LockQueues("a", List.of(ONE, TWO), last.getRef()::tell));
    held.letGo();

    last.expectMessage(new QueuesLocked(List.of(ONE, TWO)));
    client.expectMessage(new QueuesLocked(List.of(ONE)));
    client.expectMessage(new QueuesLocked(List.of(ONE)));
    client.expectMessage(new QueuesLocked(List.of())); // given back before it was durable
    client.expectMessage(QueuesUnlocked.INSTANCE);
    journal.expectNextPersisted(ID, changed(Map.of(ONE, "a")));
    journal.expectNextPersisted(ID, changed(Map.of(TWO, "a")));
    journal.expectNothingPersisted(ID);
  }

  @Test
  void aLockPassesOnWhenItWasNotRenewedForItsTime() {
    ActorRef<ConsumerGroup.Command> group = startWith("a", "b");
    lock(group, "a", ONE);
    pass(Duration.ofSeconds(40));
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
    pass(Duration.ofSeconds(59));
    assertThat(lock(group, "b", ONE)).isEmpty();

    pass(Duration.ofSeconds(1));

    assertThat(lock(group, "b", ONE)).containsExactly(ONE);
    assertThat(lock(group, "a", ONE)).isEmpty();
  }

  @Test
  void neitherAClosedConnectionNorTakingLeaveEndsALock() {
    ActorRef<ConsumerGroup.Command> group = start();
    RecordingLink link = new RecordingLink();
    join(group, "a", link);
    join(group, "b", new RecordingLink());
    lock(group, "a", ONE);

    group.tell(new Leave("a", link));

    assertThat(lock(group, "b", ONE)).as("perhaps still being processed").isEmpty();
    assertThat(lock(group, "a", ONE)).as("connected again, no heartbeat yet").containsExactly(ONE);
    pass(Duration.ofSeconds(60));
    assertThat(lock(group, "b", ONE)).containsExactly(ONE);
  }

  @Test
  void whoIsNoMemberIsRefusedAndNothingIsWritten() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    lock(group, "a", ONE);
    journal.expectNextPersisted(ID, changed(Map.of(ONE, "a")));

    askLock(group, "stranger", ONE, TWO);
    client.expectMessage(GroupRefused.NOT_A_MEMBER);
    group.tell(new UnlockQueues("stranger", List.of(ONE, TWO), client.getRef()::tell));
    client.expectMessage(QueuesUnlocked.INSTANCE);

    journal.expectNothingPersisted(ID);
    assertThat(lock(group, "a", ONE)).containsExactly(ONE);
  }

  @Test
  void locksSurviveARestartAndCountAsRenewedThen() {
    ActorRef<ConsumerGroup.Command> group = startWith("a", "b");
    lock(group, "a", ONE, TWO);
    group.tell(new UnlockQueues("a", List.of(TWO), client.getRef()::tell));
    client.expectMessage(QueuesUnlocked.INSTANCE);
    pass(Duration.ofSeconds(50));
    kit.stop(group);

    ActorRef<ConsumerGroup.Command> again = startWith("b");

    assertThat(lock(again, "b", ONE, TWO)).containsExactly(TWO);
    pass(Duration.ofSeconds(59));
    assertThat(lock(again, "b", ONE)).isEmpty();
    assertThat(lock(again, "a", ONE)).as("before its first heartbeat").containsExactly(ONE);
    pass(Duration.ofSeconds(60));
    assertThat(lock(again, "b", ONE)).containsExactly(ONE);
  }

  @Test
  void expiredLocksAreForgottenInTheJournalToo() {
    ActorRef<ConsumerGroup.Command> group = startWith("a", "b");
    LoggingTestKit.warn("billing holds 2 queue locks, which is the limit")
        .expect(kit.system(), () -> lock(group, "a", ONE, TWO));
    GroupQueue third = new GroupQueue("broker-0", new QueueKey("orders", 2));
    assertThat(lock(group, "b", third)).as("beyond the limit").isEmpty();

    pass(Duration.ofSeconds(60));

    journal.expectNextPersisted(ID, changed(Map.of(ONE, "a", TWO, "a")));
    journal.expectNextPersisted(ID, changed(Map.of(ONE, LockTable.NOBODY, TWO, LockTable.NOBODY)));
    assertThat(lock(group, "b", third)).containsExactly(third);
  }

  @Test
  void requestsThatComeBeforeTheJournalIsReadWaitUpToTheLimit() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    held.holdReads();
    List<TestProbe<LockReply>> askers = new ArrayList<>();
    for (int i = 0; i < WAITING_MAX; i++) {
      TestProbe<LockReply> asker = kit.createTestProbe();
      group.tell(new LockQueues("a", List.of(ONE), asker.getRef()::tell));
      askers.add(asker);
    }
    askLock(group, "a", ONE);
    client.expectMessage(GroupRefused.TOO_MANY_WAITING);
    held.letGo();
    askers.forEach(asker -> asker.expectMessage(new QueuesLocked(List.of(ONE))));
  }

  @Test
  void requestsThatWaitForTheJournalHaveALimit() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    assertThat(lock(group, "a", TWO)).containsExactly(TWO);
    held.hold();
    for (int i = 0; i < WAITING_MAX; i++) {
      group.tell(new LockQueues("a", List.of(ONE), reply -> {}));
    }
    askLock(group, "a", ONE);
    client.expectMessage(GroupRefused.TOO_MANY_WAITING);
  }

  @Test
  void aFailedWriteIsDoneAgainAndAnsweredThen() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    lock(group, "a", ONE);
    journal.failNextPersisted(ID);
    LoggingTestKit.warn("the lock journal of billing failed")
        .expect(
            kit.system(),
            () -> {
              askLock(group, "a", TWO);
              return null;
            });
    client.expectNoMessage();
    assertThat(lockWith(kit.createTestProbe(), group, "a", ONE)).containsExactly(ONE);

    pass(Duration.ofMillis(200));

    client.expectMessage(new QueuesLocked(List.of(TWO)));
    assertThat(journal.persistedInStorage(ID))
        .containsExactly(changed(Map.of(ONE, "a")), changed(Map.of(TWO, "a")));
  }

  @Test
  void whoWaitsWhenTheLeadershipEndsHearsIt() {
    ActorRef<ConsumerGroup.Command> group = startWith("a");
    lock(group, "a", TWO);
    held.hold();
    askLock(group, "a", ONE);
    held.awaitWrite();
    kit.system().classicSystem().stop(Adapter.toClassic(group));
    client.expectMessage(GroupRefused.NOT_LEADING);
  }

  private ActorRef<ConsumerGroup.Command> startWith(String... members) {
    ActorRef<ConsumerGroup.Command> group = start();
    for (String member : members) {
      join(group, member, new RecordingLink());
    }
    return group;
  }

  private ActorRef<ConsumerGroup.Command> start() {
    return kit.spawn(
        ConsumerGroup.create(
            new ConsumerGroup.Identity("broker-0", "billing"),
            new ConsumerGroup.Surroundings(SETTINGS, nowMs::get, proof)));
  }

  private void join(ActorRef<ConsumerGroup.Command> group, String clientId, RecordingLink link) {
    TestProbe<HeartbeatReply> joined = kit.createTestProbe();
    group.tell(new Heartbeat(member(clientId), link, joined.getRef()::tell));
    joined.expectMessage(Joined.INSTANCE);
  }

  private List<GroupQueue> lock(
      ActorRef<ConsumerGroup.Command> group, String clientId, GroupQueue... queues) {
    return lockWith(client, group, clientId, queues);
  }

  private static List<GroupQueue> lockWith(
      TestProbe<LockReply> asker,
      ActorRef<ConsumerGroup.Command> group,
      String clientId,
      GroupQueue... queues) {
    group.tell(new LockQueues(clientId, List.of(queues), asker.getRef()::tell));
    return asker.expectMessageClass(QueuesLocked.class).queues();
  }

  private void askLock(
      ActorRef<ConsumerGroup.Command> group, String clientId, GroupQueue... queues) {
    group.tell(new LockQueues(clientId, List.of(queues), client.getRef()::tell));
  }

  private void pass(Duration duration) {
    nowMs.addAndGet(duration.toMillis());
    time.timePasses(duration);
  }

  private static LocksChanged changed(Map<GroupQueue, String> holders) {
    return new LocksChanged(LockTable.of(holders));
  }

  /** Its time leaps, so a write under way would seem to take a minute. */
  private static Config config() {
    return ConfigFactory.parseString(
            "pekko.persistence.journal-plugin-fallback.circuit-breaker.call-timeout = 1h")
        .withFallback(persistence());
  }

  private static Config persistence() {
    return PersistenceTestKitPlugin.getInstance()
        .config()
        .withFallback(PersistenceTestKitSnapshotPlugin.config())
        .withFallback(ManualTime.config())
        .withFallback(ConfigFactory.load());
  }
}
