package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.ConsumerGroup.MembersReply;
import io.sampo.actors.consumer.OffsetKeeping.AdvanceOffset;
import io.sampo.actors.group.LeaderDirectory;
import io.sampo.actors.group.Leaders;
import io.sampo.actors.group.LocalQueues;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.LogGroup.ConsumerGroupResolved;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.QueueResolved;
import io.sampo.actors.group.LogGroup.ResolveConsumerGroup;
import io.sampo.actors.group.LogGroup.ResolveQueue;
import io.sampo.actors.group.LogGroup.ResolveRefused;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.BoundsReply;
import io.sampo.actors.group.Queue.GetBounds;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.actors.group.RecordReader;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The cache with its real resolver, on a clock that the test turns. */
class LeaderCacheTest {
  private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config());
  private static final ManualTime TIME = ManualTime.get(KIT.system());
  private static final RemoteGroups REMOTE_GROUPS =
      new RemoteGroups(new KitSpawner(KIT), Duration.ofSeconds(30), 3);
  private static final QueueKey QUEUE = new QueueKey("T", 0);
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final TestProbe<LogGroup.Command> leader = KIT.createTestProbe(LogGroup.Command.class);
  private final TestProbe<Queue.Command> queue = KIT.createTestProbe(Queue.Command.class);
  private final LeaderDirectory directory = new LeaderDirectory();
  private final ActorRef<LeaderResolver.Command> resolver =
      KIT.spawn(LeaderResolver.create(directory, TIMEOUT));
  private final LeaderCache cache =
      new LeaderCache(
          List.of("broker-0"), resolver, LocalQueues.get(KIT.system()), REMOTE_GROUPS, 3, TIMEOUT);
  private final List<BoundsReply> replies = new CopyOnWriteArrayList<>();
  private final LeaderAnnouncement announcement =
      new LeaderAnnouncement("broker-0", 1, leader.getRef());

  @BeforeEach
  void aLeader() {
    Leaders.announce(directory, announcement);
  }

  @AfterEach
  void stop() {
    KIT.stop(resolver);
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private GetBounds tell() {
    GetBounds command = new GetBounds(replies::add);
    cache.tellQueue("broker-0", QUEUE, command);
    return command;
  }

  private ResolveQueue asked() {
    return leader.expectMessageClass(ResolveQueue.class);
  }

  @Test
  void partIsAskedForOnceAndThenToldDirectly() {
    TestProbe<LogGroup.PartCommand> records = KIT.createTestProbe();
    LogGroup.PartCommand first = new RecordReader.ReadRecord(1, reply -> {});
    LogGroup.PartCommand second = new RecordReader.ReadRecord(2, reply -> {});
    cache.tellPart("broker-0", LogGroup.Part.RECORDS, first);
    LogGroup.ResolvePart question = leader.expectMessageClass(LogGroup.ResolvePart.class);
    assertThat(question.part()).isEqualTo(LogGroup.Part.RECORDS);
    question.replyTo().tell(new LogGroup.PartResolved(LogGroup.Part.RECORDS, records.getRef()));
    records.expectMessage(first);
    cache.tellPart("broker-0", LogGroup.Part.RECORDS, second);
    records.expectMessage(second);
    leader.expectNoMessage();
  }

  @Test
  void theActorOfAQueueIsAskedForOnceAndThenToldDirectly() {
    GetBounds first = tell();
    GetBounds second = tell();
    ResolveQueue question = asked();
    leader.expectNoMessage();
    assertThat(question.queue()).isEqualTo(QUEUE);
    question.replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));

    queue.expectMessage(first);
    queue.expectMessage(second);
    GetBounds third = tell();
    queue.expectMessage(third);
    leader.expectNoMessage();
    assertThat(replies).isEmpty();
  }

  @Test
  void theActorOfAGroupIsAskedForAtItsHome() {
    TestProbe<ConsumerGroup.Command> group = KIT.createTestProbe(ConsumerGroup.Command.class);
    List<MembersReply> members = new CopyOnWriteArrayList<>();
    cache.tellGroup("G", new GetMembers(members::add));
    ResolveConsumerGroup question = leader.expectMessageClass(ResolveConsumerGroup.class);
    assertThat(question.group()).isEqualTo("G");
    question.replyTo().tell(new ConsumerGroupResolved("G", group.getRef()));

    Members found = new Members(List.of("a"));
    group.expectMessageClass(GetMembers.class).replyTo().tell(found);
    assertThat(members).containsExactly(found);
  }

  @Test
  void aGroupsActorThatDoesNotLeadIsForgottenAlsoWhenNobodyIsAskedAfterIt() {
    LeaderCache patient =
        new LeaderCache(
            List.of("broker-0"),
            resolver,
            LocalQueues.get(KIT.system()),
            REMOTE_GROUPS,
            3,
            Duration.ofMinutes(1));
    TestProbe<ConsumerGroup.Command> group = KIT.createTestProbe(ConsumerGroup.Command.class);
    List<MembersReply> members = new CopyOnWriteArrayList<>();
    patient.tellGroup("G", new GetMembers(members::add));
    for (int i = 0; i < 3; i++) {
      leader
          .expectMessageClass(ResolveConsumerGroup.class)
          .replyTo()
          .tell(new ConsumerGroupResolved("G", group.getRef()));
      group.expectMessageClass(GetMembers.class).replyTo().tell(GroupRefused.NOT_LEADING);
    }
    assertThat(members).containsExactly(GroupRefused.NOT_LEADING);

    patient.tellGroup("G", new GetMembers(members::add));
    leader.expectMessageClass(ResolveConsumerGroup.class);
  }

  @Test
  void moreCommandsThanMayWaitAreRefusedAtOnce() {
    tell();
    tell();
    tell();
    assertThat(replies).isEmpty();
    tell();

    assertThat(replies).containsExactly(ReadRefused.NOT_LEADING);
    asked().replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));
    for (int i = 0; i < 3; i++) {
      queue.expectMessageClass(GetBounds.class);
    }
    cache.forgetQueue("broker-0", QUEUE);
    tell();
    assertThat(replies).as("those that waited count no more").hasSize(1);
  }

  @Test
  void whatNobodyWaitsForIsDroppedWithoutAWord() {
    Leaders.end(directory, announcement);
    cache.tellGroup("G", new AdvanceOffset(new GroupQueue("broker-0", QUEUE), 5));

    TIME.timePasses(TIMEOUT);

    leader.expectNoMessage();
  }

  @Test
  void aRefusalRefusesWhatWaitsAndTheNextCommandAsksAgain() {
    tell();
    asked().replyTo().tell(new ResolveRefused("too many queues"));
    queue.awaitAssert(
        () -> {
          assertThat(replies).containsExactly(ReadRefused.NOT_LEADING);
          return null;
        });

    GetBounds next = tell();
    asked().replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));
    queue.expectMessage(next);
  }

  @Test
  void withoutALeaderCommandsWaitForOneAndThenGiveUp() {
    Leaders.end(directory, announcement);
    tell();
    leader.expectNoMessage();
    TIME.timePasses(Duration.ofMillis(1900));
    assertThat(replies).isEmpty();
    TIME.timePasses(Duration.ofMillis(100));
    queue.awaitAssert(
        () -> {
          assertThat(replies).containsExactly(ReadRefused.NOT_LEADING);
          return null;
        });

    GetBounds patient = tell();
    leader.expectNoMessage();
    Leaders.announce(directory, new LeaderAnnouncement("broker-0", 2, leader.getRef()));
    asked().replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));

    queue.expectMessage(patient);
  }

  @Test
  void aNewLeaderIsAskedWhatTheOldOneDidNotAnswer() {
    GetBounds command = tell();
    ResolveQueue toTheOld = asked();
    TestProbe<LogGroup.Command> successor = KIT.createTestProbe(LogGroup.Command.class);
    Leaders.end(directory, announcement);
    Leaders.announce(directory, new LeaderAnnouncement("broker-0", 2, successor.getRef()));
    ResolveQueue toTheNew = successor.expectMessageClass(ResolveQueue.class);
    toTheNew.replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));

    queue.expectMessage(command);
    toTheOld.replyTo().tell(new ResolveRefused("too late"));
    GetBounds next = tell();
    queue.expectMessage(next);
    assertThat(replies).isEmpty();
  }

  @Test
  void anActorThatStoppedIsForgotten() {
    tell();
    asked().replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));
    queue.expectMessageClass(GetBounds.class);
    TestProbe<Queue.Command> successor = KIT.createTestProbe(Queue.Command.class);

    queue.stop();
    // The resolver hears of it on its own thread; until then commands go to the dead letters.
    ResolveQueue again =
        successor.awaitAssert(
            () -> {
              tell();
              return leader.expectMessageClass(ResolveQueue.class, Duration.ofMillis(50));
            });
    again.replyTo().tell(new QueueResolved(QUEUE, successor.getRef()));

    successor.expectMessageClass(GetBounds.class);
  }

  @Test
  void anActorThatWasForgottenMayBeFoundAgain() {
    for (int i = 0; i < 3; i++) {
      GetBounds command = tell();
      asked().replyTo().tell(new QueueResolved(QUEUE, queue.getRef()));
      queue.expectMessage(command);
      cache.forgetQueue("broker-0", QUEUE);
    }
    cache.forgetQueue("broker-0", new QueueKey("never seen", 0));
  }

  @Test
  void aLogGroupThatDoesNotExistIsABug() {
    assertThatThrownBy(() -> cache.tellQueue("broker-9", QUEUE, new GetBounds(replies::add)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
