package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.group.LogGroup.CatalogReply;
import io.sampo.actors.group.LogGroup.CatalogResolved;
import io.sampo.actors.group.LogGroup.ConsumerGroupReply;
import io.sampo.actors.group.LogGroup.ConsumerGroupResolved;
import io.sampo.actors.group.LogGroup.Knock;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.QueueReply;
import io.sampo.actors.group.LogGroup.QueueResolved;
import io.sampo.actors.group.LogGroup.ResolveCatalog;
import io.sampo.actors.group.LogGroup.ResolveConsumerGroup;
import io.sampo.actors.group.LogGroup.ResolveQueue;
import io.sampo.actors.group.LogGroup.ResolveRefused;
import io.sampo.actors.group.LogGroup.Retire;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A log group whose log is a probe and whose children end at almost any message. */
class LogGroupTest {
  private static final List<String> LOG_GROUPS = List.of("broker-0", "broker-1");
  private static final LogGroupSettings SETTINGS =
      new LogGroupSettings(
          Duration.ofMillis(100),
          Duration.ofMillis(400),
          3,
          2,
          2,
          10,
          Duration.ofSeconds(1),
          Duration.ofSeconds(3));

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<CommitLog.Command> log = kit.createTestProbe();
  private final AtomicReference<@Nullable ActorRef<CommitLog.Command>> localLog =
      new AtomicReference<>(log.getRef());
  private final TestProbe<LeaderAnnouncement> knocker = kit.createTestProbe();
  private final TestProbe<LogGroup.Command> appointment = kit.createTestProbe();

  /** Children that stop at any message, except that groups keep who waits for them to settle. */
  private static final class Mortals implements LogGroupChildren {
    private final Set<String> started = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<ConsumerGroup.Settle> settling = new LinkedBlockingQueue<>();

    @Override
    public Queue.Start queue(QueueKey key, Leadership leadership) {
      return new Queue.Start(
          mortal("queue " + key + " of epoch " + leadership.epoch()),
          new QueueGate(leadership, 0, 1));
    }

    @Override
    public Behavior<ConsumerGroup.Command> consumerGroup(String group, Leadership leadership) {
      return Behaviors.receive(
          (context, message) -> {
            if (message instanceof ConsumerGroup.Settle settle) {
              settling.add(settle);
              return Behaviors.same();
            }
            return Behaviors.stopped();
          });
    }

    @Override
    public Behavior<LogGroup.PartCommand> part(LogGroup.Part part, PartHome home) {
      return mortal("part " + part);
    }

    @Override
    public Behavior<Catalog.Command> catalog(Leadership leadership) {
      return mortal("catalog");
    }

    private <T> Behavior<T> mortal(String name) {
      started.add(name);
      return Behaviors.receive((context, message) -> Behaviors.stopped());
    }
  }

  private final Mortals children = new Mortals();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void knockIsAnsweredOnceTheLogLeads() {
    ActorRef<LogGroup.Command> group = start("broker-0");
    group.tell(new Knock(knocker.getRef()));
    CommitLog.Lead lead = log.expectMessageClass(CommitLog.Lead.class);
    knocker.expectNoMessage();

    lead.replyTo().tell(new CommitLog.Leading(7, new FakeLog()));

    knocker.expectMessage(new LeaderAnnouncement("broker-0", 7, group));
    group.tell(new Knock(knocker.getRef()));
    knocker.expectMessage(new LeaderAnnouncement("broker-0", 7, group));
  }

  @Test
  void refusedLeadershipIsAskedForAgainAfterGrowingPauses() {
    ActorRef<LogGroup.Command> group = start("broker-0");
    knockUntilTheStashIsFull(group);
    for (int pauseMs : new int[] {100, 200, 400, 400}) {
      refuse(log.expectMessageClass(CommitLog.Lead.class));
      awaitHandled(group);
      time.timePasses(Duration.ofMillis(pauseMs - 1));
      log.expectNoMessage();
      time.timePasses(Duration.ofMillis(1));
    }
    log.expectMessageClass(CommitLog.Lead.class);
  }

  @Test
  void logThatIsOpenedLaterIsFound() {
    localLog.set(null);
    ActorRef<LogGroup.Command> group = start("broker-0");
    knockUntilTheStashIsFull(group);
    awaitHandled(group);
    localLog.set(log.getRef());
    time.timePasses(Duration.ofMillis(100));
    lead(3);
    knocker.expectMessage(new LeaderAnnouncement("broker-0", 3, group));
  }

  @Test
  void logThatEndsBeforeItAnswersIsNotWaitedFor() {
    TestProbe<CommitLog.Command> other = kit.createTestProbe();
    ActorRef<LogGroup.Command> group = start("broker-0");
    log.expectMessageClass(CommitLog.Lead.class);
    localLog.set(other.getRef());
    knockUntilTheStashIsFull(group);
    LoggingTestKit.warn("its log ended before it answered")
        .expect(
            kit.system(),
            () -> {
              log.stop();
              return null;
            });
    awaitHandled(group);
    time.timePasses(Duration.ofMillis(100));
    other
        .expectMessageClass(CommitLog.Lead.class)
        .replyTo()
        .tell(new CommitLog.Leading(9, new FakeLog()));
    knocker.expectMessage(new LeaderAnnouncement("broker-0", 9, group));
  }

  @Test
  void whatFindsNoRoomDuringTheElectionIsRefused() {
    ActorRef<LogGroup.Command> group = start("broker-0");
    knockUntilTheStashIsFull(group);
    TestProbe<QueueReply> queues = kit.createTestProbe();
    TestProbe<ConsumerGroupReply> groups = kit.createTestProbe();
    TestProbe<CatalogReply> catalogs = kit.createTestProbe();
    group.tell(new ResolveQueue(new QueueKey("T", 0), queues.getRef()));
    group.tell(new ResolveConsumerGroup("G", groups.getRef()));
    group.tell(new ResolveCatalog(catalogs.getRef()));
    queues.expectMessageClass(ResolveRefused.class);
    groups.expectMessageClass(ResolveRefused.class);
    catalogs.expectMessageClass(ResolveRefused.class);
    lead(1);
    for (int i = 0; i < SETTINGS.stashMax(); i++) {
      knocker.expectMessageClass(LeaderAnnouncement.class);
    }
  }

  @Test
  void queueIsStartedOnceUnderTheLeadership() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    ActorRef<Queue.Command> first = queue(group, 0);
    assertThat(queue(group, 0)).isEqualTo(first);
    assertThat(queue(group, 1)).isNotEqualTo(first);
    assertThat(children.started).contains("queue " + new QueueKey("T", 0) + " of epoch 7");
  }

  @Test
  void queuesAndGroupsHaveALimit() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    queue(group, 0);
    queue(group, 1);
    TestProbe<QueueReply> queues = kit.createTestProbe();
    group.tell(new ResolveQueue(new QueueKey("T", 2), queues.getRef()));
    assertThat(queues.expectMessageClass(ResolveRefused.class).reason()).contains("2 queues");
    queue(group, 1);

    List<String> names = groupsAtHomeIn("broker-0", 3);
    consumerGroup(group, names.get(0));
    consumerGroup(group, names.get(1));
    TestProbe<ConsumerGroupReply> groups = kit.createTestProbe();
    group.tell(new ResolveConsumerGroup(names.get(2), groups.getRef()));
    assertThat(groups.expectMessageClass(ResolveRefused.class).reason())
        .contains("2 consumer groups");
    consumerGroup(group, names.get(1));
  }

  @Test
  void consumerGroupThatEndedIsStartedAnew() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    String name = groupsAtHomeIn("broker-0", 1).get(0);
    ActorRef<ConsumerGroup.Command> first = consumerGroup(group, name);
    assertThat(consumerGroup(group, name)).isEqualTo(first);
    first.tell(new ConsumerGroup.GetMembers(members -> {}));
    knocker.expectTerminated(first);
    knocker.awaitAssert(
        () -> {
          assertThat(consumerGroup(group, name)).isNotEqualTo(first);
          return null;
        });
  }

  @Test
  void consumerGroupIsFoundOnlyAtItsHome() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    TestProbe<ConsumerGroupReply> asker = kit.createTestProbe();
    group.tell(new ResolveConsumerGroup(groupsAtHomeIn("broker-1", 1).get(0), asker.getRef()));
    assertThat(asker.expectMessageClass(ResolveRefused.class).reason()).contains("broker-1");
  }

  @Test
  void firstLogGroupHasTheCatalogAndStartsItAgainWhenItEnds() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    assertThat(children.started).contains("catalog");
    ActorRef<Catalog.Command> first = catalog(group);
    assertThat(catalog(group)).isEqualTo(first);
    first.tell(new Catalog.GetTopic("T", kit.<Catalog.TopicReply>createTestProbe().getRef()));
    knocker.expectTerminated(first);
    knocker.awaitAssert(
        () -> {
          assertThat(catalog(group)).isNotEqualTo(first);
          return null;
        });
  }

  @Test
  void otherLogGroupsDoNotHaveTheCatalog() {
    ActorRef<LogGroup.Command> group = leading("broker-1", 7);
    TestProbe<CatalogReply> asker = kit.createTestProbe();
    group.tell(new ResolveCatalog(asker.getRef()));
    asker.expectMessageClass(ResolveRefused.class);
    assertThat(children.started).doesNotContain("catalog");
  }

  @Test
  void allThatDependsOnTheLogEndsWithIt() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    ActorRef<Queue.Command> queue = queue(group, 0);
    ActorRef<Catalog.Command> catalog = catalog(group);
    log.stop();
    knocker.expectTerminated(group);
    knocker.expectTerminated(queue);
    knocker.expectTerminated(catalog);
  }

  @Test
  void leadershipThatTheLogEndsIsGivenUp() {
    ActorRef<LogGroup.Command> group = start("broker-0");
    CommitLog.Lead lead = log.expectMessageClass(CommitLog.Lead.class);
    lead.replyTo().tell(new CommitLog.Leading(7, new FakeLog()));
    ActorRef<Queue.Command> queue = queue(group, 0);

    lead.replyTo().tell(new CommitLog.LeadershipEnded(6, "an older one"));
    assertThat(queue(group, 0)).isEqualTo(queue);
    lead.replyTo().tell(new CommitLog.LeadershipEnded(7, "a newer one began"));

    knocker.expectTerminated(group);
    knocker.expectTerminated(queue);
  }

  @Test
  void leadershipIsGivenUpWhenAQueueBreaksForGood() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    queue(group, 0).tell(new Queue.GetBounds(bounds -> {}));
    knocker.expectTerminated(group);
  }

  @Test
  void anElectionThatIsToRetireEnds() {
    ActorRef<LogGroup.Command> electing = start("broker-0");
    TestProbe<QueueReply> asker = kit.createTestProbe();
    electing.tell(new ResolveQueue(new QueueKey("T", 0), asker.getRef()));
    electing.tell(new Retire(appointment.getRef()));
    asker.expectMessageClass(ResolveRefused.class);
    knocker.expectTerminated(electing);
  }

  @Test
  void aLeaderThatIsToRetireServesOnUntilItIsFollowed() {
    ActorRef<LogGroup.Command> group = start("broker-0");
    CommitLog.Lead lead = log.expectMessageClass(CommitLog.Lead.class);
    lead.replyTo().tell(new CommitLog.Leading(7, new FakeLog()));
    group.tell(new Retire(appointment.getRef()));
    appointment.expectMessage(Appointment.Told.MAY_BE_FOLLOWED);

    queue(group, 0);
    group.tell(new Knock(knocker.getRef()));
    knocker.expectMessage(new LeaderAnnouncement("broker-0", 7, group));
    lead.replyTo().tell(new CommitLog.LeadershipEnded(7, "a newer leadership begins"));
    knocker.expectTerminated(group);
  }

  @Test
  void aLeaderThatIsToRetireAndIsNotFollowedEndsAfterAWhile() {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    group.tell(new Retire(appointment.getRef()));
    appointment.expectMessage(Appointment.Told.MAY_BE_FOLLOWED);
    time.timePasses(SETTINGS.successorWait().minusMillis(1));
    queue(group, 0);
    time.timePasses(Duration.ofMillis(1));
    knocker.expectTerminated(group);
  }

  @Test
  void whoIsToRetireIsNotFollowedUntilTheConsumerGroupsHaveSettled() throws InterruptedException {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    List<String> names = groupsAtHomeIn("broker-0", 2);
    consumerGroup(group, names.get(0));

    group.tell(new Retire(appointment.getRef()));
    ConsumerGroup.Settle first = children.settling.poll(10, TimeUnit.SECONDS);
    assertThat(first).isNotNull();
    consumerGroup(group, names.get(1)); // it is to settle, too, whoever asks for it
    ConsumerGroup.Settle second = children.settling.poll(10, TimeUnit.SECONDS);
    assertThat(second).isNotNull();
    first.replyTo().tell(ConsumerGroup.Settled.INSTANCE);
    appointment.expectNoMessage();
    second.replyTo().tell(ConsumerGroup.Settled.INSTANCE);
    appointment.expectMessage(Appointment.Told.MAY_BE_FOLLOWED);
  }

  @Test
  void groupsThatDoNotSettleAreNotWaitedForForEver() throws InterruptedException {
    ActorRef<LogGroup.Command> group = leading("broker-0", 7);
    consumerGroup(group, groupsAtHomeIn("broker-0", 1).get(0));
    group.tell(new Retire(appointment.getRef()));
    assertThat(children.settling.poll(10, TimeUnit.SECONDS)).isNotNull();
    time.timePasses(SETTINGS.handOverMax());
    appointment.expectMessage(Appointment.Told.MAY_BE_FOLLOWED);
  }

  @Test
  void groupsSpreadOverTheLogGroupsAndFewMoveToANewOne() {
    List<String> three = List.of("broker-0", "broker-1", "broker-2");
    List<String> four = List.of("broker-3", "broker-2", "broker-1", "broker-0");
    Map<String, Integer> counts = new HashMap<>();
    Set<String> movedTo = new TreeSet<>();
    int moved = 0;
    for (int i = 0; i < 3000; i++) {
      String before = LogGroup.groupHome("group-" + i, three);
      String after = LogGroup.groupHome("group-" + i, four);
      counts.merge(before, 1, Integer::sum);
      if (!before.equals(after)) {
        moved++;
        movedTo.add(after);
      }
    }
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(800, 1200));
    assertThat(moved).isBetween(600, 900);
    assertThat(movedTo).containsExactly("broker-3");
  }

  private static List<String> groupsAtHomeIn(String logGroup, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; names.size() < count; i++) {
      if (LogGroup.groupHome("G" + i, LOG_GROUPS).equals(logGroup)) {
        names.add("G" + i);
      }
    }
    return names;
  }

  private ActorRef<LogGroup.Command> start(String name) {
    return kit.spawn(
        LogGroup.create(
            new LogGroup.Home(name, LOG_GROUPS, SETTINGS, logGroup -> localLog.get(), children)));
  }

  private void knockUntilTheStashIsFull(ActorRef<LogGroup.Command> group) {
    for (int i = 0; i < SETTINGS.stashMax(); i++) {
      group.tell(new Knock(knocker.getRef()));
    }
  }

  /** What was told before is handled: a question that finds the stash full is answered at once. */
  private void awaitHandled(ActorRef<LogGroup.Command> group) {
    TestProbe<CatalogReply> asker = kit.createTestProbe();
    group.tell(new ResolveCatalog(asker.getRef()));
    asker.expectMessageClass(ResolveRefused.class);
  }

  private ActorRef<LogGroup.Command> leading(String name, long epoch) {
    ActorRef<LogGroup.Command> group = start(name);
    lead(epoch);
    group.tell(new Knock(knocker.getRef()));
    knocker.expectMessage(new LeaderAnnouncement(name, epoch, group));
    return group;
  }

  private void lead(long epoch) {
    log.expectMessageClass(CommitLog.Lead.class)
        .replyTo()
        .tell(new CommitLog.Leading(epoch, new FakeLog()));
  }

  private static void refuse(CommitLog.Lead lead) {
    lead.replyTo().tell(new CommitLog.LeadRefused("not now"));
  }

  private ActorRef<Queue.Command> queue(ActorRef<LogGroup.Command> group, int queueId) {
    TestProbe<QueueReply> asker = kit.createTestProbe();
    group.tell(new ResolveQueue(new QueueKey("T", queueId), asker.getRef()));
    return asker.expectMessageClass(QueueResolved.class).actor();
  }

  private ActorRef<ConsumerGroup.Command> consumerGroup(
      ActorRef<LogGroup.Command> group, String name) {
    TestProbe<ConsumerGroupReply> asker = kit.createTestProbe();
    group.tell(new ResolveConsumerGroup(name, asker.getRef()));
    return asker.expectMessageClass(ConsumerGroupResolved.class).actor();
  }

  private ActorRef<Catalog.Command> catalog(ActorRef<LogGroup.Command> group) {
    TestProbe<CatalogReply> asker = kit.createTestProbe();
    group.tell(new ResolveCatalog(asker.getRef()));
    return asker.expectMessageClass(CatalogResolved.class).actor();
  }
}
