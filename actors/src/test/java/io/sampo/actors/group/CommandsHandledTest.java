package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerSettings;
import io.sampo.actors.consumer.GroupInsight;
import io.sampo.actors.consumer.OffsetKeeping;
import io.sampo.actors.consumer.Popping;
import io.sampo.actors.consumer.QueueLocking;
import io.sampo.actors.transaction.Producers;
import io.sampo.actors.transaction.TransactionChecker;
import io.sampo.actors.transaction.TransactionRequests;
import io.sampo.actors.transaction.TransactionSettings;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.pekko.actor.UnhandledMessage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The compiler doesn't notice when an actor forgets one of its commands. So each actor is sent
 * every command that others may send it, and nothing may be left over.
 */
class CommandsHandledTest {
  private static final QueueKey KEY = new QueueKey("orders", 0);
  private static final GroupQueue QUEUE = new GroupQueue("broker-0", KEY);

  private final ActorTestKit kit =
      ActorTestKit.create(
          PersistenceTestKitPlugin.getInstance()
              .config()
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ConfigFactory.load()));
  private final TestProbe<UnhandledMessage> unhandled = kit.createUnhandledMessageProbe();
  private final TestProbe<CommitLog.Command> log = kit.createTestProbe();
  private final Leadership leadership = new Leadership("broker-0", 1, new FakeLog(), log.getRef());

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void queueHandlesAllItsCommands() {
    assertAllHandled(
        Queue.Command.class,
        Queue.create(KEY, leadership, QueueSettings.from(ConfigFactory.load()), () -> 0).actor(),
        List.of(
            new Queue.Append(List.of(MessageDraft.to(KEY).build()), reply -> {}),
            new Queue.Pull(0, new Queue.PullLimits(1, 1), Queue.EntryFilter.ALL, 0, reply -> {}),
            new Queue.ReadAt(new long[] {0}, 1, reply -> {}),
            Queue.EndWaits.INSTANCE,
            new Queue.GetBounds(reply -> {}),
            new Queue.SearchOffset(0, false, reply -> {})));
  }

  @Test
  void crossQueueWriterHandlesAllItsCommands() {
    assertAllHandled(
        CrossQueueWriter.Command.class,
        CrossQueueWriter.create(leadership, kit.<LogGroup.Command>createTestProbe().getRef(), 10),
        List.of(new CrossQueueWriter.Write(List.of(MessageDraft.to(KEY).build()), reply -> {})));
  }

  @Test
  void recordReaderHandlesAllItsCommands() {
    assertAllHandled(
        RecordReader.Command.class,
        RecordReader.create(new FakeLog(), () -> 0),
        List.of(
            new RecordReader.ReadRecord(0, reply -> {}), new RecordReader.GetExtent(reply -> {})));
  }

  @Test
  void messageFinderHandlesAllItsCommands() {
    assertAllHandled(
        MessageFinder.Command.class,
        MessageFinder.create(new FakeLog(), () -> 0, FinderSettings.from(ConfigFactory.load())),
        List.of(new MessageFinder.Find("orders", "key", false, 0, 1, 1, reply -> {})));
  }

  @Test
  void transactionCheckerHandlesAllItsRequests() {
    assertAllHandled(
        TransactionRequests.Request.class,
        TransactionChecker.create(
            new TransactionChecker.Home(
                "broker-0",
                new FakeLog(),
                kit.<CrossQueueWriter.Command>createTestProbe().getRef(),
                new Producers(1),
                TransactionSettings.from(ConfigFactory.load()),
                () -> 0)),
        List.of(
            new TransactionRequests.StoreHalf(MessageDraft.to(KEY).build(), true, reply -> {}),
            new TransactionRequests.EndHalf(
                0, 0, "PG", TransactionRequests.Outcome.COMMIT, reply -> {}),
            new TransactionRequests.ResumeChecks(0, reply -> {}),
            new TransactionRequests.GetOldestNeeded(reply -> {}),
            new TransactionRequests.GetPending(-1, 1, reply -> {})));
  }

  @Test
  void consumerGroupHandlesAllItsCommands() {
    ConsumerGroup.MemberLink link = group -> {};
    Popping.Wish wish =
        new Popping.Wish("broker-0", "orders", -1, 4, 1, 1_000, 0, false, null, false);
    Popping.Lease lease = new Popping.Lease(QUEUE, 1);
    Popping.Delivery delivery = new Popping.Delivery(0, 1);
    assertAllHandled(
        ConsumerGroup.Command.class,
        ConsumerGroup.create(
            new ConsumerGroup.Identity("broker-0", "billing"),
            new ConsumerGroup.Surroundings(
                ConsumerSettings.from(ConfigFactory.load()),
                () -> 0,
                replyTo -> replyTo.tell(true))),
        List.of(
            new ConsumerGroup.Heartbeat(
                new ConsumerGroup.Member("a", "", 0, 0, "", "", "", Map.of()), link, reply -> {}),
            new ConsumerGroup.Leave("a", link),
            new ConsumerGroup.GetMembers(reply -> {}),
            new ConsumerGroup.GetSubscription("orders", reply -> {}),
            new OffsetKeeping.CommitOffset(QUEUE, 1, reply -> {}),
            new OffsetKeeping.AdvanceOffset(QUEUE, 1),
            new OffsetKeeping.GetOffset(QUEUE, reply -> {}),
            new OffsetKeeping.ResetOffsets(Map.of(QUEUE, 1L), reply -> {}),
            new OffsetKeeping.ForgetOffsets(reply -> {}),
            new OffsetKeeping.CheckPull(QUEUE, 1, reply -> {}),
            new GroupInsight.GetConnections(reply -> {}),
            new GroupInsight.GetOffsets(reply -> {}),
            new GroupInsight.GetTopics(reply -> {}),
            new QueueLocking.LockQueues("a", List.of(QUEUE), reply -> {}),
            new QueueLocking.UnlockQueues("a", List.of(QUEUE), reply -> {}),
            new QueueLocking.AskLocksHeld(reply -> {}),
            new Popping.Pop(wish, reply -> {}),
            new Popping.QueueRead(
                lease, wish, new Popping.Extent(0, 1, 1), new long[] {0}, reply -> {}),
            new Popping.ReadFailed(lease),
            new Popping.WatchEnded(QUEUE, Popping.WatchEnd.QUIET),
            new Popping.Ack(QUEUE, List.of(delivery), reply -> {}),
            new Popping.ChangeInvisible(QUEUE, delivery, 1, reply -> {}),
            new Popping.GiveBack(QUEUE, List.of(delivery)),
            new Popping.SetMode("orders", Popping.Mode.PULL, reply -> {}),
            new Popping.GetMode("orders", reply -> {}),
            new ConsumerGroup.Settle(reply -> {})));
  }

  @Test
  void logGroupHandlesAllItsCommandsWhateverItsState() {
    LogGroupChildren none =
        new LogGroupChildren() {
          @Override
          public Queue.Start queue(QueueKey key, Leadership under) {
            return new Queue.Start(Behaviors.empty(), new QueueGate(under, 0, 1));
          }

          @Override
          public Behavior<ConsumerGroup.Command> consumerGroup(String group, Leadership under) {
            return Behaviors.empty();
          }

          @Override
          public Behavior<LogGroup.PartCommand> part(LogGroup.Part part, PartHome home) {
            return Behaviors.empty();
          }

          @Override
          public Behavior<Catalog.Command> catalog(Leadership under) {
            return Behaviors.empty();
          }
        };
    LogGroup.Home home =
        new LogGroup.Home(
            "broker-0",
            List.of("broker-0"),
            LogGroupSettings.from(ConfigFactory.load()),
            name -> log.getRef(),
            none);
    List<LogGroup.Request> requests =
        List.of(
            new LogGroup.Knock(kit.<LogGroup.LeaderAnnouncement>createTestProbe().getRef()),
            new LogGroup.ResolveQueue(KEY, kit.<LogGroup.QueueReply>createTestProbe().getRef()),
            new LogGroup.ResolveConsumerGroup(
                "billing", kit.<LogGroup.ConsumerGroupReply>createTestProbe().getRef()),
            new LogGroup.ResolvePart(
                LogGroup.Part.RECORDS, kit.<LogGroup.PartReply>createTestProbe().getRef()),
            new LogGroup.ResolveCatalog(kit.<LogGroup.CatalogReply>createTestProbe().getRef()));
    assertAllHandled(LogGroup.Request.class, LogGroup.create(home), requests);
    CommitLog.Lead lead = log.expectMessageClass(CommitLog.Lead.class);
    lead.replyTo().tell(new CommitLog.Leading(1, new FakeLog()));
    // Those above come out of the stash of the first, so the leader has handled them too.
    TestProbe<LogGroup.LeaderAnnouncement> knocker = kit.createTestProbe();
    ActorRef<LogGroup.Command> second = kit.spawn(LogGroup.create(home));
    second.tell(new LogGroup.Knock(knocker.getRef()));
    log.expectMessageClass(CommitLog.Lead.class)
        .replyTo()
        .tell(new CommitLog.Leading(2, new FakeLog()));
    knocker.expectMessageClass(LogGroup.LeaderAnnouncement.class);
    unhandled.expectNoMessage();
  }

  private <C> void assertAllHandled(
      Class<C> protocol, Behavior<? super C> actor, List<? extends C> commands) {
    assertThat(commands)
        .as("a sample of each command")
        .extracting(Object::getClass)
        .containsExactlyInAnyOrderElementsOf(publicCommands(protocol).toList());
    ActorRef<? super C> ref = spawn(actor);
    commands.forEach(ref::tell);
    unhandled.expectNoMessage();
  }

  private <T> ActorRef<T> spawn(Behavior<T> actor) {
    return kit.spawn(actor);
  }

  private static Stream<Class<?>> publicCommands(Class<?> protocol) {
    return Arrays.stream(protocol.getPermittedSubclasses())
        .filter(type -> Modifier.isPublic(type.getModifiers()))
        .flatMap(
            type -> {
              if (type == ConsumerGroup.LockCommand.class) { // open, for what is private
                return publicCommands(QueueLocking.LockRequest.class);
              } else if (type == ConsumerGroup.OffsetCommand.class) {
                return publicCommands(OffsetKeeping.Request.class);
              } else if (type == ConsumerGroup.PopCommand.class) {
                return publicCommands(Popping.Request.class);
              } else if (type == ConsumerGroup.InsightCommand.class) {
                return publicCommands(GroupInsight.Question.class);
              }
              return Stream.of(type);
            });
  }
}
