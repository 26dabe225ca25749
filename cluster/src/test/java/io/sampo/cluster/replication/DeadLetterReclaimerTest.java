package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.record.QueueKey;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DeadLetterReclaimerTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("dead-letters", ConfigFactory.load());
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration BRIEFLY = Duration.ofMillis(100);

  private final CountedDrafts drafts = new CountedDrafts();
  private final TestProbe<AppendReply> client = TEST_KIT.createTestProbe();
  private final Counted counted = new Counted(new AtomicInteger());

  private record Counted(AtomicInteger undeliveredCount) implements Undeliverable {
    @Override
    public void undelivered() {
      undeliveredCount.incrementAndGet();
    }
  }

  /** Fails when it is given back, as one with a bug would. */
  private enum Faulty implements Undeliverable {
    INSTANCE;

    @Override
    public void undelivered() {
      throw new IllegalStateException("a buffer was released twice");
    }
  }

  @BeforeAll
  static void startTheReclaimer() {
    TEST_KIT.spawn(DeadLetterReclaimer.create());
    Counted first = new Counted(new AtomicInteger());
    ActorRef<Object> stopped = stopped();
    TEST_KIT
        .createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              stopped.tell(first);
              return assertThat(first.undeliveredCount()).hasPositiveValue();
            });
  }

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
  }

  @Test
  void givesACommandToAStoppedActorBackOnce() {
    ActorRef<Object> stopped = stopped();

    stopped.tell(
        new Append(
            1,
            List.of(drafts.draft(new QueueKey("orders", 0), "nobody reads this")),
            null,
            client.getRef()::tell));

    client.expectMessage(SOON, AppendRefused.NOT_LEADING);
    client.expectNoMessage(BRIEFLY);
    drafts.assertEachReleasedOnce();
  }

  @Test
  void looksIntoTheEnvelopesOfSharding() {
    stopped().tell(new ShardingEnvelope<>("broker-0", counted));

    assertUndeliveredOnce();
  }

  @Test
  void looksIntoWhatAMessageAdapterMade() {
    TestProbe<ActorRef<Counted>> adapters = TEST_KIT.createTestProbe();
    ActorRef<Object> actor =
        TEST_KIT.spawn(
            Behaviors.<Object>setup(
                context -> {
                  adapters.getRef().tell(context.messageAdapter(Counted.class, c -> c));
                  return Behaviors.receiveMessage(message -> Behaviors.stopped());
                }));
    ActorRef<Counted> adapter = adapters.receiveMessage(SOON);
    actor.tell("stop");
    adapters.expectTerminated(actor, SOON);

    adapter.tell(counted);

    assertUndeliveredOnce();
  }

  @Test
  void goesOnAfterACommandThatFailsToBeGivenBack() {
    stopped().tell(Faulty.INSTANCE);

    stopped().tell(counted);

    assertUndeliveredOnce();
  }

  @Test
  void leavesWhatTheReceiverTookAlone() {
    TestProbe<Object> living = TEST_KIT.createTestProbe();

    living.getRef().tell(counted);

    living.expectMessage(SOON, counted);
    client.expectNoMessage(BRIEFLY);
    assertThat(counted.undeliveredCount()).hasValue(0);
  }

  private void assertUndeliveredOnce() {
    client.awaitAssert(SOON, () -> assertThat(counted.undeliveredCount()).hasPositiveValue());
    client.expectNoMessage(BRIEFLY);
    assertThat(counted.undeliveredCount()).hasValue(1);
  }

  private static ActorRef<Object> stopped() {
    ActorRef<Object> actor = TEST_KIT.spawn(Behaviors.stopped());
    TEST_KIT.createTestProbe().expectTerminated(actor, SOON);
    return actor;
  }
}
