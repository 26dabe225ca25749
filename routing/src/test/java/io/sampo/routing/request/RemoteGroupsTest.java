package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GetMembers;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.Heartbeat;
import io.sampo.actors.consumer.ConsumerGroup.Leave;
import io.sampo.actors.consumer.ConsumerGroup.Members;
import io.sampo.actors.consumer.Popping;
import io.sampo.actors.consumer.Popping.NothingPopped;
import io.sampo.actors.consumer.Popping.PopReply;
import io.sampo.actors.group.LeaderDirectory;
import io.sampo.actors.group.Leaders;
import io.sampo.actors.group.LocalQueues;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.LogGroup.ConsumerGroupResolved;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.ResolveConsumerGroup;
import io.sampo.actors.group.LogGroup.ResolveRefused;
import io.sampo.actors.group.Queue;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two actor systems that talk over Artery: clients are connected to one, the log group is led on
 * the other. The test plays the log group and the consumer group there.
 */
class RemoteGroupsTest {
  private static final ActorTestKit HERE = kit("here");
  private static final ActorTestKit THERE = kit("there");
  private static final QueueKey QUEUE = new QueueKey("T", 0);

  private final TestProbe<LogGroup.Command> leader = THERE.createTestProbe(LogGroup.Command.class);
  private final TestProbe<ConsumerGroup.Command> group =
      THERE.createTestProbe(ConsumerGroup.Command.class);
  private final LeaderDirectory directory = new LeaderDirectory();
  private final ActorRef<LeaderResolver.Command> resolver =
      HERE.spawn(LeaderResolver.create(directory, Duration.ofSeconds(5)));
  private final RemoteGroups remote =
      new RemoteGroups(new KitSpawner(HERE), Duration.ofSeconds(30), 2);
  private final LeaderCache leaders = leaders(Duration.ofSeconds(60));
  private final List<Object> replies = new CopyOnWriteArrayList<>();

  private LeaderCache leaders(Duration patience) {
    return new LeaderCache(
        List.of("broker-0"), resolver, LocalQueues.get(HERE.system()), remote, 100, patience);
  }

  private static ActorTestKit kit(String name) {
    return ActorTestKit.create(
        name,
        ConfigFactory.parseString(
                "pekko.actor.provider = remote, pekko.remote.artery.canonical.port = 0,"
                    + " pekko.remote.artery.canonical.hostname = 127.0.0.1,"
                    + " pekko.remote.use-unsafe-remote-features-outside-cluster = on,"
                    + " pekko.remote.watch-failure-detector.acceptable-heartbeat-pause = 3s,"
                    + " pekko.remote.warn-about-direct-use = off")
            .withFallback(
                ConfigFactory.parseResources("node-pekko.conf").withOnlyPath("pekko.remote.artery"))
            .withFallback(ConfigFactory.load()));
  }

  @AfterAll
  static void stop() {
    HERE.shutdownTestKit();
    THERE.shutdownTestKit();
  }

  /** As a reference looks like that came from the other node. */
  private static <T> ActorRef<T> seenFromHere(ActorRef<T> there) {
    String path = ActorRefResolver.get(THERE.system()).toSerializationFormat(there);
    return ActorRefResolver.get(HERE.system()).resolveActorRef(path);
  }

  @BeforeEach
  void theLogGroupIsLedThere() {
    Leaders.announce(
        directory, new LeaderAnnouncement("broker-0", 1, seenFromHere(leader.getRef())));
  }

  private void theGroupIsFound() {
    isFound(group);
  }

  private void isFound(TestProbe<ConsumerGroup.Command> actor) {
    ResolveConsumerGroup question = leader.expectMessageClass(ResolveConsumerGroup.class);
    question.replyTo().tell(new ConsumerGroupResolved(question.group(), actor.getRef()));
  }

  private void awaitReplies(Object... expected) {
    group.awaitAssert(
        () -> {
          assertThat(replies).containsExactly(expected);
          return null;
        });
  }

  @Test
  void aQuestionIsAnsweredOverTheNetwork() {
    leaders.tellGroup("G", new GetMembers(replies::add));
    theGroupIsFound();
    group.expectMessageClass(GetMembers.class).replyTo().tell(new Members(List.of("a", "b")));

    awaitReplies(new Members(List.of("a", "b")));
  }

  @Test
  void aLongListOfMembersIsNoTooLongMessage() {
    ActorTestKit node = kit("node");
    try {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 4096; i++) {
        ids.add("10.0.0.1@" + i + "x".repeat(240));
      }
      RemoteGroups ofNode = RemoteGroups.start(node.system(), Duration.ofSeconds(30), 10);
      String path = ActorRefResolver.get(THERE.system()).toSerializationFormat(group.getRef());
      ofNode.tell(
          ActorRefResolver.get(node.system()).resolveActorRef(path), new GetMembers(replies::add));
      group.expectMessageClass(GetMembers.class).replyTo().tell(new Members(ids));

      awaitReplies(new Members(ids));
    } finally {
      node.shutdownTestKit();
    }
  }

  @Test
  void aPopIsAnsweredInSeveralSteps() {
    Popping.Wish wish = new Popping.Wish("broker-0", "T", -1, 4, 1, 1, 0, false, null, false);
    leaders.tellGroup("G", new Popping.Pop(wish, replies::add));
    theGroupIsFound();
    Popping.Pop pop = group.expectMessageClass(Popping.Pop.class);
    PopReply watch = new Popping.WatchQueue(new GroupQueue("broker-0", QUEUE), 7);
    pop.replyTo().tell(watch);
    pop.replyTo().tell(NothingPopped.WAIT_OVER);
    pop.replyTo().tell(NothingPopped.LEASE_LOST);
    leaders.tellGroup("G", new GetMembers(replies::add));
    group.expectMessageClass(GetMembers.class).replyTo().tell(new Members(List.of()));

    assertThat(pop.wish()).isEqualTo(wish);
    awaitReplies(watch, NothingPopped.WAIT_OVER, new Members(List.of()));
  }

  @Test
  void whatAGroupThatStopsWasAskedIsAskedAgain() {
    leaders.tellGroup("G", new GetMembers(replies::add));
    leaders.tellGroup("G", new GetMembers(replies::add));
    theGroupIsFound();
    group.receiveSeveralMessages(2);
    group.stop();
    leader
        .expectMessageClass(ResolveConsumerGroup.class)
        .replyTo()
        .tell(new ResolveRefused("the log group moves", true));
    TestProbe<ConsumerGroup.Command> next = THERE.createTestProbe(ConsumerGroup.Command.class);
    isFound(next);
    for (ConsumerGroup.Command asked : next.receiveSeveralMessages(2)) {
      ((GetMembers) asked).replyTo().tell(new Members(List.of("a")));
    }

    awaitReplies(new Members(List.of("a")), new Members(List.of("a")));
    leader.expectNoMessage();
  }

  @Test
  void whoWaitedLongEnoughHearsThatTheGroupStopped() {
    leaders(Duration.ZERO).tellGroup("G", new GetMembers(replies::add));
    theGroupIsFound();
    group.expectMessageClass(GetMembers.class);
    group.stop();

    awaitReplies(GroupRefused.NOT_LEADING);
  }

  @Test
  void aGroupThatStopsEachTimeIsAskedThreeTimes() {
    leaders.tellGroup("G", new GetMembers(replies::add));
    for (int i = 0; i < 3; i++) {
      TestProbe<ConsumerGroup.Command> next = THERE.createTestProbe(ConsumerGroup.Command.class);
      isFound(next);
      GetMembers asked = next.expectMessageClass(GetMembers.class);
      asked.replyTo().tell(GroupRefused.NOT_LEADING);
    }

    awaitReplies(GroupRefused.NOT_LEADING);
  }

  @Test
  void moreQuestionsThanMayWaitAreRefusedAtOnce() {
    for (int i = 0; i < 3; i++) {
      leaders.tellGroup("G", new GetMembers(replies::add));
    }
    theGroupIsFound();
    awaitReplies(GroupRefused.TOO_MANY_WAITING);
    List<ConsumerGroup.Command> asked = group.receiveSeveralMessages(2);
    asked.forEach(question -> ((GetMembers) question).replyTo().tell(new Members(List.of("a"))));
    awaitReplies(
        GroupRefused.TOO_MANY_WAITING, new Members(List.of("a")), new Members(List.of("a")));

    leaders.tellGroup("G", new GetMembers(reply -> {}));
    group.expectMessageClass(GetMembers.class);
  }

  @Test
  void whatIsNeverAnsweredIsRefusedInTheEnd() {
    leaders(Duration.ZERO).tellGroup("G", new GetMembers(replies::add));
    theGroupIsFound();
    group.expectMessageClass(GetMembers.class);
    remote.sweep(System.nanoTime());
    assertThat(replies).isEmpty();
    remote.sweep(System.nanoTime() + Duration.ofSeconds(31).toNanos());

    assertThat(replies).containsExactly(GroupRefused.NOT_LEADING);
  }

  @Test
  void whatHoldsBodiesIsRefusedInsteadOfSent() {
    List<Queue.BoundsReply> bounds = new CopyOnWriteArrayList<>();
    leaders.tellQueue("broker-0", QUEUE, new Queue.GetBounds(bounds::add));

    group.awaitAssert(
        () -> {
          assertThat(bounds).containsExactly(Queue.ReadRefused.NOT_LEADING);
          return null;
        });
    leader.expectNoMessage();
  }

  @Test
  void aClientHereIsAMemberThere() {
    FakeNode node = new FakeNode(HERE, FakeNode.settings(true), leaders);
    node.catalog.putGroup("G");
    TestClient client = node.connect();
    client.send(
        RequestCode.HEART_BEAT, CommandHeader.NONE, MembersAndRoutesTest.heartbeat("c1", "G"));
    theGroupIsFound();
    Heartbeat heartbeat = group.expectMessageClass(Heartbeat.class);
    assertThat(heartbeat.member().clientId()).isEqualTo("c1");
    heartbeat.replyTo().tell(ConsumerGroup.Joined.INSTANCE);
    heartbeat.link().groupChanged("G");
    heartbeat.link().offsetsReset("G");
    List<TestClient.Answer> told = new ArrayList<>();
    group.awaitAssert(
        () -> {
          told.addAll(client.answers());
          assertThat(told)
              .extracting(TestClient.Answer::code)
              .containsExactlyInAnyOrder(
                  ResponseCode.SUCCESS, RequestCode.NOTIFY_CONSUMER_IDS_CHANGED);
          return null;
        });
    node.close();

    assertThat(group.expectMessageClass(Leave.class)).isEqualTo(new Leave("c1", heartbeat.link()));
  }
}
